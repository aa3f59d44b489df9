// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/result.hpp"
#include "annals/log/file_system.hpp"
#include "annals/log/segment_log.hpp"

#include "segment_scan.hpp"

namespace annals::log::detail {

/// The file `CLEAN`, left by an orderly close: all that the next opening would find by scanning the
/// last segment. It is taken away, durably, before the first new byte; and it is believed only
/// where nothing lies behind its end.
struct CleanEnd {
    static constexpr std::string_view kName = "CLEAN";

    std::uint64_t sequence = 0;    ///< of the segment
    std::uint64_t groups_end = 0;  ///< byte behind its last group
    std::uint64_t last_group_offset =
        0;  ///< of the mark that ends it; 0 when the segment has no group
    std::uint64_t groups = 0;
    std::uint64_t appends = 0;
    TimeNs first_time;
    LogState state;
    std::vector<std::uint32_t> table;
};

/// Where the segments end.
struct FoundEnd {
    Position last_position;
    std::string segment;           ///< the last one's name; empty: there is none
    std::uint64_t groups_end = 0;  ///< in it
};

std::string encode_clean_end(const CleanEnd& clean, const Uuid& log_id);
/// Nothing when the bytes are not a whole one of this log.
std::optional<CleanEnd> decode_clean_end(std::string_view bytes, const Uuid& log_id);

/// What CLEAN proves to be gone where the log's segments end before it does: it was durable before
/// the file was written, and the file goes before anything else comes. `groups_end` is the byte in
/// the last segment behind which nothing was found.
Result<std::optional<Damage>> find_lost_end(
    FileSystem& files, const std::string& directory, const Uuid& log_id, const FoundEnd& found
);

}  // namespace annals::log::detail
