// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// How a group begins, and what is shown and written of it.
#include "engine.hpp"

#include <algorithm>

#include "engine_parts.hpp"

namespace annals::groups {

Engine::Engine(api::GroupSettings settings, const DurableState& state, DeliveryId first_delivery)
    : settings_(std::move(settings)),
      frontier_(state.checkpoint.low),
      last_failure_(state.last_failure),
      last_delivery_(first_delivery),
      last_member_(first_delivery) {
    passed_before_.assign(state.checkpoint.finished.begin(), state.checkpoint.finished.end());
    for (const BacklogEvent& event : state.backlog) {
        Entry* entry = make_entry(event.position, event.recorded_time);
        entry->key = key_of(event.key);
        entry->is_backlog = true;
        entry->is_edited = event.is_edited;
        backlog_[event.position] = entry;
        if (event.is_parked && entry->key->parked == nullptr) {
            entry->attempts = event.attempts;
            entry->key->parked = entry;
            entry->key->note = std::make_unique<api::ParkedEvent>(api::ParkedEvent{
                event.key,
                event.position,
                0,
                event.attempts,
                event.error,
                event.member,
                event.parked_time,
                event.is_edited
            });
            parked_[event.position] = entry->key;
        } else {
            insert_waiting(entry->key, entry);
        }
    }
    for (Key& key : keys_) {
        if (key.parked != nullptr) {
            for (const Entry* e = key.first; e != nullptr; e = e->next) ++key.note->queued;
        } else {
            retry_waiting(key);
        }
    }
    for (Key& key : keys_) place(&key, {});
}

Engine::~Engine() = default;

void Engine::set_numbers(const api::GroupSettings& settings) {
    api::GroupSettings next = settings;
    next.stream = settings_.stream;
    next.filter = settings_.filter;
    next.strategy = settings_.strategy;
    next.key = settings_.key;
    settings_ = std::move(next);
    for (const auto& [id, member] : members_) {
        if (!member->is_polling) member->room = most_in_flight(*member);
    }
}

std::uint32_t Engine::most_in_flight(const Member& member) const {
    const std::uint32_t allowed = settings_.member_in_flight_max;
    return member.in_flight_max == 0 ? allowed : std::min(member.in_flight_max, allowed);
}

Checkpoint Engine::checkpoint() const {
    Checkpoint checkpoint;
    checkpoint.low = window_.empty() ? frontier_ : Position(window_.front().position.value - 1);
    bool is_open = false;
    for (const WindowSlot& slot : window_) {
        if (slot.is_passed && is_open) {
            checkpoint.finished.back().second = slot.position;
        } else if (slot.is_passed) {
            checkpoint.finished.emplace_back(slot.position, slot.position);
        }
        is_open = slot.is_passed;
    }
    // What an earlier checkpoint knew and was not read again yet.
    for (const auto& [first, last] : passed_before_) {
        if (last > frontier_) {
            checkpoint.finished.emplace_back(std::max(first, frontier_.next()), last);
        }
    }
    return checkpoint;
}

EngineCounts Engine::counts() const {
    EngineCounts counts;
    counts.handled = handled_;
    counts.redelivered = redelivered_;
    counts.in_flight = deliveries_.size();
    counts.waiting = waiting_;
    counts.window = window_.size();
    counts.backlog = backlog_.size();
    counts.resting = resting_.size();
    counts.parked_keys = parked_.size();
    counts.unfinished = unfinished_;
    counts.ready_keys = ready_.size();
    for (const auto& [id, member] : members_) {
        counts.ready_keys += member->held.size();
        if (member->has_room()) ++counts.takers;
    }
    return counts;
}

std::vector<api::GroupMemberInfo> Engine::members() const {
    std::vector<api::GroupMemberInfo> list;
    list.reserve(members_.size());
    for (const auto& [id, member] : members_) {
        list.push_back(
            {id,
             member->name,
             member->in_flight,
             most_in_flight(*member),
             member->joined_time,
             member->seen_time,
             member->is_silent}
        );
    }
    return list;
}

std::optional<TimeNs> Engine::oldest_unfinished() const {
    std::optional<TimeNs> oldest;
    if (!window_.empty()) oldest = window_.front().recorded;
    if (retried_.empty()) return oldest;
    const TimeNs retried = backlog_.at(*retried_.begin())->recorded;
    if (retried == TimeNs() || (oldest && *oldest < retried)) return oldest;
    return retried;
}

std::optional<Position> Engine::oldest_of_unknown_age() const {
    if (retried_.empty()) return std::nullopt;
    const Position oldest = *retried_.begin();
    if (backlog_.at(oldest)->recorded != TimeNs()) return std::nullopt;
    return oldest;
}

void Engine::set_recorded_time(Position position, TimeNs recorded) {
    if (const auto found = backlog_.find(position); found != backlog_.end()) {
        found->second->recorded = recorded;
    }
}

std::optional<TimeNs> Engine::oldest_parked() const {
    std::optional<TimeNs> oldest;
    for (const auto& [at, key] : parked_) {
        if (!oldest || key->note->parked_time < *oldest) oldest = key->note->parked_time;
    }
    return oldest;
}

}  // namespace annals::groups
