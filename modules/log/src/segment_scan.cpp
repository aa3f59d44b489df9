// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "segment_scan.hpp"

#include <algorithm>

#include "annals/codec/checksum.hpp"
#include "annals/codec/wire.hpp"

#include "append_record.hpp"
#include "chain.hpp"
#include "compressed_body.hpp"
#include "event_frame.hpp"
#include "position_table.hpp"
#include "removed_range.hpp"

namespace annals::log::detail {
namespace {

/// The walk itself; scan_segment() is its door.
class Scanner {
  public:
    Scanner(
        std::string_view bytes,
        const SegmentHeader& header,
        const ScanOptions& options,
        const EventVisitor& visit
    )
        : bytes_(bytes),
          has_stubs_(header.has_stubs()),
          has_ranges_(header.has_ranges()),
          options_(options),
          visit_(visit) {
        scan_.end = state_before(header);
        scan_.before_unproven = scan_.end;
        scan_.groups_end = SegmentHeader::kBytes;
        scan_.durable_group = header.last_group;
        scan_.unproven_offset = SegmentHeader::kBytes;
    }

    SegmentScan run() {
        while (!is_complete()) {
            const char* fault = take_group(scan_.groups_end, false);
            if (fault == nullptr) continue;
            if (!skip_damage(fault)) break;
        }
        if (options_.next == nullptr) look_behind();
        return std::move(scan_);
    }

  private:
    [[nodiscard]] bool is_complete() const {
        return options_.next != nullptr && scan_.end.group == options_.next->last_group &&
               scan_.end.group_crc == options_.next->last_group_crc;
    }

    /// A whole header of this log.
    [[nodiscard]] std::optional<GroupHeader> header_at(std::size_t offset) const {
        if (offset >= bytes_.size()) return std::nullopt;
        std::optional<GroupHeader> header = decode_group_header(bytes_.substr(offset));
        if (header && !is_salt_of(header->salt, options_.log_id)) return std::nullopt;
        return header;
    }

    /// Of a merged group the number of the first one that it stands for; 0 when it does not say.
    [[nodiscard]] std::uint64_t first_number(const GroupHeader& header, std::size_t offset) const {
        if (!header.is_merged()) return header.number;
        constexpr std::size_t kAt = GroupHeader::kBytes + RemovedRange::kFirstGroupAt;
        if (offset + kAt + 8 > bytes_.size()) return 0;
        return codec::load<std::uint64_t>(bytes_.data() + offset + kAt);
    }

    /// Takes the group at `offset` into the scan, or says why it is not whole. After damage
    /// (`is_resumed`), number, link and chain begin anew.
    const char* take_group(std::size_t offset, bool is_resumed) {
        const std::optional<GroupHeader> header = header_at(offset);
        if (!header) return "there is no whole group header";
        if (!is_resumed) {
            if (first_number(*header, offset) != scan_.end.group + 1)
                return "the group's number does not follow";
            if (header->previous_crc != scan_.end.group_crc)
                return "the group does not link to the one before";
            if (header->first_position != scan_.end.last_position.next()) {
                return "the group's first position does not follow";
            }
        }
        if (header->is_scavenged() && !has_stubs_)
            return "the group is scavenged and its segment is not";
        if (header->is_merged() && (!has_ranges_ || !header->is_scavenged()))
            return "the group is merged and its segment has no removed ranges";
        if (header->durable_number >= header->number)
            return "the group says that it is durable itself";
        if (header->total_bytes() > bytes_.size() - offset) return "the group is cut short";
        const std::string_view stored = bytes_.substr(
            offset + GroupHeader::kBytes, header->stored_bytes
        );
        if (codec::crc32c(stored) != header->body_crc)
            return "the group's body has a wrong checksum";
        LogState state{
            Position(header->first_position.value - 1),
            scan_.end.last_time,
            scan_.end.chain,
            header->number,
            header->link_crc()
        };
        if (const char* fault = take_body(*header, stored, offset, is_resumed, state)) return fault;
        finish_group(*header, offset, state);
        return nullptr;
    }

