// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "log_reader.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "append_record.hpp"
#include "chain.hpp"
#include "event_frame.hpp"
#include "group_header.hpp"

namespace annals::log {
namespace {

using detail::EventFrame;
using detail::GroupHeader;

constexpr std::size_t kCachedBlocks = 32;
/// Of a record: frame, envelope and a small payload. The processor goes on by itself in larger
/// ones.
constexpr std::size_t kPrefetchedBytes = 448;
constexpr std::size_t kCacheLineBytes = 64;
/// Buffers that one event of a compressed group may need at most: its record and its append's.
constexpr std::size_t kBuffersPerEvent = 3;

Error beyond_end(Position position, Position end) {
    return Error(
               ErrorCode::kTokenBeyondEnd,
               "position " + std::to_string(position.value) +
                   " is not in the log, which holds 1 to " + std::to_string(end.value)
    )
        .with("position", std::to_string(position.value))
        .with("end", std::to_string(end.value));
}

}  // namespace

LogReader::LogReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
LogReader::LogReader(LogReader&&) noexcept = default;
LogReader& LogReader::operator=(LogReader&&) noexcept = default;
LogReader::~LogReader() = default;
Result<StoredEvent> LogReader::at(Position position) {
    Result<StoredEvent> event = state_->at(position);
    if (!event) [[unlikely]]
        state_->note_damage(position, event.error());
    return event;
}
void LogReader::prefetch(std::span<const Position> positions) { state_->prefetch(positions); }
Result<StoredAppend> LogReader::append_of(const StoredEvent& event) {
    return state_->append_of(event);
}

LogReader::State::State(std::shared_ptr<detail::LogCore> shared) : core_(std::move(shared)) {
    refresh();
}

void LogReader::State::refresh() {
    for (auto& mapping : mappings_) {
        if (mapping != nullptr) former_.push_back(std::move(mapping));
    }
    list_ = core_->segments();
    mappings_.assign(list_->segments.size(), nullptr);
    segment_ = nullptr;
    mapping_ = nullptr;
    first_ = end_ = Position(0);
}

Error LogReader::State::damage(std::uint64_t offset, std::string_view what) const {
    return damage_in(segment_->name(), offset, what);
}

Error LogReader::State::damage_in(
    const std::string& segment, std::uint64_t offset, std::string_view what
) const {
    fault_ = what;
    if (core_->options().accept_damage) return detail::damage_error(segment, offset, what);
    return detail::damage_error(
        segment,
        offset,
        what,
        "restore it from a backup, or start with --accept-damage to read what is whole"
    );
}

Error LogReader::State::lost(Position position) const {
    const std::string what = "position " + std::to_string(position.value) + " was lost to damage";
    if (const auto known = core_->damage().find(position))
        return damage_in(known->segment, known->offset, what + " (" + known->what + ")");
    if (segment_ != nullptr) return damage(0, what);
    return damage_in(detail::segment_name(position), 0, what);
}

void LogReader::State::note_damage(Position position, const Error& error) {
    if (error.code() != ErrorCode::kDataLoss) return;
    const std::string_view offset = error.field("offset");
    Damage met;
    met.segment = error.field("segment");
    std::from_chars(offset.data(), offset.data() + offset.size(), met.offset);
    met.first_position = met.last_position = position;
    met.what = fault_.empty() ? std::string(error.message()) : fault_;
    core_->note_damage(met);
}

Status LogReader::State::seek(Position position) {
    const std::size_t index = list_->find(position);
    if (index == list_->segments.size()) {
        segment_ = nullptr;
        first_ = end_ = Position(0);
        return lost(position);
    }
    if (mappings_[index] == nullptr) {
        ANNALS_TRY(mappings_[index], core_->mapping(*list_, index));
    }
    segment_ = list_->segments[index].get();
    mapping_ = mappings_[index].get();
    first_ = segment_->header().first_position;
    const bool is_last = index + 1 == list_->segments.size();
    end_ = is_last ? Position(std::numeric_limits<std::uint64_t>::max())
                   : list_->segments[index + 1]->header().first_position;
    return ok();
}

Result<std::uint32_t> LogReader::State::locate(Position position) {
    const Position durable = core_->durable_end();
    if (position.value == 0 || position > durable) return beyond_end(position, durable);
    for (bool is_fresh = false;; is_fresh = true) {
        if (position < first_ || position >= end_) ANNALS_CHECK(seek(position));
        const std::uint32_t entry = segment_->entry(*mapping_, position);
        if (entry != 0) [[likely]]
            return entry;
        if (is_fresh || core_->damage().find(position)) return lost(position);
        refresh();
    }
}

Result<StoredEvent> LogReader::State::at(Position position) {
    ANNALS_TRY(const std::uint32_t entry, locate(position));
    const std::uint64_t offset = detail::entry_offset(entry);
    return detail::is_compressed_entry(entry) ? packed_event(position, offset)
                                              : plain_event(position, offset);
}

void LogReader::State::prefetch(std::span<const Position> positions) {
    const Position durable = core_->durable_end();
    for (const Position position : positions) {
        if (position.value == 0 || position > durable) continue;
        const bool is_elsewhere = position < first_ || position >= end_;
        if (is_elsewhere && !seek(position)) continue;
        // Nothing here depends on what the one before brings: the misses overlap.
        const std::uint32_t entry = segment_->entry(*mapping_, position);
        const std::uint64_t offset = detail::entry_offset(entry);
        if (offset + kPrefetchedBytes > mapping_->bytes.size()) continue;
        const char* record = mapping_->bytes.data() + offset;
        for (std::size_t line = 0; line < kPrefetchedBytes; line += kCacheLineBytes) {
            __builtin_prefetch(record + line);
        }
    }
}

Result<StoredEvent> LogReader::State::event_of(
    const detail::CheckedRecord& record, Position position, std::string_view append
) {
    StoredEvent event{
        .position = position,
        .revision = record.frame.revision,
        .recorded_time = record.frame.recorded_time,
        .chain_bits = record.frame.chain_bits,
        .append_ordinal = record.frame.ordinal,
        .envelope = record.envelope,
        .payload = record.payload(),
        .append = append,
        .is_removed = record.is_stub(),
        .fingerprint = record.fingerprint,
        .removed_time = record.removed_time,
    };
    // The first stubs do not say when they were made.
    if (event.is_removed && event.removed_time.value == 0 && segment_->is_sealed())
        event.removed_time = segment_->footer().scavenged_time;
    frame_crc_ = record.frame.frame_crc;
    payload_crc_ = record.frame.payload_crc;
    return event;
}

Result<StoredEvent> LogReader::State::plain_event(Position position, std::uint64_t offset) {
    if (offset >= mapping_->bytes.size())
        return damage(offset, "the position table points outside");
    const std::string_view bytes = mapping_->bytes.substr(static_cast<std::size_t>(offset));
    if (detail::record_shape(bytes).kind == detail::RecordKind::kRemovedRange) [[unlikely]]
        return range_event(position, {offset, 0}, bytes);
    const detail::CheckedRecord record = detail::check_event_record(bytes);
    if (record.fault != nullptr) return damage(offset, record.fault);
    if (record.frame.position != position) return damage(offset, "another position lies here");
    if (record.frame.append_back > offset) return damage(offset, "the append lies outside");
    const std::string_view append = mapping_->bytes.substr(
        static_cast<std::size_t>(offset - record.frame.append_back), record.frame.append_back
    );
    return event_of(record, position, append);
}

Result<StoredAppend> LogReader::State::append_of(const StoredEvent& event) {
    if (event.is_folded) return range_append_of(event);
    if (event.append.empty()) {
        ANNALS_TRY(const std::uint32_t entry, locate(event.position));
        return packed_append_of(event, detail::entry_offset(entry));
    }
    std::optional<StoredAppend> append = detail::decode_stored_append(event.append);
    if (!append) {
        ANNALS_TRY(const std::uint32_t entry, locate(event.position));
        return damage(
            detail::entry_offset(entry) - event.append.size(), "the append's record is not whole"
        );
    }
    append->event_ordinal = event.append_ordinal;
    return *append;
}

// ---- removed ranges ----

Result<StoredEvent> LogReader::State::range_event(
    Position position, RangePlace place, std::string_view bytes
) {
    if (range_ == nullptr || range_->mapping != mapping_ || range_->place != place) {
        const auto read = std::make_shared<Range>();
        read->mapping = mapping_;
        read->place = place;
        read->record = bytes.substr(0, detail::record_shape(bytes).bytes);
        std::optional<detail::RemovedRange> range = detail::decode_removed_range(read->record);
        if (!range) return damage(place.offset, "the removed range is not whole");
        read->range = std::move(*range);
        range_ = read;
    }
    const detail::RemovedRange& range = range_->range;
    const std::uint64_t ordinal = position.value - range.first.value;
    if (position < range.first || ordinal >= range.events.size())
        return damage(place.offset, "another removed range lies here");
    const detail::RemovedRange::Event& of = range.events[static_cast<std::size_t>(ordinal)];
    hold({range_, &range.text});
    frame_crc_ = of.frame_crc;
    payload_crc_ = of.payload_crc;
    StoredEvent event;
    event.position = position;
    event.revision = of.revision;
    event.recorded_time = of.recorded_time;
    event.chain_bits = of.chain_bits;
    event.envelope = range.envelope(of);
    event.is_removed = true;
    event.is_folded = true;
    return event;
}

Result<StoredAppend> LogReader::State::range_append_of(const StoredEvent& event) {
    // The range is the current one again.
    ANNALS_CHECK(at(event.position));
    const auto ordinal = static_cast<std::uint32_t>(
        event.position.value - range_->range.first.value
    );
    StoredAppend append;
    append.event_count = 1;
    const auto& tracked = range_->range.tracked;
    const auto behind = std::upper_bound(
        tracked.begin(),
        tracked.end(),
        ordinal,
        [](std::uint32_t wanted, const detail::RemovedRange::Tracked& one) {
            return wanted < one.event;
        }
    );
    if (behind == tracked.begin() ||
        ordinal - std::prev(behind)->event >= std::prev(behind)->events)
        return append;
    const detail::RemovedRange::Tracked& of = *std::prev(behind);
    append.tracking = of.tracking;
    append.tracking_fingerprint = of.fingerprint;
    append.event_count = of.events;
    append.event_ordinal = ordinal - of.event;
    return append;
}

// ---- compressed groups ----

void LogReader::State::hold(std::shared_ptr<const std::string> bytes) {
    if (held_.size() < LogReader::kHeldEvents * kBuffersPerEvent) {
        held_.push_back(std::move(bytes));
        return;
    }
    held_[next_held_] = std::move(bytes);
    next_held_ = (next_held_ + 1) % held_.size();
}

Result<LogReader::State::PackedGroup> LogReader::State::packed_group(
    Position position, std::uint64_t offset
) const {
    if (offset >= mapping_->bytes.size())
        return damage(offset, "the position table points outside");
    const std::string_view bytes = mapping_->bytes.substr(static_cast<std::size_t>(offset));
    const std::optional<GroupHeader> header = detail::decode_group_header(bytes);
    if (!header || !header->is_compressed() || header->total_bytes() > bytes.size() ||
        position < header->first_position ||
        position.value - header->first_position.value >= header->event_count) {
        return damage(offset, "there is no whole header of the position's group");
    }
    const std::string_view stored = bytes.substr(GroupHeader::kBytes, header->stored_bytes);
    auto body = detail::CompressedBody::open(stored, header->raw_bytes, header->event_count);
    if (!body) return damage(offset, "the compressed body's tables are damaged");
    return PackedGroup{
        offset, static_cast<std::uint32_t>(position.value - header->first_position.value), *body
    };
}

Result<std::string_view> LogReader::State::unpacked(
    const PackedGroup& group, std::uint64_t at, std::size_t bytes
) {
    if (at > group.body.raw_bytes() || bytes > group.body.raw_bytes() - at) {
        return damage(group.offset, "the compressed body's tables point outside");
    }
    std::shared_ptr<std::string> joined;
    for (auto number = static_cast<std::uint32_t>(at / detail::kBlockRawBytes);; ++number) {
        auto found = std::find_if(blocks_.begin(), blocks_.end(), [&](const Block& block) {
            return block.mapping == mapping_ && block.group_offset == group.offset &&
                   block.number == number;
        });
        if (found == blocks_.end()) {
            auto unpacked_bytes = std::make_shared<std::string>();
            if (!group.body.unpack_block(number, *unpacked_bytes)) {
                return damage(group.offset, "a compressed block cannot be unpacked");
            }
            if (blocks_.size() < kCachedBlocks) blocks_.emplace_back();
            found = blocks_.begin() + static_cast<std::ptrdiff_t>(next_block_);
            next_block_ = (next_block_ + 1) % kCachedBlocks;
            *found = Block{mapping_, group.offset, number, std::move(unpacked_bytes)};
        }
        const std::uint64_t block_start = std::uint64_t{number} * detail::kBlockRawBytes;
        const std::string_view block = *found->bytes;
        const auto from = static_cast<std::size_t>(at > block_start ? at - block_start : 0);
        const std::string_view piece = block.substr(from);
        if (joined == nullptr && piece.size() >= bytes) {
            if (held_.empty() || held_.back() != found->bytes) hold(found->bytes);
            return piece.substr(0, bytes);
        }
        if (joined == nullptr) {
            joined = std::make_shared<std::string>();
            joined->reserve(bytes);
        }
        joined->append(piece.substr(0, bytes - joined->size()));
        if (joined->size() == bytes) {
            hold(joined);
            return std::string_view(*joined);
        }
    }
}

Result<std::string_view> LogReader::State::unpacked_record(
    const PackedGroup& group, std::uint64_t at
) {
    ANNALS_TRY(const std::string_view size, unpacked(group, at, 8));
    const auto bytes = codec::load<std::uint32_t>(size.data());
    return unpacked(group, at, bytes);
}

Result<StoredEvent> LogReader::State::packed_event(Position position, std::uint64_t offset) {
    ANNALS_TRY(const PackedGroup group, packed_group(position, offset));
    const std::uint32_t at = group.body.record_offset(group.ordinal);
    ANNALS_TRY(const std::string_view bytes, unpacked_record(group, at));
    if (detail::record_shape(bytes).kind == detail::RecordKind::kRemovedRange)
        return range_event(position, {offset, at}, bytes);
    const detail::CheckedRecord record = detail::check_event_record(bytes);
    if (record.fault != nullptr) return damage(offset, record.fault);
    if (record.frame.position != position) return damage(offset, "another position lies here");
    return event_of(record, position, {});
}

Result<StoredAppend> LogReader::State::packed_append_of(
    const StoredEvent& event, std::uint64_t offset
) {
    ANNALS_TRY(const PackedGroup group, packed_group(event.position, offset));
    const std::uint32_t at = group.body.record_offset(group.ordinal);
    ANNALS_TRY(const std::string_view event_bytes, unpacked_record(group, at));
    const detail::CheckedRecord record = detail::check_event_record(event_bytes);
    if (record.fault != nullptr || record.frame.append_back > at) {
        return damage(offset, "the event's record is not whole");
    }
    ANNALS_TRY(const std::string_view bytes, unpacked_record(group, at - record.frame.append_back));
    std::optional<StoredAppend> append = detail::decode_stored_append(bytes);
    if (!append) return damage(offset, "the append's record is not whole");
    append->event_ordinal = record.frame.ordinal;
    return *append;
}

// ---- chain ----

Result<std::uint64_t> LogReader::State::chain_at(Position position) {
    Result<std::uint64_t> chain = chain_from_group_end(position);
    if (chain || chain.error().code() != ErrorCode::kDataLoss) [[likely]]
        return chain;
    if (const auto from_begin = chain_from_group_begin(position)) return from_begin;
    const Position next = position.next();
    if (next > core_->durable_end()) return chain;
    const auto behind = chain_from_group_end(next);
    if (!behind || !at(next)) return chain;
    return detail::chain_before(*behind, frame_crc_, payload_crc_);
}

Result<std::uint64_t> LogReader::State::group_header_at(Position position) {
    ANNALS_TRY(const std::uint32_t entry, locate(position));
    const std::uint64_t offset = detail::entry_offset(entry);
    if (detail::is_compressed_entry(entry)) return offset;
    ANNALS_TRY(const StoredEvent event, at(position));
    const auto append = detail::decode_append_record(event.append);
    const std::uint64_t append_at = offset - event.append.size();
    if (!append || append->group_back + GroupHeader::kBytes > append_at) {
        return damage(append_at, "the append's record is not whole");
    }
    return append_at - append->group_back - GroupHeader::kBytes;
}

Result<std::uint64_t> LogReader::State::chain_from_group_begin(Position position) {
    ANNALS_TRY(const StoredEvent event, at(position));
    if (event.is_folded) return chain_from_group_end(position);
    ANNALS_TRY(const std::uint64_t header_at, group_header_at(position));
    const auto header = detail::decode_group_header(
        mapping_->bytes.substr(static_cast<std::size_t>(header_at))
    );
    if (!header || position < header->first_position) {
        return damage(header_at, "there is no whole header of the position's group");
    }
    const Position first = header->first_position;
    std::uint64_t chain = segment_->header().chain;
    if (first > segment_->header().first_position) {
        ANNALS_TRY(chain, chain_from_group_end(Position(first.value - 1)));
    }
    for (Position p = first; p <= position; ++p) {
        ANNALS_CHECK(at(p));
        chain = detail::chain_after(chain, frame_crc_, payload_crc_);
    }
    if (static_cast<std::uint32_t>(chain) != event.chain_bits) {
        return damage(header_at, "the chain does not end in the event's");
    }
    return chain;
}

Result<std::uint64_t> LogReader::State::chain_from_group_end(Position position) {
    ANNALS_TRY(const StoredEvent event, at(position));
    if (event.is_folded) {
        const detail::RemovedRange& range = range_->range;
        std::uint64_t chain = range.chain_before;
        for (std::uint64_t p = range.first.value; p <= position.value; ++p) {
            const auto& of = range.events[static_cast<std::size_t>(p - range.first.value)];
            chain = detail::chain_after(chain, of.frame_crc, of.payload_crc);
        }
        return chain;
    }
    ANNALS_TRY(const std::uint64_t header_at, group_header_at(position));
    const auto header = detail::decode_group_header(
        mapping_->bytes.substr(static_cast<std::size_t>(header_at))
    );
    if (!header || position < header->first_position ||
        position.value - header->first_position.value >= header->event_count) {
        return damage(header_at, "there is no whole header of the position's group");
    }
    std::uint64_t chain = header->chain;
    const std::uint64_t last = header->first_position.value + header->event_count - 1;
    for (std::uint64_t p = last; p > position.value; --p) {
        ANNALS_CHECK(at(Position(p)));
        chain = detail::chain_before(chain, frame_crc_, payload_crc_);
    }
    if (static_cast<std::uint32_t>(chain) != event.chain_bits) {
        return damage(header_at, "the chain does not end in the event's");
    }
    return chain;
}

}  // namespace annals::log
