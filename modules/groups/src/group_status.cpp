// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Where a group stands.
#include <algorithm>
#include <utility>

#include "annals/streams/tokens.hpp"
#include "annals/telemetry/logging.hpp"

#include "group.hpp"
#include "member.hpp"

namespace annals::groups {
namespace {

constexpr std::int64_t kMs = 1'000'000;
constexpr std::size_t kBehindCountedMax = 10'000;

double seconds_between(TimeNs from, TimeNs to) {
    return to > from ? static_cast<double>(to.value - from.value) / 1e9 : 0;
}

}  // namespace

std::string Group::waits_for() const {
    if (is_failed_ || engine_ == nullptr) return "storage";
    const EngineCounts counts = engine_->counts();
    const bool has_work = engine_->oldest_unfinished().has_value() || counts.backlog > 0;
    if (!has_work) return "";
    if (engine_->is_paused()) return "resume";
    if (engine_->is_backlog_full()) return "parked";
    if (!engine_->oldest_unfinished()) return "";
    if (engine_->member_count() == 0) return "members";
    if (engine_->is_window_full() && counts.ready_keys == 0) return "window";
    if (counts.ready_keys == 0 && counts.in_flight == 0 && counts.resting > 0) return "retries";
    if (counts.in_flight > 0) return "acknowledgements";
    return "";
}

std::uint64_t Group::count_behind(bool& is_exact) const {
    const Position frontier = engine_->frontier();
    const Position end = events_->visible_end().get();
    if (frontier >= end) return 0;
    const std::uint64_t span = end.value - frontier.value;
    const api::GroupSettings& settings = definition_.settings;
    if (!settings.stream.empty()) {
        const auto head = events_->index().head(settings.stream);
        if (head && !*head) return 0;
        if (head && last_revision_) return (*head)->last.value - last_revision_->value;
        is_exact = false;
        return head ? std::min(span, (*head)->last.value + 1) : span;
    }
    std::vector<Position> positions;
    const Result<bool> is_indexed = events_->index().filter_positions(
        settings.filter,
        frontier.next(),
        end,
        index::Direction::kForwards,
        kBehindCountedMax,
        positions
    );
    if (!is_indexed || !*is_indexed) {
        is_exact = settings.filter.is_everything() && settings.filter.include_system;
        return span;
    }
    const bool is_checked = settings.filter.stream_prefixes.empty() &&
                            settings.filter.stream_pattern.empty() &&
                            settings.filter.type_pattern.empty();
    is_exact = is_checked && positions.size() < kBehindCountedMax;
    return positions.size();
}

api::GroupStatus Group::status(bool counts_behind) {
    const Lock lock(mutex_);
    const Now moment = now();
    api::GroupStatus status;
    status.group = name_;
    status.settings = definition_.settings;
    status.generation = definition_.generation;
    status.created_time = definition_.created_time;
    status.changed_time = changed_time_;
    status.last_error = last_error_;
    status.last_error_time = last_error_time_;
    status.waits_for = waits_for();
    status.state = is_failed_              ? api::GroupState::kFailed
                   : definition_.is_paused ? api::GroupState::kPaused
                                           : api::GroupState::kRunning;
    if (engine_ == nullptr || events_ == nullptr) {
        status.state = api::GroupState::kFailed;
        return status;
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
    status.parked_events = counts.backlog;
    if (const auto oldest = engine_->oldest_parked()) {
        status.oldest_parked_seconds = seconds_between(*oldest, moment.time);
    }
    status.behind = counts.unfinished;
    const Position end = events_->visible_end().get();
    if (counts_behind) {
        status.behind += count_behind(status.is_behind_exact);
    } else {
        status.is_behind_exact = engine_->frontier() >= end;
    }
    if (const auto oldest = engine_->oldest_unfinished()) {
        status.seconds_behind = seconds_between(*oldest, moment.time);
    }
    if (samples_.size() > 1 || (samples_.size() == 1 && moment.ns > samples_[0].first)) {
        const double seconds = static_cast<double>(moment.ns - samples_.front().first) / 1e9;
        const auto handled = static_cast<double>(counts.handled - samples_.front().second);
        status.events_per_second = handled / std::max(seconds, 0.001);
    }
    if (status.behind == 0) {
        status.seconds_to_catch_up = 0;
    } else if (status.events_per_second > 0) {
        status.seconds_to_catch_up = static_cast<double>(status.behind) / status.events_per_second;
    }
    const std::int64_t still_ns = moment.ns - progress_ns_;
    const bool has_work = counts.unfinished > 0 || engine_->is_backlog_full();
    const std::int64_t limit_ns = std::int64_t{definition_.settings.stalled_after_ms} * kMs;
    if (has_work && counts.handled == progress_handled_ && still_ns >= limit_ns) {
        status.stalled_for_seconds = static_cast<double>(still_ns) / 1e9;
    }
    return status;
}

}  // namespace annals::groups