    const char* take_body(
        const GroupHeader& header,
        std::string_view stored,
        std::size_t offset,
        bool is_resumed,
        LogState& state
    ) {
        std::string_view raw = stored;
        if (header.is_compressed()) {
            const auto body = CompressedBody::open(stored, header.raw_bytes, header.event_count);
            if (!body || !body->unpack(unpacked_)) return "the compressed body cannot be unpacked";
            raw = unpacked_;
        }
        if (raw.size() != header.raw_bytes) return "the group's sizes contradict each other";
        pending_.clear();
        std::size_t at = 0;
        std::uint32_t appends = 0;
        while (at < raw.size()) {
            const std::string_view rest = raw.substr(at);
            const RecordShape shape = record_shape(rest);
            if (shape.kind == RecordKind::kAppend && decode_stored_append(rest)) {
                ++appends;
                append_at_ = at;
                ordinal_ = 0;
                if (decode_append_record(rest)->group_back != at)
                    return "an append says that it lies elsewhere";
            } else if (shape.kind == RecordKind::kRemovedRange) {
                if (const char* fault = take_range(
                        header, rest, {offset, at}, is_resumed, appends, state
                    )) {
                    return fault;
                }
            } else {
                const CheckedRecord record = check_event_record(rest);
                if (record.fault != nullptr) return record.fault;
                if (record.is_stub() && !header.is_scavenged())
                    return "there is a stub in a group that was never scavenged";
                if (const char* fault = take_event(record.frame, at, appends, is_resumed, state))
                    return fault;
                const std::uint64_t place = header.is_compressed()
                                                ? offset
                                                : offset + GroupHeader::kBytes + at;
                pending_.push_back(
                    {record.frame.position,
                     make_entry(place, header.is_compressed()),
                     rest.substr(0, record.frame.record_bytes)}
                );
            }
            at += shape.bytes;
        }
        if (appends != header.append_count || pending_.size() != header.event_count) {
            return "the group's counts are not those of its body";
        }
        if (header.event_count == 0) {
            if (is_resumed) state.chain = header.chain;
        } else if (is_resumed) {
            if (static_cast<std::uint32_t>(header.chain) != last_chain_bits_)
                return "the group's chain is wrong";
            state.chain = header.chain;
        }
        if (state.chain != header.chain) return "the group's chain does not follow";
        return nullptr;
    }

    /// Where a record lies: its group in the file, and in the group's body.
    struct Place {
        std::size_t group;
        std::size_t at;
    };
    const char* take_range(
        const GroupHeader& header,
        std::string_view rest,
        Place place,
        bool is_resumed,
        std::uint32_t& appends,
        LogState& state
    ) {
        if (!has_ranges_ || !header.is_scavenged())
            return "there is a removed range where none may be";
        const std::optional<RemovedRange> range = decode_removed_range(rest);
        if (!range) return "a removed range is not whole";
        if (header.is_merged() &&
            (place.at != 0 || range->record_bytes != header.raw_bytes || header.is_compressed())) {
            return "a merged group holds more than one removed range";
        }
        if (range->first != state.last_position.next()) return "the positions are not dense";
        if (range->events.front().recorded_time < state.last_time)
            return "recorded time goes backwards";
        if (!is_resumed && range->chain_before != state.chain) return "the chain does not follow";
        const std::uint64_t at = header.is_compressed()
                                     ? place.group
                                     : place.group + GroupHeader::kBytes + place.at;
        const std::uint32_t entry = make_entry(at, header.is_compressed());
        const std::string_view record = rest.substr(0, range->record_bytes);
        for (std::size_t i = 0; i < range->events.size(); ++i)
            pending_.push_back({Position(range->first.value + i), entry, record});
        state.last_position = Position(range->first.value + range->events.size() - 1);
        state.last_time = range->events.back().recorded_time;
        state.chain = range->chain_after;
        last_chain_bits_ = range->events.back().chain_bits;
        appends += range->appends;
        if (pending_.size() == range->events.size())
            first_time_ = range->events.front().recorded_time;
        append_at_ = ~std::size_t{0};  // no event that follows belongs to it
        return nullptr;
    }

    const char* take_event(
        const EventFrame& frame,
        std::size_t at,
        std::uint32_t appends,
        bool is_resumed,
        LogState& state
    ) {
        if (appends == 0 || frame.append_back != at - append_at_ || frame.ordinal != ordinal_++) {
            return "an event does not belong to its append";
        }
        if (frame.position != state.last_position.next()) return "the positions are not dense";
        if (frame.recorded_time < state.last_time) return "recorded time goes backwards";
        if (pending_.empty()) first_time_ = frame.recorded_time;
        state.last_position = frame.position;
        state.last_time = frame.recorded_time;
        state.chain = chain_after(state.chain, frame.frame_crc, frame.payload_crc);
        last_chain_bits_ = frame.chain_bits;
        if (!is_resumed && static_cast<std::uint32_t>(state.chain) != frame.chain_bits) {
            return "the chain does not follow";
        }
        return nullptr;
    }

    void finish_group(const GroupHeader& header, std::size_t offset, const LogState& state) {
        if (scan_.events == 0 && !pending_.empty()) scan_.first_time = first_time_;
        for (const Pending& event : pending_) {
            const RecordKind kind = record_shape(event.record).kind;
            if (kind == RecordKind::kStub) ++scan_.stubs;
            if (kind == RecordKind::kRemovedRange) ++scan_.folded;
            visit_(event.position, event.entry, event.record);
        }
        starts_.push_back({offset, scan_.end});
        scan_.end = state;
        scan_.groups_end = offset + header.total_bytes();
        ++scan_.groups;
        scan_.appends += header.append_count;
        scan_.events += header.event_count;
        cover(header.durable_number);
    }

