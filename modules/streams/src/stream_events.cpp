// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/streams/stream_events.hpp"

#include <algorithm>
#include <span>

#include "annals/base/clock.hpp"

#include "batch_filler.hpp"

namespace annals::streams {
namespace {

/// A stream's events lie apart in the log.
constexpr std::size_t kPrefetchedEvents = 32;
/// With a filter so many are looked up at once: few of them may be wanted.
constexpr std::size_t kFilteredAtOnce = 512;

}  // namespace

StreamEvents::StreamEvents(const commit::Orderer& orderer, std::string stream, model::Filter filter)
    : orderer_(orderer), stream_(std::move(stream)) {
    if (filter.is_everything()) return;
    filter.include_system = true;  // it was named
    if (filter.bounds_time()) window_.emplace(orderer, filter);
    has_tags_ = !filter.tags.empty();
    filter_.emplace(std::move(filter));
}

Result<std::optional<index::StreamHead>> StreamEvents::head(Position visible) {
    ANNALS_TRY(std::optional<index::StreamHead> head, orderer_.index().head(stream_));
    return head_at(head, visible);
}

Result<std::optional<index::StreamHead>> StreamEvents::head_at(
    std::optional<index::StreamHead> head, Position visible
) {
    if (!head || head->last_position <= visible) return head;
    // The index is a moment ahead of what is visible: go back to the last visible event.
    for (std::size_t look = 64;; look *= 2) {
        positions_.clear();
        ANNALS_CHECK(orderer_.index().stream_positions(
            stream_, head->last, index::Direction::kBackwards, look, positions_
        ));
        const auto seen = std::find_if(
            positions_.begin(),
            positions_.end(),
            [&](Position position) { return position <= visible; }
        );
        if (seen != positions_.end()) {
            log::LogReader reader = orderer_.log().reader();
            ANNALS_TRY(const log::StoredEvent last, reader.at(*seen));
            head->last = last.revision;
            head->last_position = last.position;
            head->last_time = last.recorded_time;
            return head;
        }
        if (positions_.size() < look) return std::optional<index::StreamHead>();
    }
}

Result<Revision> StreamEvents::revision_from(
    Position position, const index::StreamHead& head, log::LogReader& reader
) {
    if (position > head.last_position) return head.last.next();
    if (position.value <= 1) return head.first;
    // Where damage lies, the index alone tells.
    const auto is_damage = [](const Error& error) { return error.code() == ErrorCode::kDataLoss; };
    const Result<log::StoredEvent> before = reader.at(Position(position.value - 1));
    if (!before && !is_damage(before.error())) return before.error();
    if (before && stream_of(before->envelope) == stream_) return before->revision.next();
    const Result<log::StoredEvent> there = reader.at(position);
    if (!there && !is_damage(there.error())) return there.error();
    if (there && stream_of(there->envelope) == stream_) return there->revision;
    std::uint64_t low = head.first.value;
    std::uint64_t high = head.last.value;
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        positions_.clear();
        ANNALS_CHECK(orderer_.index().stream_positions(
            stream_, Revision(middle), index::Direction::kForwards, 1, positions_
        ));
        const bool is_there = !positions_.empty() && positions_.front() >= position;
        if (is_there) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return Revision(low);
}

Result<TimeNs> StreamEvents::time_of(Revision revision) {
    positions_.clear();
    ANNALS_CHECK(orderer_.index().stream_positions(
        stream_, revision, index::Direction::kForwards, 1, positions_
    ));
    if (positions_.empty()) {
        return Error(
            ErrorCode::kInternal,
            "the index lacks revision " + std::to_string(revision.value) + " of stream \"" +
                stream_ + "\": delete the index folder and start again"
        );
    }
    log::LogReader reader = orderer_.log().reader();
    ANNALS_TRY(const log::StoredEvent event, reader.at(positions_.front()));
    return event.recorded_time;
}

Result<Fill> StreamEvents::fill(
    log::LogReader& reader,
    Revision from,
    api::Direction direction,
    Position visible,
    const FillLimits& limits,
    model::EventBatch& batch
) {
    const bool is_forwards = direction == api::Direction::kForwards;
    detail::BatchFiller filler(limits, batch);
    RecordedWindow::Bounds within{Position(1), visible};
    if (window_) {
        ANNALS_TRY(within, window_->as_of(visible));
    }
    std::optional<Error> failed;
    Position reached;
    std::int64_t start_ns = 0;  // of going on; the usual read asks no clock
    for (std::uint64_t looked_at = 0;;) {
        const std::size_t wanted = filter_ ? std::max(filler.room(), kFilteredAtOnce)
                                           : filler.room();
        positions_.clear();
        // one allocation for a usual stream, whose length nobody has looked up
        positions_.reserve(std::min(wanted, kPrefetchedEvents));
        ANNALS_CHECK(orderer_.index().stream_positions(
            stream_,
            from,
            is_forwards ? index::Direction::kForwards : index::Direction::kBackwards,
            wanted,
            positions_
        ));
        for (std::size_t i = 0; i < positions_.size(); ++i) {
            if (i % kPrefetchedEvents == 0) {
                reader.prefetch(std::span(positions_)
                                    .subspan(i)
                                    .first(std::min(kPrefetchedEvents, positions_.size() - i)));
            }
            const Position position = positions_[i];
            if (position > visible) {
                if (is_forwards) return filler.stop(reached, true);
                continue;
            }
            // What the index counts, also where nothing is read or the log cannot tell.
            const Revision counted(is_forwards ? from.value + i : from.value - i);
            if (!within.holds(position)) {
                const bool is_behind = is_forwards ? position > within.last
                                                   : position < within.first;
                if (is_behind || counted < limits.revision_min) return filler.stop(reached, true);
                filler.pass_unread(counted);
                reached = position;
                continue;
            }
            const Result<log::StoredEvent> read = reader.at(position);
            if (!read) [[unlikely]] {
                if (read.error().code() != ErrorCode::kDataLoss) return read.error();
                if (counted < limits.revision_min) return filler.stop(reached, true);
                if (!orderer_.log().accepts_damage()) {
                    if (reached.value == 0) return read.error();
                    return filler.stop(reached, false);
                }
                filler.pass_unread(counted);
                reached = position;
                continue;
            }
            const log::StoredEvent& event = *read;
            if (event.revision < limits.revision_min) return filler.stop(reached, true);
            // Up to the cut, tags of removed events are forgotten.
            const bool is_uncertain = has_tags_ && event.is_removed &&
                                      position <= orderer_.cut().position;
            if (filter_ && !is_uncertain) {
                const bool is_match = filter_->matches(event.envelope, &failed);
                if (failed) return *failed;
                if (!is_match) {
                    filler.pass(event);
                    reached = position;
                    continue;
                }
            }
            if (event.is_removed) {
                filler.pass_removed(event, true, is_uncertain);
                reached = position;
                continue;
            }
            if (batch.empty()) {
                // Events of a stream resemble each other: one allocation for all, seldom two.
                const std::size_t bytes = event.envelope.size() + event.payload.size() +
                                          model::kStampBytes + 8;
                const std::size_t more = std::min(positions_.size(), filler.room());
                batch.reserve(std::min(limits.bytes_max, bytes * more + bytes));
            }
            if (!filler.add(event)) return filler.stop(reached, false);
            reached = position;
        }
        const bool is_done = positions_.size() < wanted;
        const bool is_enough_given = filter_ ? filler.is_full() : !batch.empty();
        if (is_done || is_enough_given || !filler.has_moved()) return filler.stop(reached, is_done);
        // Where much was removed or is not wanted, go on until there is something to give.
        looked_at += positions_.size();
        const std::int64_t now_ns = system_clock().monotonic_ns();
        if (looked_at == positions_.size()) start_ns = now_ns;
        const bool is_enough = looked_at >= limits.scan_positions_max ||
                               now_ns - start_ns > limits.work_ns_max;
        if (is_enough) return filler.stop(reached, false);
        const Revision last = filler.last_revision();
        if (!is_forwards && last.value == 0) return filler.stop(reached, true);
        from = is_forwards ? last.next() : Revision(last.value - 1);
    }
}

}  // namespace annals::streams
