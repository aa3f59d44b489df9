// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "removed_range.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include <boost/unordered/unordered_flat_map.hpp>

#include "annals/codec/wire.hpp"
#include "annals/model/event.hpp"

#include "append_record.hpp"
#include "chain.hpp"
#include "group_header.hpp"
#include "merkle_tree.hpp"
#include "segment_sealer.hpp"

namespace annals::log::detail {
namespace {

constexpr std::size_t kCrcAt = 56;
constexpr std::size_t kCheckBytes = 8;  ///< frame and payload checksum of an event

std::uint64_t place_of(Position position) { return (position.value - 1) % kTreeBlock; }

/// Leaves of the largest whole subtree that begins at the place and holds no more.
std::uint64_t subtree_leaves(std::uint64_t place, std::uint64_t most) {
    std::uint64_t leaves = 1;
    while (leaves * 2 <= most && place % (leaves * 2) == 0 && leaves < kTreeBlock) leaves *= 2;
    return leaves;
}

std::uint32_t range_crc(std::string_view used) {
    return codec::crc32c_extend(
        codec::crc32c(used.substr(0, kCrcAt)), used.substr(RemovedRange::kBytes)
    );
}

/// Takes the tables of a record apart; every take_ answers false where they are not whole.
class Tables {
  public:
    explicit Tables(std::string_view bytes) : rest_(bytes) {}

    bool take(std::size_t bytes, std::string_view& out) {
        if (bytes > rest_.size()) return false;
        out = rest_.substr(0, bytes);
        rest_.remove_prefix(bytes);
        return true;
    }
    bool take(std::uint64_t& number, std::uint64_t most) {
        return codec::take_varint(rest_, number) && number <= most;
    }
    bool take_text(std::string_view& text) {
        std::uint64_t bytes = 0;
        return take(bytes, rest_.size()) && take(static_cast<std::size_t>(bytes), text);
    }
    [[nodiscard]] bool is_done() const { return rest_.empty(); }

  private:
    std::string_view rest_;
};

class Decoder {
  public:
    Decoder(RemovedRange& range, std::string_view used)
        : range_(range),
          count_(codec::load<std::uint32_t>(used.data() + 16)),
          time_(codec::load<std::int64_t>(used.data() + 24)),
          hash_count_(codec::load<std::uint32_t>(used.data() + 48)),
          tables_(used.substr(RemovedRange::kBytes)) {}

    bool run() {
        const bool is_counted = count_ != 0 && count_ <= RemovedRange::kEventsMax &&
                                range_.appends != 0 && range_.appends <= count_ &&
                                range_.first.value != 0 &&
                                range_.first.value <=
                                    std::numeric_limits<std::uint64_t>::max() - count_;
        return is_counted && take_hashes() && take_checks() && take_names() && take_events() &&
               take_tracked() && tables_.is_done();
    }

  private:
    bool take_hashes() {
        std::uint64_t place = place_of(range_.first);
        for (std::uint64_t left = count_; left != 0;) {
            const std::uint64_t leaves = subtree_leaves(place, left);
            std::string_view bytes;
            codec::Sha256& hash = range_.hashes.emplace_back();
            if (!tables_.take(hash.size(), bytes)) return false;
            std::memcpy(hash.data(), bytes.data(), hash.size());
            place = (place + leaves) % kTreeBlock;
            left -= leaves;
        }
        return range_.hashes.size() == hash_count_;
    }

    bool take_checks() {
        std::string_view bytes;
        if (!tables_.take(std::size_t{count_} * kCheckBytes, bytes)) return false;
        range_.events.resize(count_);
        std::uint64_t chain = range_.chain_before;
        for (std::uint32_t i = 0; i < count_; ++i) {
            RemovedRange::Event& event = range_.events[i];
            event.frame_crc = codec::load<std::uint32_t>(bytes.data() + i * kCheckBytes);
            event.payload_crc = codec::load<std::uint32_t>(bytes.data() + i * kCheckBytes + 4);
            chain = chain_after(chain, event.frame_crc, event.payload_crc);
            event.chain_bits = static_cast<std::uint32_t>(chain);
        }
        range_.chain_after = chain;
        return true;
    }

