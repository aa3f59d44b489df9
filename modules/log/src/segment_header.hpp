// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "annals/base/named_type.hpp"
#include "annals/base/result.hpp"
#include "annals/base/uuid.hpp"

namespace annals::log::detail {

inline constexpr std::uint32_t kFormatVersion = 1;
/// Required features that this program knows; any other bit refuses to open.
inline constexpr std::uint32_t kKnownRequiredFlags = 0;
/// Required feature of a segment: scavenging left stubs in it.
inline constexpr std::uint32_t kSegmentHasStubs = 1;
/// Required feature of a segment: its stubs say when they were made, and it may have removed
/// ranges.
inline constexpr std::uint32_t kSegmentHasRanges = 2;
inline constexpr std::uint32_t kKnownSegmentFlags = kKnownRequiredFlags | kSegmentHasStubs |
                                                    kSegmentHasRanges;

/// First 4096 bytes of a segment (docs/formats/log.md): where it stands in the log, and the state
/// before it.
struct SegmentHeader {
    static constexpr std::size_t kBytes = 4096;

    std::uint32_t required_flags = 0;
    std::uint32_t optional_flags = 0;
    std::uint32_t incarnation = 1;
    Uuid log_id;
    std::uint64_t sequence = 1;
    Position first_position{1};
    std::uint64_t chain = 0;           ///< before the first event
    TimeNs last_time;                  ///< highest recorded time before it
    std::uint64_t last_group = 0;      ///< number of the last group before it
    std::uint32_t last_group_crc = 0;  ///< header checksum of that group
    std::uint32_t key_id = 0;

    [[nodiscard]] bool has_stubs() const { return (required_flags & kSegmentHasStubs) != 0; }
    [[nodiscard]] bool has_ranges() const { return (required_flags & kSegmentHasRanges) != 0; }
};

std::string encode_segment_header(const SegmentHeader& header);
/// data_loss when the bytes are not a whole header, unsupported_format when a newer annals wrote
/// it.
Result<SegmentHeader> decode_segment_header(std::string_view bytes, const std::string& path);

/// `00000000000000000001.seg`.
std::string segment_name(Position first_position);
/// Nothing when the name is not a segment's.
std::optional<Position> parse_segment_name(std::string_view name);

}  // namespace annals::log::detail
