// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "catch_up.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

#include "annals/streams/requests.hpp"
#include "annals/streams/start.hpp"

namespace annals::subscriptions {
namespace {

constexpr std::uint32_t kUsualBatch = 100;
constexpr std::uint32_t kUsualInterval = 10'000;

/// All but FromEnd, which is where the next event will be.
api::ReadStart read_start_of(const api::SubscribeStart& start, Position visible) {
    return std::visit(
        [&](const auto& one) -> api::ReadStart {
            if constexpr (std::is_same_v<std::decay_t<decltype(one)>, api::FromEnd>) {
                return api::FromPosition{visible.next()};
            } else {
                return one;
            }
        },
        start
    );
}

Error closed() {
    return Error(
        ErrorCode::kShuttingDown,
        "the log is closed: subscribe again, after the last position, once it is back"
    );
}

}  // namespace

Result<std::unique_ptr<CatchUp>> CatchUp::begin(
    commit::Orderer& orderer,
    streams::Tokens& tokens,
    streams::StreamLives& lives,
    const Clock& clock,
    const api::SubscribeRequest& request
) {
    ANNALS_CHECK(streams::check_selection(request.stream, request.filter));
    std::unique_ptr<CatchUp> begun(new CatchUp(orderer, tokens, lives, clock));
    ANNALS_TRY(
        begun->limits_.events_max,
        streams::events_limit(request.batch_events_max, kUsualBatch, "batch_events_max")
    );
    begun->checkpoint_interval_ = request.checkpoint_interval == 0 ? kUsualInterval
                                                                   : request.checkpoint_interval;
    begun->limits_.bytes_max = kFrameBytesMax;
    begun->limits_.scan_positions_max = std::min(
        begun->limits_.scan_positions_max, begun->checkpoint_interval_
    );
    if (request.stream.empty()) {
        begun->filtered_.emplace(orderer, request.filter);
    } else {
        begun->stream_.emplace(orderer, request.stream, request.filter);
        ANNALS_TRY(const auto said, lives.own(request.stream, orderer.visible_end().get()));
        if (said && said->is_tombstoned()) return streams::stream_is_tombstoned(request.stream);
    }
    ANNALS_CHECK(begun->find_start(request.start));
    begun->reported_ = begun->position_;
    begun->reported_ns_ = clock.monotonic_ns();
    return begun;
}

Status CatchUp::find_start(const api::SubscribeStart& start) {
    const Position visible = orderer_.visible_end().get();
    if (const auto* from = std::get_if<api::FromRevision>(&start); from != nullptr && stream_) {
        next_revision_ = from->revision;
        return ok();
    }
    if (const auto* from = std::get_if<api::FromTime>(&start)) {
        start_time_ = from->time;
        return wait_for_time(visible);
    }
    ANNALS_TRY(
        const Position first,
        streams::first_position(
            orderer_, tokens_, read_start_of(start, visible), api::Direction::kForwards, visible
        )
    );
    return start_at(first);
}

Status CatchUp::start_at(Position first) {
    position_ = Position(first.value - 1);
    if (!stream_) return ok();
    ANNALS_TRY(
        const std::optional<index::StreamHead> head, stream_->head(orderer_.visible_end().get())
    );
    if (!head) return ok();
    log::LogReader reader = orderer_.log().reader();
    ANNALS_TRY(next_revision_, stream_->revision_from(first, *head, reader));
    return ok();
}

/// Recorded time never falls: all that is visible is too old, or the first event that is not can be
/// found.
Status CatchUp::wait_for_time(Position visible) {
    ANNALS_TRY(const Position first, orderer_.log().find_time(*start_time_));
    if (first > visible) return start_at(visible.next());
    start_time_.reset();
    return start_at(first);
}

Result<bool> CatchUp::next(api::SubscriptionFrame& frame) {
    frame.events.clear();
    frame.position.clear();
    frame.mark = api::SubscriptionMark::kNone;
    frame.removed.clear();
    if (is_caught_up_due_) {
        is_caught_up_due_ = false;
        is_live_ = true;
        return give(frame, api::SubscriptionMark::kCaughtUp);
    }
    while (true) {
        const bool is_closed = orderer_.visible_end().is_closed();
        const Position visible = orderer_.visible_end().get();
        if (is_live_ && visible.value > position_.value + kFellBehindEvents) {
            is_live_ = false;
            return give(frame, api::SubscriptionMark::kFellBehind);
        }
        if (position_ < visible && start_time_) ANNALS_CHECK(wait_for_time(visible));
        if (position_ < visible) ANNALS_CHECK(fill(visible, frame.events));
        const bool is_at_end = position_ >= visible;
        if (!frame.events.empty()) {
            is_caught_up_due_ = is_at_end && !is_live_;
            return give(frame, api::SubscriptionMark::kNone);
        }
        // A tombstoned stream shows nothing, and nothing comes after it.
        if (is_at_end && is_tombstoned_) return streams::stream_is_tombstoned(stream_->stream());
        if (is_at_end && !is_live_) {
            is_live_ = true;
            return give(frame, api::SubscriptionMark::kCaughtUp);
        }
        if (is_checkpoint_due()) return give(frame, api::SubscriptionMark::kCheckpoint);
        if (is_at_end && is_closed) return closed();
        if (is_at_end) return false;
    }
}

Status CatchUp::fill(Position visible, model::EventBatch& batch) {
    if (!reader_) reader_.emplace(orderer_.log().reader());
    if (filtered_) {
        const streams::Span span{position_.next(), visible, api::Direction::kForwards};
        ANNALS_TRY(streams::Fill fill, filtered_->fill(*reader_, span, limits_, batch));
        if (fill.ends_removed()) fill.end_with_last_added();
        note_removed(fill);
        position_ = fill.reached;
        return ok();
    }
    ANNALS_TRY(std::optional<api::RemovedEvents> hidden, pass_hidden(visible));
    ANNALS_TRY(
        streams::Fill fill,
        stream_->fill(*reader_, next_revision_, api::Direction::kForwards, visible, limits_, batch)
    );
    if (fill.ends_removed()) fill.end_with_last_added();
    if (hidden) {
        streams::Fill passed;
        passed.removed.push_back(*hidden);
        passed.removed.back().last_position = fill.before_first(visible);
        note_removed(passed);
    }
    note_removed(fill);
    if (fill.has_moved) next_revision_ = fill.last_revision.next();
    skip_to(fill.is_done ? visible : fill.reached);
    return ok();
}

/// Goes on at the first event that the stream's metadata leave, as of the position. What is told of
/// those before it; where they end is not known yet.
Result<std::optional<api::RemovedEvents>> CatchUp::pass_hidden(Position visible) {
    std::optional<api::RemovedEvents> hidden;
    ANNALS_TRY(const streams::Retention retention, lives_.of(stream_->stream(), visible));
    if (retention.shows_all()) return hidden;
    is_tombstoned_ = retention.is_tombstoned();
    ANNALS_TRY(const std::optional<index::StreamHead> head, stream_->head(visible));
    if (!head) return hidden;
    ANNALS_TRY(
        const Revision first,
        streams::first_shown(orderer_, stream_->stream(), *head, retention, orderer_.now())
    );
    if (first <= next_revision_) return hidden;
    // The end of a tombstoned stream says all there is to say.
    if (!is_tombstoned_) {
        hidden = streams::hidden_events(
            next_revision_,
            Revision(first.value - 1),
            position_.next(),
            visible,
            stream_->is_filtered()
        );
    }
    next_revision_ = first;
    return hidden;
}

/// Between what was noted before and what comes first now no event was given.
void CatchUp::note_removed(streams::Fill& fill) {
    for (api::RemovedEvents& one : fill.removed) {
        const bool is_first = &one == &fill.removed.front() &&
                              (fill.first_added.value == 0 || one.first_position < fill.first_added
                              );
        const bool is_neighbour = is_first && !removed_.empty() &&
                                  one.is_uncertain == removed_.back().is_uncertain;
        if (is_neighbour) {
            removed_.back().take_in(one);
        } else {
            removed_.push_back(one);
        }
    }
}

bool CatchUp::is_checkpoint_due() const {
    if (position_ <= reported_) return false;
    if (position_ >= checkpoint_position()) return true;
    return is_live_ && clock_.monotonic_ns() >= idle_checkpoint_ns();
}

Result<bool> CatchUp::give(api::SubscriptionFrame& frame, api::SubscriptionMark mark) {
    ANNALS_TRY(frame.position, tokens_.at(position_));
    frame.mark = mark;
    frame.removed = std::exchange(removed_, {});
    reported_ = position_;
    reported_ns_ = clock_.monotonic_ns();
    return true;
}

}  // namespace annals::subscriptions