    bool take_names() {
        std::uint64_t streams = 0;
        if (!tables_.take(streams, count_)) return false;
        streams_.resize(static_cast<std::size_t>(streams));
        for (auto& [name, next] : streams_) {
            constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max() -
                                            RemovedRange::kEventsMax;
            if (!tables_.take_text(name) || !tables_.take(next, kMost)) return false;
        }
        std::uint64_t types = 0;
        if (!tables_.take(types, count_)) return false;
        types_.resize(static_cast<std::size_t>(types));
        return std::all_of(types_.begin(), types_.end(), [this](std::string_view& name) {
            return tables_.take_text(name);
        });
    }

    bool take_events() {
        for (RemovedRange::Event& event : range_.events) {
            std::uint64_t stream = 0;
            std::uint64_t type = 0;
            std::uint64_t later = 0;
            const auto most = static_cast<std::uint64_t>(
                std::numeric_limits<std::int64_t>::max() - std::max<std::int64_t>(time_, 0)
            );
            if (streams_.empty() || types_.empty() || !tables_.take(stream, streams_.size() - 1) ||
                !tables_.take(type, types_.size() - 1) || !tables_.take(later, most)) {
                return false;
            }
            time_ += static_cast<std::int64_t>(later);
            event.recorded_time = TimeNs(time_);
            event.revision = Revision(streams_[static_cast<std::size_t>(stream)].second++);
            set_envelope(event, stream, type);
        }
        return true;
    }

    void set_envelope(RemovedRange::Event& event, std::uint64_t stream, std::uint64_t type) {
        const auto place = static_cast<std::uint32_t>(range_.text.size());
        const auto [known, is_new] = envelopes_.try_emplace(stream * count_ + type, place, 0);
        if (is_new) {
            codec::FieldWriter fields(range_.text);
            fields.bytes(
                static_cast<std::uint32_t>(model::EventField::kStream),
                streams_[static_cast<std::size_t>(stream)].first
            );
            fields.bytes(
                static_cast<std::uint32_t>(model::EventField::kType),
                types_[static_cast<std::size_t>(type)]
            );
            known->second.second = static_cast<std::uint32_t>(range_.text.size()) - place;
        }
        std::tie(event.envelope_at, event.envelope_bytes) = known->second;
    }

    bool take_tracked() {
        std::uint64_t count = 0;
        if (!tables_.take(count, range_.appends)) return false;
        std::uint64_t next = 0;
        for (std::uint64_t i = 0; i < count; ++i) {
            RemovedRange::Tracked& tracked = range_.tracked.emplace_back();
            std::uint64_t event = 0;
            std::uint64_t events = 0;
            std::string_view fingerprint;
            std::string_view fields;
            if (!tables_.take(event, count_ - 1) || event < next ||
                !tables_.take(events, count_ - event) || events == 0 ||
                !tables_.take(8, fingerprint) || !tables_.take_text(fields) ||
                !decode_tracking_fields(fields, tracked.tracking)) {
                return false;
            }
            tracked.event = static_cast<std::uint32_t>(event);
            tracked.events = static_cast<std::uint32_t>(events);
            tracked.fingerprint = codec::load<std::uint64_t>(fingerprint.data());
            next = event + events;
        }
        return true;
    }

