// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Keys that are parked, and what waits behind.
#include <algorithm>
#include <utility>

#include "annals/codec/text.hpp"

#include "engine_parts.hpp"

namespace annals::groups {

void Engine::record_queued(const Key& key, Position position) {
    const bool goes_on = !changes_.empty() && changes_.back().kind == ChangeKind::kQueued &&
                         changes_.back().key == key.name;
    if (!goes_on) changes_.push_back({.kind = ChangeKind::kQueued, .key = key.name});
    changes_.back().positions.push_back(position);
}

void Engine::into_backlog(Entry* entry) {
    if (entry->is_backlog) return;
    entry->is_backlog = true;
    backlog_[entry->position] = entry;
    release(*entry);
    pass(entry);
}

void Engine::park(Entry* entry, const std::string& error, Now now) {
    Key* const key = entry->key;
    if (key->parked != nullptr) {
        // with more than one in flight: the key is parked already, this one waits
        retried_.erase(entry->position);
        if (!entry->is_backlog) {
            into_backlog(entry);
            record_queued(*key, entry->position);
        }
        ++key->note->queued;
        insert_waiting(key, entry);
        return;
    }
    const Member* const member = find_member(entry->member);
    into_backlog(entry);
    retried_.erase(entry->position);
    key->parked = entry;
    key->not_before_ns = 0;
    key->note = std::make_unique<api::ParkedEvent>();
    key->note->key = key->name;
    key->note->at = entry->position;
    key->note->attempts = entry->attempts;
    key->note->error = codec::beginning_of(error, api::kGroupTextBytesMax);
    key->note->member = member == nullptr ? std::string() : member->name;
    key->note->parked_time = now.time;
    key->note->is_edited = entry->is_edited;
    parked_[entry->position] = key;
    changes_.push_back(
        {.kind = ChangeKind::kParked,
         .key = key->name,
         .positions = {entry->position},
         .attempts = entry->attempts,
         .error = key->note->error,
         .member = key->note->member,
         .time = now.time}
    );
    has_urgent_ = true;
    for (Entry* waiting = key->first; waiting != nullptr; waiting = waiting->next) {
        ++key->note->queued;
        retried_.erase(waiting->position);
        if (waiting->is_backlog) continue;
        --waiting_;
        into_backlog(waiting);
        record_queued(*key, waiting->position);
    }
}

std::vector<api::ParkedEvent> Engine::parked(Position after, std::size_t limit) const {
    std::vector<api::ParkedEvent> list;
    for (auto at = parked_.upper_bound(after); at != parked_.end() && list.size() < limit; ++at) {
        list.push_back(*at->second->note);
    }
    return list;
}

std::vector<Position> Engine::parked_positions(std::size_t limit) const {
    std::vector<Position> positions;
    positions.reserve(std::min(limit, parked_.size()));
    for (auto at = parked_.begin(); at != parked_.end() && positions.size() < limit; ++at) {
        positions.push_back(at->first);
    }
    return positions;
}

const api::ParkedEvent* Engine::find_parked(Position at) const {
    const auto found = parked_.find(at);
    return found == parked_.end() ? nullptr : found->second->note.get();
}

std::vector<Position> Engine::queued_behind(Position at, std::size_t limit) const {
    std::vector<Position> positions;
    const auto found = parked_.find(at);
    if (found == parked_.end()) return positions;
    for (const Entry* e = found->second->first; e != nullptr && positions.size() < limit;
         e = e->next) {
        positions.push_back(e->position);
    }
    return positions;
}

Engine::Key* Engine::parked_key(Position at) {
    const auto found = parked_.find(at);
    return found == parked_.end() ? nullptr : found->second;
}

void Engine::unpark(Key* key) {
    parked_.erase(key->parked->position);
    key->parked = nullptr;
    key->note.reset();
}

void Engine::retry_waiting(const Key& key) {
    for (const Entry* e = key.first; e != nullptr; e = e->next) retried_.insert(e->position);
}

void Engine::retry_parked(Position at, Now now) {
    Key* const key = parked_key(at);
    if (key == nullptr) return;
    Entry* const entry = key->parked;
    unpark(key);
    entry->attempts = 0;
    entry->deadlines_passed = 0;
    insert_waiting(key, entry);
    retry_waiting(*key);
    changes_.push_back({.kind = ChangeKind::kRetried, .key = key->name, .positions = {at}});
    has_urgent_ = true;
    place(key, now);
    dispatch(now);
}

void Engine::skip_parked(Position at, Now now) {
    Key* const key = parked_key(at);
    if (key == nullptr) return;
    Entry* const entry = key->parked;
    unpark(key);
    backlog_.erase(at);
    free_entry(entry);
    retry_waiting(*key);
    changes_.push_back({.kind = ChangeKind::kSkipped, .key = key->name, .positions = {at}});
    has_urgent_ = true;
    place(key, now);
    dispatch(now);
}

void Engine::purge_parked(Position at, Now now) {
    Key* const key = parked_key(at);
    if (key == nullptr) return;
    Change change{.kind = ChangeKind::kPurged, .key = key->name, .positions = {at}};
    Entry* const head = key->parked;
    unpark(key);
    backlog_.erase(at);
    free_entry(head);
    while (key->first != nullptr) {
        Entry* const entry = pop_waiting(key);
        change.positions.push_back(entry->position);
        backlog_.erase(entry->position);
        free_entry(entry);
    }
    changes_.push_back(std::move(change));
    has_urgent_ = true;
    place(key, now);
    dispatch(now);
}

void Engine::mark_edited(Position at) {
    Key* const key = parked_key(at);
    if (key == nullptr) return;
    key->parked->is_edited = true;
    key->note->is_edited = true;
}

}  // namespace annals::groups
