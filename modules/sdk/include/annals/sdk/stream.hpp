// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "annals/base/named_type.hpp"

namespace annals {

/// What there is to say about a stream.
struct StreamInfo {
    std::string name;
    std::uint64_t events = 0;  ///< that are shown
    Revision first_revision;   ///< of these
    Revision last_revision;
    Position last_position;
    TimeNs first_time;
    TimeNs last_time;
    bool is_deleted = false;  ///< softly: the next event begins it anew
};

/// What is said about a stream, or about all streams of a category.
struct StreamMetadata {
    std::optional<std::chrono::seconds> max_age = {};  ///< older events are not shown
    std::optional<std::uint64_t> max_count = {};       ///< only so many of the newest are shown
    std::optional<Revision> truncate_before = {};      ///< events below it are not shown
    /// Key of a tag: of events with the same such tag only the last survives when space is freed.
    std::string compact_by = {};
    std::string custom = {};  ///< a JSON object of the user's own, at most 64 KiB; empty: none

    bool operator==(const StreamMetadata&) const = default;
};

/// What was said, and what holds.
struct StreamMetadataInfo {
    StreamMetadata written;
    StreamMetadata effective;          ///< with the category's defaults and what soft deletes hide
    std::optional<Revision> revision;  ///< of the metadata; nothing: it was never written
    bool is_deleted = false;           ///< the stream, softly
};

}  // namespace annals
