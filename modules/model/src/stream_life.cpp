// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/model/stream_life.hpp"

namespace annals::model {
namespace {

std::string joined(std::string_view front, std::string_view back) {
    std::string text;
    text.reserve(front.size() + back.size());
    text.append(front).append(back);
    return text;
}

}  // namespace

std::string_view type_of(LifeChange change) {
    switch (change) {
        case LifeChange::kMetadata:
            return kMetadataType;
        case LifeChange::kDelete:
            return kDeletedType;
        case LifeChange::kTombstone:
            return kTombstonedType;
    }
    return {};
}

std::optional<LifeChange> life_change_of(std::string_view stream, std::string_view type) {
    if (!is_metadata_stream(stream)) return std::nullopt;
    for (const LifeChange change :
         {LifeChange::kMetadata, LifeChange::kDelete, LifeChange::kTombstone}) {
        if (type == type_of(change)) return change;
    }
    return std::nullopt;
}

std::string metadata_stream_of(std::string_view stream) { return joined("$$", stream); }

std::string_view subject_of(std::string_view metadata_stream) {
    return is_metadata_stream(metadata_stream) ? metadata_stream.substr(2) : std::string_view();
}

std::string category_stream_of(std::string_view category) { return joined("$category-", category); }

std::string deletion_tag_of(std::string_view stream) { return joined("$deleted:", stream); }

}  // namespace annals::model
