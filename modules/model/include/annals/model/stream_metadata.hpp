// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "annals/base/named_type.hpp"
#include "annals/base/result.hpp"

namespace annals::model {

/// What is said about a stream (docs/adr/0007).
struct StreamMetadata {
    /// Seconds, at least 1: older events are not shown.
    std::optional<std::uint64_t> max_age_s = {};
    /// At least 1: only so many of the newest events are shown.
    std::optional<std::uint64_t> max_count = {};
    /// Events below it are not shown.
    std::optional<Revision> truncate_before = {};
    /// Key of a tag: of events with the same `<key>:…` tag only the last survives a scavenge.
    /// Empty: all do.
    std::string compact_by = {};
    /// Free keys: a JSON object, kept byte for byte. Empty: none (an object without keys comes back
    /// empty).
    std::string custom = {};

    bool operator==(const StreamMetadata&) const = default;
};

/// One below the signed 64-bit number that means `deleted` in KurrentDB's `$tb`.
inline constexpr std::uint64_t kMetadataNumberMax = 9'223'372'036'854'775'806;

/// invalid_argument or limit_exceeded with the field (`<field>.max_count`), the value and what is
/// accepted.
Status check_stream_metadata(const StreamMetadata& metadata, std::string_view field = "metadata");

/// As the data of a `$metadata` event: one JSON object, `$maxAge`, `$maxCount`, `$tb`, `$compactBy`
/// first, then the free keys as they are. For metadata that passed the check.
std::string format_stream_metadata(const StreamMetadata& metadata);
/// The other way round. What is no JSON object counts as empty, and so does a reserved key with a
/// value that cannot be its own (kurrentdb 5.6).
StreamMetadata parse_stream_metadata(std::string_view json);

/// What holds for a stream: its own words, and its category's where it has none. Truncation and
/// free keys are each stream's own.
StreamMetadata with_defaults(StreamMetadata own, const StreamMetadata& category);

}  // namespace annals::model
