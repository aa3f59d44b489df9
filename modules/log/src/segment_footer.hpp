// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/named_type.hpp"
#include "annals/base/result.hpp"
#include "annals/log/file_system.hpp"

#include "merkle_tree.hpp"

namespace annals::log::detail {

/// What a sealed segment says of itself behind its groups (docs/formats/log.md).
struct SegmentFooter {
    static constexpr std::size_t kTrailerBytes = 64;

    std::uint64_t sequence = 0;
    Position first_position;
    std::uint64_t events = 0;
    std::uint64_t groups = 0;
    std::uint64_t appends = 0;
    TimeNs first_time;
    TimeNs last_time;  ///< of the log up to here; the header's when the segment has no events
    std::uint64_t chain = 0;
    std::uint64_t last_group = 0;
    std::uint32_t last_group_crc = 0;
    std::uint64_t removed_events = 0;  ///< of which a stub is left
    std::uint64_t folded_events = 0;   ///< in removed ranges
    TimeNs scavenged_time;             ///< of the last one; 0: never
    bool has_tree = false;
    std::vector<TreeRoot> roots;
    TreeFrontier frontier;

    // Where things lie in the file; set by encode and read.
    std::uint64_t table_offset = 0;   ///< position table: u32 an event
    std::uint64_t footer_offset = 0;  ///< end of the groups
    std::uint32_t table_crc = 0;
    std::uint64_t file_bytes = 0;
};

/// Footer, table and trailer as they lie from `groups_end` to the end of the file.
std::string encode_segment_footer(
    SegmentFooter& footer, std::uint64_t groups_end, const std::vector<std::uint32_t>& table
);

/// Reads trailer and footer (not the table) of a file. Nothing when there is no whole one: the
/// segment is not sealed.
Result<std::optional<SegmentFooter>> read_segment_footer(const File& file);

}  // namespace annals::log::detail
