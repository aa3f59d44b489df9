// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/commit/hashed_query.hpp"

#include <algorithm>

#include "annals/codec/checksum.hpp"

namespace annals::commit {

HashedQuery hash_query(const model::Query& query) {
    HashedQuery hashed;
    hashed.items.reserve(query.items.size());
    for (const model::QueryItem& item : query.items) {
        HashedItem& out = hashed.items.emplace_back();
        for (const std::string& type : item.types) out.types.push_back(codec::hash64(type));
        for (const std::string& tag : item.tags) out.tags.push_back(codec::hash64(tag));
    }
    return hashed;
}

bool matches(const HashedItem& item, TermHash type, std::span<const TermHash> tags) {
    const bool is_type = item.types.empty() ||
                         std::find(item.types.begin(), item.types.end(), type) != item.types.end();
    return is_type && std::all_of(item.tags.begin(), item.tags.end(), [&](TermHash tag) {
               return std::find(tags.begin(), tags.end(), tag) != tags.end();
           });
}

bool matches(const HashedQuery& query, TermHash type, std::span<const TermHash> tags) {
    return std::any_of(query.items.begin(), query.items.end(), [&](const HashedItem& item) {
        return matches(item, type, tags);
    });
}

}  // namespace annals::commit
