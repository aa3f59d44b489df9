// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "index_feed.hpp"

#include <algorithm>
#include <memory_resource>
#include <optional>
#include <string_view>
#include <vector>

#include "annals/codec/checksum.hpp"
#include "annals/model/names.hpp"

#include "lost_events.hpp"
#include "tracking_term.hpp"

namespace annals::order_local {
namespace {

constexpr std::size_t kBatchEvents = 16'384;

class IndexFeed {
  public:
    IndexFeed(const log::SegmentLog& log, index::Index& index)
        : log_(log), index_(index), reader_(log.reader()) {}

    Result<FedEvents> feed(const FeedProgress& progress) {
        const Position start = index_.position();
        const Position end = log_.durable_end();
        for (Position next = start.next(); next <= end;) {
            Position last(std::min(next.value + kBatchEvents - 1, end.value));
            ANNALS_CHECK(feed_batch(next, last, end));
            ANNALS_CHECK(check_room());
            if (progress) progress(last.value, end.value);
            next = last.next();
        }
        return FedEvents{end > start ? end.value - start.value : 0, lost_events_};
    }

  private:
    struct TagRange {
        std::size_t begin = 0;
        std::size_t count = 0;
    };

    /// disk_full before so much waits in memory that add() waits for room.
    Status check_room() {
        if (index_.background_error().empty()) return ok();
        Status flushed = index_.flush();
        return !flushed && flushed.error().code() == ErrorCode::kDiskFull ? flushed : ok();
    }

    /// Up to `last`, or as far behind it as the chain is not known because of damage.
    Status feed_batch(Position first, Position& last, Position end) {
        events_.clear();
        tags_.clear();
        tag_ranges_.clear();
        text_.release();
        for (Position position = first; position <= last; ++position) {
            ANNALS_CHECK(add_event(position));
        }
        Result<std::uint64_t> chain = log_.chain_at(last);
        while (!chain && chain.error().code() == ErrorCode::kDataLoss && last < end) {
            last = last.next();
            ANNALS_CHECK(add_event(last));
            chain = log_.chain_at(last);
        }
        if (!chain) return std::move(chain).take_error();
        for (std::size_t i = 0; i < events_.size(); ++i) {
            events_[i].tags = std::span<const index::Term>(tags_).subspan(
                tag_ranges_[i].begin, tag_ranges_[i].count
            );
        }
        index_.add(events_, *chain);
        return ok();
    }

    Status add_event(Position position) {
        const Result<log::StoredEvent> read = reader_.at(position);
        if (!read && read.error().code() == ErrorCode::kDataLoss) return add_lost(position);
        if (!read) return read.error();
        const log::StoredEvent& stored = *read;
        event_.tags.clear();
        event_.dialect.clear();
        event_.type = {};
        event_.stream = {};
        event_.id = {};
        event_.content_type = {};
        event_.metadata = {};
        event_.data = {};
        ANNALS_CHECK(model::decode_event_fields(stored.envelope, event_));
        ANNALS_CHECK(model::decode_event_fields(stored.payload, event_));

        index::IndexedEvent& indexed = events_.emplace_back();
        indexed.position = position;
        indexed.revision = stored.revision;
        indexed.recorded_time = stored.recorded_time;
        indexed.id = event_.id;
        indexed.fingerprint = stored.is_removed ? stored.fingerprint : model::fingerprint(event_);
        indexed.stream = copy_term(event_.stream);
        const std::string_view category = model::category_of(indexed.stream.text);
        if (!category.empty()) indexed.category = {category, codec::hash64(category)};
        indexed.type = copy_term(event_.type);
        const std::size_t tags_begin = tags_.size();
        for (const std::string_view tag : event_.tags) tags_.push_back(copy_term(tag));
        ANNALS_CHECK(add_tracking_tag(stored));
        tag_ranges_.push_back({tags_begin, tags_.size() - tags_begin});
        return ok();
    }

