// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace annals::model {

/// What an event of a stream's metadata stream does to the stream (docs/adr/0007).
enum class LifeChange : std::uint8_t {
    kMetadata,   ///< says how it is shown; a deleted stream is live again
    kDelete,     ///< soft: the name can be used again, its revisions go on
    kTombstone,  ///< for ever
};

inline constexpr std::string_view kMetadataType = "$metadata";
inline constexpr std::string_view kDeletedType = "$deleted";
inline constexpr std::string_view kTombstonedType = "$tombstoned";

/// Type of the event that makes the change.
std::string_view type_of(LifeChange change);
/// What an event of this stream and type does; nothing when it is no such event.
std::optional<LifeChange> life_change_of(std::string_view stream, std::string_view type);

/// `$$order-1` of `order-1`.
std::string metadata_stream_of(std::string_view stream);
inline bool is_metadata_stream(std::string_view stream) {
    return stream.size() > 2 && stream.starts_with("$$");
}
/// `order-1` of `$$order-1`; empty when the name is no metadata stream's.
std::string_view subject_of(std::string_view metadata_stream);

/// The stream whose metadata are the defaults of a category: `$category-order` of `order`.
std::string category_stream_of(std::string_view category);

/// Tag by which the deletions of a stream are found.
std::string deletion_tag_of(std::string_view stream);

}  // namespace annals::model