    RemovedRange& range_;
    const std::uint32_t count_;
    std::int64_t time_;
    const std::uint32_t hash_count_;
    Tables tables_;
    std::vector<std::pair<std::string_view, std::uint64_t>> streams_;  // with the next revision
    std::vector<std::string_view> types_;
    boost::unordered_flat_map<std::uint64_t, std::pair<std::uint32_t, std::uint32_t>> envelopes_;
};

}  // namespace

void RemovedRange::add_to(MerkleTree& tree) const {
    std::uint64_t at = first.value;
    std::uint64_t left = events.size();
    for (const codec::Sha256& hash : hashes) {
        const std::uint64_t leaves = subtree_leaves(place_of(Position(at)), left);
        tree.add(Position(at), leaves, hash);
        at += leaves;
        left -= leaves;
    }
}

std::optional<RemovedRange> decode_removed_range(std::string_view bytes) {
    const RecordShape shape = record_shape(bytes);
    if (shape.kind != RecordKind::kRemovedRange || shape.bytes < RemovedRange::kBytes)
        return std::nullopt;
    const char* at = bytes.data();
    const auto used = codec::load<std::uint32_t>(at + 52);
    if (used < RemovedRange::kBytes || aligned(used) != shape.bytes) return std::nullopt;
    if (range_crc(bytes.substr(0, used)) != codec::load<std::uint32_t>(at + kCrcAt))
        return std::nullopt;
    RemovedRange range;
    range.record_bytes = shape.bytes;
    range.first = Position(codec::load<std::uint64_t>(at + 8));
    range.appends = codec::load<std::uint32_t>(at + 20);
    range.chain_before = codec::load<std::uint64_t>(at + 32);
    range.first_group = codec::load<std::uint64_t>(at + RemovedRange::kFirstGroupAt);
    if (!Decoder(range, bytes.substr(0, used)).run()) return std::nullopt;
    return range;
}

// ---- making one ----

void RemovedRangeBuilder::clear() {
    appends_ = 0;
    events_.clear();
    subtrees_.clear();
    streams_.clear();
    stream_ordinals_.clear();
    types_.clear();
    type_ordinals_.clear();
    tracked_.clear();
}

void RemovedRangeBuilder::begin(Position first, std::uint64_t chain_before) {
    first_ = first;
    chain_before_ = chain_before;
}

void RemovedRangeBuilder::begin_append(
    std::uint32_t events, const model::Tracking* tracking, std::uint64_t fingerprint
) {
    ++appends_;
    if (tracking != nullptr) add_tracked({size(), events, fingerprint, {}}, *tracking);
}

void RemovedRangeBuilder::add_tracked(Tracked tracked, const model::Tracking& tracking) {
    model::Tracking key = tracking;
    key.position = 0;
    std::string key_fields;
    encode_tracking_fields(key_fields, key);
    encode_tracking_fields(tracked.fields, tracking);
    tracked_.insert_or_assign(std::move(key_fields), std::move(tracked));
}

Status RemovedRangeBuilder::add(std::string_view record) {
    const EventFrame frame = EventFrame::load(record.data());
    const CheckedRecord checked = check_event_record(record);
    add_subtree({place_of(frame.position), 1, leaf_of_record(record)});
    Event event;
    event.recorded_time = frame.recorded_time;
    event.frame_crc = frame.frame_crc;
    event.payload_crc = frame.payload_crc;
    return add_event(event, checked.envelope, frame.revision);
}

Status RemovedRangeBuilder::add(const RemovedRange& range) {
    const std::uint32_t before = size();
    std::uint64_t place = place_of(range.first);
    std::uint64_t left = range.events.size();
    for (const codec::Sha256& hash : range.hashes) {
        const std::uint64_t leaves = subtree_leaves(place, left);
        add_subtree({place, leaves, hash});
        place = (place + leaves) % kTreeBlock;
        left -= leaves;
    }
    for (const RemovedRange::Event& of : range.events) {
        Event event;
        event.recorded_time = of.recorded_time;
        event.frame_crc = of.frame_crc;
        event.payload_crc = of.payload_crc;
        ANNALS_CHECK(add_event(event, range.envelope(of), of.revision));
    }
    appends_ += range.appends;
    for (const RemovedRange::Tracked& of : range.tracked)
        add_tracked({before + of.event, of.events, of.fingerprint, {}}, of.tracking);
    return ok();
}

Status RemovedRangeBuilder::add_event(Event event, std::string_view envelope, Revision revision) {
    model::RecordedEvent named;
    ANNALS_CHECK(model::decode_event_fields(envelope, named));
    auto stream = stream_ordinals_.find(named.stream);
    if (stream == stream_ordinals_.end()) {
        const auto ordinal = static_cast<std::uint32_t>(streams_.size());
        stream = stream_ordinals_.emplace(std::string(named.stream), ordinal).first;
        streams_.push_back({stream->first, revision});
    }
    auto type = type_ordinals_.find(named.type);
    if (type == type_ordinals_.end()) {
        const auto ordinal = static_cast<std::uint32_t>(types_.size());
        type = type_ordinals_.emplace(std::string(named.type), ordinal).first;
        types_.push_back(type->first);
    }
    event.stream = stream->second;
    event.type = type->second;
    events_.push_back(event);
    return ok();
}

/// Two halves of one subtree become that subtree.
void RemovedRangeBuilder::add_subtree(Subtree subtree) {
    while (!subtrees_.empty()) {
        const Subtree& left = subtrees_.back();
        const bool is_half = left.leaves == subtree.leaves &&
                             left.place + left.leaves == subtree.place &&
                             left.place % (2 * left.leaves) == 0;
        if (!is_half) break;
        subtree = {left.place, 2 * left.leaves, tree_node(left.hash, subtree.hash)};
        subtrees_.pop_back();
    }
    subtrees_.push_back(subtree);
}

void RemovedRangeBuilder::finish(std::string& out, std::uint64_t first_group) const {
    const std::size_t start = out.size();
    out.append(RemovedRange::kBytes, '\0');
    for (const Subtree& subtree : subtrees_)
        out.append(reinterpret_cast<const char*>(subtree.hash.data()), subtree.hash.size());
    for (const Event& event : events_) {
        codec::append_fixed(out, event.frame_crc);
        codec::append_fixed(out, event.payload_crc);
    }
    codec::append_varint(out, streams_.size());
    for (const Stream& stream : streams_) {
        codec::append_varint(out, stream.name.size());
        out.append(stream.name);
        codec::append_varint(out, stream.first.value);
    }
    codec::append_varint(out, types_.size());
    for (const std::string_view type : types_) {
        codec::append_varint(out, type.size());
        out.append(type);
    }
    TimeNs time = events_.front().recorded_time;
    for (const Event& event : events_) {
        codec::append_varint(out, event.stream);
        codec::append_varint(out, event.type);
        codec::append_varint(
            out, static_cast<std::uint64_t>(event.recorded_time.value - time.value)
        );
        time = event.recorded_time;
    }
    std::vector<const Tracked*> tracked;
    tracked.reserve(tracked_.size());
    for (const auto& [key, one] : tracked_) tracked.push_back(&one);
    std::sort(tracked.begin(), tracked.end(), [](const Tracked* left, const Tracked* right) {
        return left->event < right->event;
    });
    codec::append_varint(out, tracked.size());
    for (const Tracked* one : tracked) {
        codec::append_varint(out, one->event);
        codec::append_varint(out, one->events);
        codec::append_fixed(out, one->fingerprint);
        codec::append_varint(out, one->fields.size());
        out.append(one->fields);
    }
    const std::size_t used = out.size() - start;
    out.append(aligned(used) - used, '\0');
    char* at = out.data() + start;
    codec::store(at, static_cast<std::uint32_t>(out.size() - start));
    at[4] = static_cast<char>(RecordKind::kRemovedRange);
    codec::store(at + 8, first_.value);
    codec::store(at + 16, size());
    codec::store(at + 20, appends_);
    codec::store(at + 24, events_.front().recorded_time.value);
    codec::store(at + 32, chain_before_);
    codec::store(at + RemovedRange::kFirstGroupAt, first_group);
    codec::store(at + 48, static_cast<std::uint32_t>(subtrees_.size()));
    codec::store(at + 52, static_cast<std::uint32_t>(used));
    codec::store(at + kCrcAt, range_crc({at, used}));
}

}  // namespace annals::log::detail
