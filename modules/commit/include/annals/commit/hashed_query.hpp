// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "annals/model/query.hpp"

namespace annals::commit {

/// A type or a tag as the rules compare it: codec::hash64 of its text. Two of a namespace's terms
/// meet by chance once in 2^64 pairs; a query check is then refused without need, never passed.
using TermHash = std::uint64_t;

/// One item of a query over hashed terms: any of the types (none named: every type), all the tags.
struct HashedItem {
    boost::container::small_vector<TermHash, 4> types;
    boost::container::small_vector<TermHash, 4> tags;
};

/// model::Query with hashed terms, made once by the caller's thread.
struct HashedQuery {
    std::vector<HashedItem> items;
};

HashedQuery hash_query(const model::Query& query);

/// Whether an event of this type with these tags meets the item; the same as model::matches.
bool matches(const HashedItem& item, TermHash type, std::span<const TermHash> tags);
bool matches(const HashedQuery& query, TermHash type, std::span<const TermHash> tags);

}  // namespace annals::commit
