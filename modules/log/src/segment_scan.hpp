// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/uuid.hpp"
#include "annals/log/segment_log.hpp"

#include "group_header.hpp"
#include "segment_header.hpp"

namespace annals::log::detail {

/// Where the log stands between two groups.
struct LogState {
    Position last_position;
    TimeNs last_time;
    std::uint64_t chain = 0;
    std::uint64_t group = 0;      ///< number of the last group
    std::uint32_t group_crc = 0;  ///< its header's checksum
};

/// The state that a segment's header says was before it.
LogState state_before(const SegmentHeader& header);

struct ScanOptions {
    std::string segment;  ///< name, for damages
    Uuid log_id;
    /// Header of the following segment: the groups end where it begins. Null: the last segment.
    const SegmentHeader* next = nullptr;
};

/// Told of each whole event in order: its position, the entry for the position table and the
/// record's bytes, which those of a removed range share. Positions that were lost to damage are
/// left out.
using EventVisitor = std::function<void(Position, std::uint32_t entry, std::string_view record)>;

struct SegmentScan {
    LogState end;                  ///< after the last whole group
    std::uint64_t groups_end = 0;  ///< byte behind it
    std::uint64_t groups = 0;
    std::uint64_t appends = 0;
    std::uint64_t events = 0;
    std::uint64_t stubs = 0;   ///< of them, those whose payload is gone
    std::uint64_t folded = 0;  ///< of them, those in removed ranges
    TimeNs first_time;
    std::uint64_t durable_group = 0;  ///< highest group that a later one says is durable
    std::uint64_t unproven_offset =
        0;  ///< of the first group that none does (groups_end when there is none)
    std::uint64_t unproven_groups = 0;
    LogState before_unproven;
    std::uint64_t behind_groups = 0;  ///< whole group headers behind groups_end
    std::uint64_t behind_end =
        0;  ///< byte behind the last one that is not zero; groups_end when all are
    bool is_end_damaged =
        false;  ///< damage, and no whole group behind it: the log's end is not known
    std::vector<Damage> damages;
};

/// Walks over all groups of a segment's bytes and checks everything in them. A bad group is damage
/// when a later group's durable number covers it, or when another segment follows; then the walk
/// goes on at the next whole group. Otherwise it is where a tear begins, and the walk ends before
/// it.
SegmentScan scan_segment(
    std::string_view bytes,
    const SegmentHeader& header,
    const ScanOptions& options,
    const EventVisitor& visit
);

}  // namespace annals::log::detail