    /// What can be said of an event that cannot be read (index::kLostTag).
    Status add_lost(Position position) {
        if (!lost_) {
            ANNALS_TRY(LostEvents found, LostEvents::find(log_, index_, events_, position));
            lost_ = std::move(found);
        }
        ++lost_events_;
        rest_of_append_ = 0;
        index::IndexedEvent& indexed = events_.emplace_back();
        indexed.position = position;
        if (events_.size() > 1) indexed.recorded_time = events_[events_.size() - 2].recorded_time;
        if (const LostEvents::Event* of = lost_->at(position)) {
            indexed.stream = copy_term(of->stream);
            indexed.revision = of->revision;
            const std::string_view category = model::category_of(indexed.stream.text);
            if (!category.empty()) indexed.category = {category, codec::hash64(category)};
        }
        const std::size_t tags_begin = tags_.size();
        tags_.push_back({index::kLostTag, codec::hash64(index::kLostTag)});
        if (indexed.stream.text.empty()) {
            tags_.push_back({index::kUnplacedTag, codec::hash64(index::kUnplacedTag)});
        }
        tag_ranges_.push_back({tags_begin, tags_.size() - tags_begin});
        return ok();
    }

    /// The first event of a tracked append carries its key (tracking_term.hpp).
    Status add_tracking_tag(const log::StoredEvent& stored) {
        if (rest_of_append_ != 0) {
            --rest_of_append_;
            return ok();
        }
        const Result<log::StoredAppend> read = reader_.append_of(stored);
        // The event is whole, its append's record is damaged: what was tracked is lost.
        if (!read && read.error().code() == ErrorCode::kDataLoss) return ok();
        if (!read) return read.error();
        const log::StoredAppend& append = *read;
        rest_of_append_ = append.event_count - append.event_ordinal - 1;
        if (!append.tracking || append.event_ordinal != 0) return ok();
        tags_.push_back(copy_term(tracking_term(*append.tracking)));
        return ok();
    }

    index::Term copy_term(std::string_view text) {
        auto* copy = static_cast<char*>(text_.allocate(text.size() + 1, 1));
        text.copy(copy, text.size());
        return {{copy, text.size()}, codec::hash64(text)};
    }

    const log::SegmentLog& log_;
    index::Index& index_;
    log::LogReader reader_;
    model::RecordedEvent event_;
    std::optional<LostEvents> lost_;  ///< since the first lost position was met
    std::uint64_t lost_events_ = 0;
    std::uint32_t rest_of_append_ = 0;  ///< events of the current append that are to come
    std::vector<index::IndexedEvent> events_;
    std::vector<index::Term> tags_;
    std::vector<TagRange> tag_ranges_;
    std::pmr::monotonic_buffer_resource text_;
};

/// Gives all positions with one of the index's own tags, in pieces, until `look` says false.
template <typename Look>
Status each_tagged(const index::Index& index, std::string_view tag, Look look) {
    const model::Query query{{{.types = {}, .tags = {std::string(tag)}}}};
    constexpr std::size_t kAtOnce = 4'096;
    std::vector<Position> found;
    for (Position from(1);; from = found.back().next()) {
        found.clear();
        ANNALS_CHECK(index.query_positions(
            query, from, index.position(), index::Direction::kForwards, kAtOnce, found
        ));
        if (!look(found) || found.size() < kAtOnce) return ok();
    }
}

}  // namespace

bool is_mark_of(const log::SegmentLog& log, const index::IndexMark& mark) {
    if (mark.position > log.durable_end()) return false;
    const Result<std::uint64_t> chain = log.chain_at(mark.position);
    return chain && *chain == mark.chain;
}

Result<bool> is_lost_still(const log::SegmentLog& log, const index::Index& index) {
    log::LogReader reader = log.reader();
    bool is_lost = true;
    ANNALS_CHECK(each_tagged(index, index::kLostTag, [&](const std::vector<Position>& lost) {
        for (const Position position : lost) {
            if (reader.at(position)) is_lost = false;
            if (!is_lost) break;
        }
        return is_lost;
    }));
    return is_lost;
}

Result<std::uint64_t> count_unplaced(const index::Index& index) {
    std::uint64_t count = 0;
    ANNALS_CHECK(each_tagged(index, index::kUnplacedTag, [&](const std::vector<Position>& found) {
        count += found.size();
        return true;
    }));
    return count;
}

Result<FedEvents> feed_index(
    const log::SegmentLog& log, index::Index& index, const FeedProgress& progress
) {
    return IndexFeed(log, index).feed(progress);
}

}  // namespace annals::order_local
