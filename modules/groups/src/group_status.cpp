// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Where a group stands.
#include <algorithm>
#include <utility>

#include "annals/model/names.hpp"
#include "annals/streams/tokens.hpp"
#include "annals/telemetry/logging.hpp"

#include "group.hpp"
#include "member.hpp"

namespace annals::groups {
namespace {

/// Of one status; some millions of postings.
constexpr std::int64_t kCountingNs = 50 * kNsPerMs;

double seconds_between(TimeNs from, TimeNs to) {
    return to > from ? static_cast<double>(to.value - from.value) / 1e9 : 0;
}

}  // namespace

std::string Group::failure_text(const Failure& failure) {
    return "member \"" + model::shown(failure.member) +
           "\" could not handle the event at position " + std::to_string(failure.position.value) +
           (failure.reason.empty() ? "" : ": " + failure.reason);
}

bool Group::has_work() const {
    const EngineCounts counts = engine_->counts();
    const std::uint64_t retried = counts.ready_keys + counts.in_flight + counts.resting;
    return counts.unfinished > 0 || retried > 0 || engine_->is_backlog_full();
}

std::string Group::waits_for() const {
    if (is_failed_ || engine_ == nullptr) return "storage";
    const EngineCounts counts = engine_->counts();
    if (counts.unfinished == 0 && counts.backlog == 0) return "";
    if (engine_->is_paused()) return "resume";
    if (engine_->is_backlog_full()) return "parked";
    if (!has_work()) return "";
    const std::vector<api::GroupMemberInfo> members = engine_->members();
    // Silent ones get nothing.
    const bool is_nobody_there = std::ranges::all_of(members, &api::GroupMemberInfo::is_silent);
    if (is_nobody_there) return "members";
    if (engine_->is_window_full() && counts.ready_keys == 0) return "window";
    if (counts.ready_keys == 0 && counts.in_flight == 0 && counts.resting > 0) return "retries";
    if (counts.in_flight > 0) return "acknowledgements";
    // They are there, and none asks for anything.
    return counts.ready_keys > 0 && counts.takers == 0 ? "members" : "";
}

void Group::learn_oldest_time() {
    const auto at = engine_->oldest_of_unknown_age();
    if (!at) return;
    log::LogReader reader = events_->log().reader();
    if (const auto stored = reader.at(*at)) engine_->set_recorded_time(*at, stored->recorded_time);
}

Group::Beyond Group::count_stream_beyond(Position end) const {
    const std::string& stream = definition_.settings.stream;
    const std::uint64_t span = end.value - engine_->frontier().value;
    const auto head = events_->index().head(stream);
    if (head && !*head) return {0, true, end};
    const bool is_whole = definition_.settings.filter.is_everything();
    if (head && last_revision_) return {(*head)->last.value - last_revision_->value, is_whole, end};
    return {head ? std::min(span, (*head)->last.value + 1) : span, false, end};
}

Group::Beyond Group::count_beyond(Lock& lock) {
    const Position end = events_->visible_end().get();
    const std::uint64_t span = end.value - std::min(engine_->frontier(), end).value;
    if (span == 0) return {0, true, end};
    const api::GroupSettings settings = definition_.settings;
    if (!settings.stream.empty()) return count_stream_beyond(end);
    const model::Filter& filter = settings.filter;
    const auto count = [&](std::int64_t patience_ns) {
        return lag_.count(
            events_->index(),
            filter,
            definition_revision_.value + 1,
            engine_->frontier(),
            end,
            patience_ns,
            tools_.clock
        );
    };
    bool is_indexed = false;
    {
        // What takes time is done without the lock; then only what was read meanwhile is counted
        // off.
        const std::shared_ptr<commit::Orderer> events = events_;
        const Position after = engine_->frontier();
        const std::uint64_t epoch = definition_revision_.value + 1;
        lock.unlock();
        is_indexed = lag_.count(
                             events->index(), filter, epoch, after, end, kCountingNs, tools_.clock
        )
                         .has_value();
        lock.lock();
    }
    if (engine_ == nullptr || events_ == nullptr) return {0, false, end};
    if (engine_->frontier() >= end) return {0, true, end};
    const std::optional<LagCounter::Count> counted = is_indexed ? count(0) : std::nullopt;
    if (!counted) {
        const std::uint64_t rest = end.value - engine_->frontier().value;
        return {rest, filter.is_everything() && filter.include_system, end};
    }
    const bool is_checked = filter.stream_prefixes.empty() && filter.stream_pattern.empty() &&
                            filter.type_pattern.empty() && !filter.bounds_time();
    return {counted->events, is_checked && counted->is_whole, end};
}

api::GroupStatus Group::status(bool counts_behind) {
    Lock lock(mutex_);
    Beyond beyond;
    const bool can_count = engine_ != nullptr && events_ != nullptr && !is_failed_;
    if (counts_behind && can_count) beyond = count_beyond(lock);
    const Now moment = now();
    api::GroupStatus status;
    status.group = name_;
    status.settings = definition_.settings;
    status.generation = definition_.generation;
    status.revision = definition_revision_;
    status.created_time = definition_.created_time;
    status.changed_time = changed_time_;
    status.last_error = last_error_;
    status.last_error_time = last_error_time_;
    status.waits_for = waits_for();
    status.state = is_failed_              ? api::GroupState::kFailed
                   : definition_.is_paused ? api::GroupState::kPaused
                                           : api::GroupState::kRunning;
    if (engine_ == nullptr || events_ == nullptr) {
        // What is not known is not small: nothing goes on, and nobody counts.
        status.state = api::GroupState::kFailed;
        status.is_behind_exact = false;
        if (failed_since_ns_) {
            status.stalled_for_seconds = static_cast<double>(moment.ns - *failed_since_ns_) / 1e9;
        }
        return status;
    }
    // The members' failures count as errors of the group, until something newer goes wrong.
    if (const auto& failure = engine_->last_failure();
        failure && failure->time >= last_error_time_) {
        status.last_error = failure_text(*failure);
        status.last_error_time = failure->time;
    }
    const EngineCounts counts = engine_->counts();
    status.members = engine_->members();
    status.checkpoint = engine_->checkpoint().low;
    if (auto token = streams::Tokens(*events_).at(status.checkpoint)) {
        status.position = std::move(*token);
    }
    status.read_up_to = engine_->frontier();
    status.in_flight = counts.in_flight;
    status.waiting = counts.waiting;
    status.handled = counts.handled;
    status.redelivered = counts.redelivered;
    status.parked_keys = counts.parked_keys;
    const std::uint64_t retried = engine_->retried();
    status.parked_events = counts.backlog - retried;
    if (const auto oldest = engine_->oldest_parked()) {
        status.oldest_parked_seconds = seconds_between(*oldest, moment.time);
    }
    status.behind = counts.unfinished + retried;
    if (counts_behind) {
        status.behind += beyond.events;
        status.is_behind_exact = beyond.is_exact;
    } else {
        status.is_behind_exact = engine_->frontier() >= events_->visible_end().get();
    }
    learn_oldest_time();
    if (const auto oldest = engine_->oldest_unfinished()) {
        status.seconds_behind = seconds_between(*oldest, moment.time);
    }
    status.events_per_second = rate_.per_second(moment.ns, counts.handled);
    if (status.is_behind_exact && status.behind == 0) {
        status.seconds_to_catch_up = 0;
    } else if (status.is_behind_exact && status.events_per_second > 0) {
        status.seconds_to_catch_up = static_cast<double>(status.behind) / status.events_per_second;
    }
    const std::int64_t still_ns = moment.ns - progress_ns_;
    const std::int64_t limit_ns = std::int64_t{definition_.settings.stalled_after_ms} * kNsPerMs;
    if (has_work() && counts.handled == progress_handled_ && still_ns >= limit_ns) {
        status.stalled_for_seconds = static_cast<double>(still_ns) / 1e9;
    }
    return status;
}

}  // namespace annals::groups
