// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "index_feed.hpp"

#include <algorithm>
#include <memory_resource>
#include <string_view>
#include <vector>

#include "annals/codec/checksum.hpp"
#include "annals/model/names.hpp"

#include "tracking_term.hpp"

namespace annals::order_local {
namespace {

constexpr std::size_t kBatchEvents = 16'384;

class IndexFeed {
  public:
    IndexFeed(const log::SegmentLog& log, index::Index& index)
        : log_(log), index_(index), reader_(log.reader()) {}

    Result<std::uint64_t> feed(const FeedProgress& progress) {
        const Position start = index_.position();
        const Position end = log_.durable_end();
        for (Position next = start.next(); next <= end;) {
            const Position last(std::min(next.value + kBatchEvents - 1, end.value));
            ANNALS_CHECK(feed_batch(next, last));
            if (progress) progress(last.value, end.value);
            next = last.next();
        }
        return end > start ? end.value - start.value : 0;
    }

  private:
    struct TagRange {
        std::size_t begin = 0;
        std::size_t count = 0;
    };

    Status feed_batch(Position first, Position last) {
        events_.clear();
        tags_.clear();
        tag_ranges_.clear();
        text_.release();
        for (Position position = first; position <= last; ++position) {
            ANNALS_CHECK(add_event(position));
        }
        for (std::size_t i = 0; i < events_.size(); ++i) {
            events_[i].tags = std::span<const index::Term>(tags_).subspan(
                tag_ranges_[i].begin, tag_ranges_[i].count
            );
        }
        ANNALS_TRY(const std::uint64_t chain, log_.chain_at(last));
        index_.add(events_, chain);
        return ok();
    }

    Status add_event(Position position) {
        ANNALS_TRY(const log::StoredEvent stored, reader_.at(position));
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

    /// The first event of a tracked append carries its key (tracking_term.hpp).
    Status add_tracking_tag(const log::StoredEvent& stored) {
        if (rest_of_append_ != 0) {
            --rest_of_append_;
            return ok();
        }
        ANNALS_TRY(const log::StoredAppend append, reader_.append_of(stored));
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
    std::uint32_t rest_of_append_ = 0;  ///< events of the current append that are to come
    std::vector<index::IndexedEvent> events_;
    std::vector<index::Term> tags_;
    std::vector<TagRange> tag_ranges_;
    std::pmr::monotonic_buffer_resource text_;
};

}  // namespace

bool is_mark_of(const log::SegmentLog& log, const index::IndexMark& mark) {
    if (mark.position > log.durable_end()) return false;
    const Result<std::uint64_t> chain = log.chain_at(mark.position);
    return chain && *chain == mark.chain;
}

Result<std::uint64_t> feed_index(
    const log::SegmentLog& log, index::Index& index, const FeedProgress& progress
) {
    return IndexFeed(log, index).feed(progress);
}

}  // namespace annals::order_local
