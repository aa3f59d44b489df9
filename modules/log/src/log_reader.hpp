// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "annals/log/segment_log.hpp"

#include "compressed_body.hpp"
#include "log_core.hpp"
#include "removed_range.hpp"

namespace annals::log {

/// Body of LogReader: a snapshot of the segments, the mappings in use, and unpacked blocks.
struct LogReader::State {
    explicit State(std::shared_ptr<detail::LogCore> shared);

    Result<StoredEvent> at(Position position);
    void prefetch(std::span<const Position> positions);
    Result<StoredAppend> append_of(const StoredEvent& event);
    /// Chain after an event, by walking back from the end of its group; where damage lies on that
    /// way, forwards from the group's beginning, or back from the event behind it.
    Result<std::uint64_t> chain_at(Position position);
    /// Remembers what at() met there, if the error tells of damage.
    void note_damage(Position position, const Error& error);

  private:
    /// Makes the segment that holds the position the current one and returns the table's entry.
    Result<std::uint32_t> locate(Position position);
    Status seek(Position position);
    void refresh();
    [[nodiscard]] Error damage(std::uint64_t offset, std::string_view what) const;
    [[nodiscard]] Error damage_in(
        const std::string& segment, std::uint64_t offset, std::string_view what
    ) const;
    /// Of a position that has no place: as far as is known, where it was.
    [[nodiscard]] Error lost(Position position) const;

    /// Of the group that holds the event, which is not folded.
    Result<std::uint64_t> group_header_at(Position position);
    Result<std::uint64_t> chain_from_group_end(Position position);
    Result<std::uint64_t> chain_from_group_begin(Position position);

    Result<StoredEvent> plain_event(Position position, std::uint64_t offset);
    Result<StoredEvent> event_of(
        const detail::CheckedRecord& record, Position position, std::string_view append
    );

    /// A removed range, by its place: in compressed groups that of the record in the body counts.
    struct RangePlace {
        std::uint64_t offset = 0;
        std::uint32_t in_body = 0;
        bool operator==(const RangePlace&) const = default;
    };
    Result<StoredEvent> range_event(Position position, RangePlace place, std::string_view bytes);
    Result<StoredAppend> range_append_of(const StoredEvent& event);

    struct PackedGroup {
        std::uint64_t offset = 0;
        std::uint32_t ordinal = 0;
        detail::CompressedBody body;
    };
    Result<PackedGroup> packed_group(Position position, std::uint64_t offset) const;
    Result<std::string_view> unpacked(
        const PackedGroup& group, std::uint64_t at, std::size_t bytes
    );
    Result<std::string_view> unpacked_record(const PackedGroup& group, std::uint64_t at);
    Result<StoredEvent> packed_event(Position position, std::uint64_t offset);
    Result<StoredAppend> packed_append_of(const StoredEvent& event, std::uint64_t offset);
    void hold(std::shared_ptr<const std::string> bytes);

    struct Block {
        const detail::SegmentMapping* mapping = nullptr;
        std::uint64_t group_offset = 0;
        std::uint32_t number = 0;
        std::shared_ptr<const std::string> bytes;
    };

    std::shared_ptr<detail::LogCore> core_;
    std::shared_ptr<const detail::SegmentList> list_;
    std::vector<std::shared_ptr<const detail::SegmentMapping>> mappings_;  // by index in the list
    std::vector<std::shared_ptr<const detail::SegmentMapping>>
        former_;  // of former lists: views live on
    // the current segment
    const detail::Segment* segment_ = nullptr;
    const detail::SegmentMapping* mapping_ = nullptr;
    Position first_;
    Position end_;
    mutable std::string fault_;  ///< of the last damage
    // the event that was read last
    std::uint32_t frame_crc_ = 0;
    std::uint32_t payload_crc_ = 0;
    // the removed range that was read last
    struct Range {
        const detail::SegmentMapping* mapping = nullptr;
        RangePlace place;
        std::string record;  ///< the range has views into it
        detail::RemovedRange range;
    };
    std::shared_ptr<const Range> range_;
    // of compressed groups
    std::vector<Block> blocks_;
    std::size_t next_block_ = 0;
    std::vector<std::shared_ptr<const std::string>> held_;
    std::size_t next_held_ = 0;
};

}  // namespace annals::log