    /// Forgets the starts of groups that are known durable now.
    void cover(std::uint64_t durable) {
        scan_.durable_group = std::max(scan_.durable_group, durable);
        std::size_t covered = 0;
        while (covered < starts_.size() && starts_[covered].before.group < scan_.durable_group)
            ++covered;
        starts_.erase(starts_.begin(), starts_.begin() + static_cast<std::ptrdiff_t>(covered));
        scan_.unproven_groups = starts_.size();
        scan_.unproven_offset = starts_.empty() ? scan_.groups_end : starts_.front().offset;
        scan_.before_unproven = starts_.empty() ? scan_.end : starts_.front().before;
    }

    /// The group at groups_end is bad: true when that is damage and the walk goes on behind it.
    bool skip_damage(const char* fault) {
        const std::uint64_t bad_group = scan_.end.group + 1;
        const std::uint64_t bad_offset = scan_.groups_end;
        std::optional<std::size_t> next_whole;
        bool is_covered = options_.next != nullptr;
        for (std::size_t at = next_candidate(bad_offset + 8); at < bytes_.size();
             at = next_candidate(at + 8)) {
            const std::optional<GroupHeader> header = header_at(at);
            if (!header || header->number < bad_group) continue;
            if (!next_whole && header->number > bad_group) next_whole = at;
            if (header->durable_number >= bad_group) is_covered = true;
            if (is_covered && next_whole) break;
        }
        if (!is_covered) return false;
        scan_.damages.push_back(
            {options_.segment, bad_offset, scan_.end.last_position.next(), fault}
        );
        // What lies between is lost; go on at the first group behind it that is whole.
        for (std::size_t at = next_whole.value_or(bytes_.size()); at < bytes_.size();
             at = next_candidate(at + 8)) {
            const std::optional<GroupHeader> header = header_at(at);
            if (!header || header->number <= bad_group) continue;
            if (header->first_position <= scan_.end.last_position) continue;
            // No more events can be missing than the lost bytes could hold.
            const std::uint64_t lost = header->first_position.value -
                                       scan_.end.last_position.value - 1;
            if (lost > (at - bad_offset) / kEventBytesMin) continue;
            if (options_.next != nullptr && header->number > options_.next->last_group) continue;
            if (take_group(at, true) == nullptr) {
                scan_.damages.back().last_position = Position(header->first_position.value - 1);
                return true;
            }
        }
        scan_.is_end_damaged = true;
        if (options_.next != nullptr) {
            scan_.end = state_before(*options_.next);
            scan_.damages.back().last_position = scan_.end.last_position;
        }
        return false;
    }

    /// Next offset, 8-aligned, at or behind `at` where the magic of a group stands.
    [[nodiscard]] std::size_t next_candidate(std::size_t at) const {
        for (at = aligned(at); at + GroupHeader::kBytes <= bytes_.size(); at += 8) {
            if (codec::load<std::uint32_t>(bytes_.data() + at) == GroupHeader::kMagic) return at;
        }
        return bytes_.size();
    }

    /// What lies behind the last whole group of the last segment.
    void look_behind() {
        scan_.behind_end = scan_.groups_end;
        for (std::size_t at = bytes_.size(); at > scan_.groups_end; --at) {
            if (at % 8 == 0) {
                while (at >= scan_.groups_end + 8 &&
                       codec::load<std::uint64_t>(bytes_.data() + at - 8) == 0) {
                    at -= 8;
                }
                if (at <= scan_.groups_end) break;
            }
            if (bytes_[at - 1] != '\0') {
                scan_.behind_end = at;
                break;
            }
        }
        const std::size_t first = scan_.groups_end;
        for (std::size_t at = next_candidate(first); at < scan_.behind_end;
             at = next_candidate(at + 8)) {
            if (header_at(at)) ++scan_.behind_groups;
        }
    }

    struct Pending {
        Position position;
        std::uint32_t entry;
        std::string_view record;
    };
    struct Start {
        std::uint64_t offset;
        LogState before;
    };

    std::string_view bytes_;
    const bool has_stubs_;
    const bool has_ranges_;
    const ScanOptions& options_;
    const EventVisitor& visit_;
    SegmentScan scan_;
    std::string unpacked_;
    std::vector<Pending> pending_;
    std::vector<Start> starts_;  // of the groups that no later one says is durable
    std::size_t append_at_ = 0;
    std::uint32_t ordinal_ = 0;
    std::uint32_t last_chain_bits_ = 0;
    TimeNs first_time_;  // of the current group
};

}  // namespace

LogState state_before(const SegmentHeader& header) {
    return {
        Position(header.first_position.value - 1),
        header.last_time,
        header.chain,
        header.last_group,
        header.last_group_crc
    };
}

SegmentScan scan_segment(
    std::string_view bytes,
    const SegmentHeader& header,
    const ScanOptions& options,
    const EventVisitor& visit
) {
    return Scanner(bytes, header, options, visit).run();
}

}  // namespace annals::log::detail
