// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Events as they are read: the window, and the waiting lists of their keys.
#include <utility>

#include "annals/codec/checksum.hpp"

#include "engine_parts.hpp"

namespace annals::groups {

Engine::Entry* Engine::make_entry(Position position, TimeNs recorded) {
    Entry* entry = nullptr;
    if (free_.empty()) {
        entry = &entries_.emplace_back();
    } else {
        entry = free_.back();
        free_.pop_back();
        *entry = Entry();
    }
    entry->position = position;
    entry->recorded = recorded;
    return entry;
}

void Engine::free_entry(Entry* entry) {
    release(*entry);
    free_.push_back(entry);
}

void Engine::keep(Bytes bytes) {
    if (frame_ != nullptr) release(std::exchange(frame_, nullptr));
    if (bytes_ + bytes->size() > kBytesMax) return;  // nothing of them is kept
    bytes_ += bytes->size();
    frames_.push_back(std::make_unique<Frame>(Frame{std::move(bytes), 1, frames_.size()}));
    frame_ = frames_.back().get();
}

void Engine::release(Frame* frame) {
    if (--frame->users > 0) return;
    bytes_ -= frame->bytes->size();
    const std::size_t place = frame->place;
    std::swap(frames_[place], frames_.back());
    frames_[place]->place = place;
    frames_.pop_back();
}

void Engine::release(Entry& entry) {
    if (entry.frame == nullptr) return;
    entry.message = {};
    release(std::exchange(entry.frame, nullptr));
}

std::size_t Engine::NameHash::operator()(std::string_view name) const {
    return codec::hash64(name);
}

Engine::Key* Engine::key_of(std::string_view name) {
    if (is_ordered()) {
        const auto found = keys_by_name_.find(name);
        if (found != keys_by_name_.end()) return found->second;
    }
    Key* key = nullptr;
    if (free_keys_.empty()) {
        key = &keys_.emplace_back();
    } else {
        key = free_keys_.back();
        free_keys_.pop_back();
    }
    key->id = ++last_key_;
    key->name = name;
    key->is_named = is_ordered();
    if (key->is_named) keys_by_name_[key->name] = key;
    return key;
}

void Engine::forget_if_idle(Key* key) {
    const bool is_idle = key->first == nullptr && key->in_flight == 0 && key->parked == nullptr &&
                         key->place == Key::Place::kNone;
    if (!is_idle) return;
    if (key->is_named) keys_by_name_.erase(key->name);
    key->not_before_ns = 0;
    key->owner = 0;
    key->id = 0;
    free_keys_.push_back(key);
}

bool Engine::is_window_full() const { return window_.size() >= settings_.window_events_max; }

bool Engine::is_backlog_full() const { return backlog_.size() >= settings_.parked_events_max; }

bool Engine::has_room() const { return !is_window_full() && !is_backlog_full(); }

bool Engine::was_passed(Position position) {
    while (!passed_before_.empty() && passed_before_.front().second < position) {
        passed_before_.pop_front();
    }
    return !passed_before_.empty() && passed_before_.front().first <= position;
}

void Engine::offer(const OfferedEvent& event) {
    if (event.position <= frontier_) return;
    frontier_ = event.position;
    const bool is_known = was_passed(event.position) || backlog_.contains(event.position);
    if (is_known) {
        // The checkpoint goes on saying so, should the server stop before this passes below it.
        if (!window_.empty()) window_.push_back({event.position, event.recorded_time, true});
        return;
    }
    Key* key = key_of(event.key);
    Entry* entry = make_entry(event.position, event.recorded_time);
    entry->key = key;
    if (key->parked != nullptr) {
        if (!window_.empty()) window_.push_back({event.position, event.recorded_time, true});
        entry->is_backlog = true;
        backlog_[event.position] = entry;
        record_queued(*key, event.position);
        ++key->note->queued;
        insert_waiting(key, entry);
        return;
    }
    entry->window_index = window_base_ + window_.size();
    window_.push_back({event.position, event.recorded_time, false});
    if (event.is_kept && frame_ != nullptr) {
        entry->frame = frame_;
        entry->message = event.message;
        ++frame_->users;
    }
    ++waiting_;
    ++unfinished_;
    insert_waiting(key, entry);
    if (key->place == Key::Place::kNone) place(key, {});
}

void Engine::read_up_to(Position position) {
    if (position > frontier_) frontier_ = position;
}

/// By position; what is new goes to the end.
void Engine::insert_waiting(Key* key, Entry* entry) {
    if (key->last == nullptr || key->last->position < entry->position) {
        entry->previous = key->last;
        entry->next = nullptr;
        (key->last != nullptr ? key->last->next : key->first) = entry;
        key->last = entry;
        return;
    }
    Entry* after = key->first;
    while (after->position < entry->position) after = after->next;
    entry->next = after;
    entry->previous = after->previous;
    (after->previous != nullptr ? after->previous->next : key->first) = entry;
    after->previous = entry;
}

Engine::Entry* Engine::pop_waiting(Key* key) {
    Entry* const entry = key->first;
    key->first = entry->next;
    (key->first != nullptr ? key->first->previous : key->last) = nullptr;
    entry->next = nullptr;
    entry->previous = nullptr;
    return entry;
}

/// Out of the window: the checkpoint may pass it.
void Engine::pass(Entry* entry) {
    --unfinished_;
    window_[entry->window_index - window_base_].is_passed = true;
    while (!window_.empty() && window_.front().is_passed) {
        window_.pop_front();
        ++window_base_;
    }
}

}  // namespace annals::groups
