// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Members, and which key goes to whom.
#include <algorithm>
#include <utility>

#include "annals/codec/checksum.hpp"

#include "engine_parts.hpp"

namespace annals::groups {

void Engine::place(Key* key, Now now) {
    if (key->place != Key::Place::kNone) return;
    if (key->first == nullptr || key->parked != nullptr) return forget_if_idle(key);
    if (key->in_flight >= settings_.key_in_flight_max) return;
    if (key->not_before_ns > now.ns) {
        key->place = Key::Place::kResting;
        resting_[{key->not_before_ns, key->id}] = key;
        return;
    }
    Member* only = nullptr;
    if (key->in_flight > 0) {
        only = find_member(key->owner);
    } else if (settings_.strategy == api::GroupStrategy::kPinned) {
        only = pinned_member(*key);
    }
    if (only != nullptr) {
        key->place = Key::Place::kHeld;
        only->held.push_back(key);
        return;
    }
    key->place = Key::Place::kReady;
    ready_.push_back(key);
}

/// Whatever member leaves or comes, the others keep what they have.
Engine::Member* Engine::pinned_member(const Key& key) {
    Member* best = nullptr;
    std::uint64_t best_weight = 0;
    for (const auto& [id, member] : members_) {
        const std::string text = member->name + '\n' + std::to_string(id) + '\n' + key.name;
        const std::uint64_t weight = codec::hash64(text);
        if (best == nullptr || weight > best_weight) {
            best = member.get();
            best_weight = weight;
        }
    }
    return best;
}

bool Engine::can_deliver(const Key& key) const {
    return key.first != nullptr && key.parked == nullptr &&
           key.in_flight < settings_.key_in_flight_max;
}

/// Of two members with room, whether this one gets the next event after the other.
bool Engine::is_later(const Member& member, const Member& other) const {
    switch (settings_.strategy) {
        case api::GroupStrategy::kDispatchToOne:
            return member.id > other.id;
        case api::GroupStrategy::kRoundRobin:
            break;
        case api::GroupStrategy::kPerKey:
        case api::GroupStrategy::kPinned:
            if (member.in_flight != other.in_flight) return member.in_flight > other.in_flight;
            break;
    }
    if (member.last_given != other.last_given) return member.last_given > other.last_given;
    return member.id > other.id;
}

void Engine::assign(Key* key, Member& member, Now now) {
    Entry* const entry = pop_waiting(key);
    ++entry->attempts;
    if (entry->attempts > 1) ++redelivered_;
    if (!entry->is_backlog) --waiting_;
    entry->delivery = ++last_delivery_;
    entry->member = member.id;
    entry->holder = &member;
    deliveries_[entry->delivery] = entry;
    set_deadline(entry, now);
    ++key->in_flight;
    key->owner = member.id;
    ++member.in_flight;
    member.outbox.emplace_back(entry->delivery, entry);
    member.last_given = entry->delivery;
    wake(member);
    place(key, now);
}

void Engine::dispatch_to(Member& member, Now now) {
    for (std::size_t left = member.held.size(); left > 0 && member.has_room(); --left) {
        Key* const key = member.held.front();
        member.held.pop_front();
        key->place = Key::Place::kNone;
        const bool is_new = key->first != nullptr && !key->first->is_backlog;
        const bool must_wait = is_new && is_pausing_new();
        if (can_deliver(*key) && !must_wait && key->not_before_ns <= now.ns) {
            assign(key, member, now);
        } else {
            place(key, now);
        }
    }
}

void Engine::dispatch(Now now) {
    if (is_paused_ || members_.empty()) return;
    dispatch_held(now);
    if (!ready_.empty()) dispatch_ready(now);
    // A key that was given out may hold more for the same member.
    if (settings_.key_in_flight_max > 1) dispatch_held(now);
}

/// Keys that only one member may have.
void Engine::dispatch_held(Now now) {
    for (const auto& [id, member] : members_) {
        while (member->has_room() && !member->held.empty()) {
            const std::uint32_t before = member->in_flight;
            dispatch_to(*member, now);
            if (member->in_flight == before) break;
        }
    }
}

/// Keys that anybody may have. Who has least in hand comes first, so that what a member has settled
/// comes back to it as one message, and not to all members as one event each.
void Engine::dispatch_ready(Now now) {
    const auto is_later_one = [this](const Member* member, const Member* other) {
        return is_later(*member, *other);
    };
    takers_.clear();
    for (const auto& [id, member] : members_) {
        if (member->has_room()) takers_.push_back(member.get());
    }
    std::ranges::make_heap(takers_, is_later_one);
    Member* taker = nullptr;  // whose turn it is; not in the heap
    const auto find_taker = [&] {
        if (taker != nullptr && !taker->has_room()) taker = nullptr;
        if (takers_.empty()) return taker != nullptr;
        if (taker != nullptr && !is_later(*taker, *takers_.front())) return true;
        if (taker != nullptr) {
            takers_.push_back(taker);
            std::ranges::push_heap(takers_, is_later_one);
        }
        std::ranges::pop_heap(takers_, is_later_one);
        taker = takers_.back();
        takers_.pop_back();
        return true;
    };
    std::size_t passed_over = 0;
    while (passed_over < ready_.size() && find_taker()) {
        if (ready_.size() > 8) prefetch(ready_[8]);
        if (ready_.size() > 4) prefetch(ready_[4]->first);
        Key* const key = ready_.front();
        ready_.pop_front();
        const bool is_new = key->first != nullptr && !key->first->is_backlog;
        if (is_new && is_pausing_new()) {
            ready_.push_back(key);
            ++passed_over;
            continue;
        }
        key->place = Key::Place::kNone;
        if (can_deliver(*key) && key->not_before_ns <= now.ns) {
            assign(key, *taker, now);
            continue;
        }
        place(key, now);
        if (key->place == Key::Place::kReady) ++passed_over;
    }
}

void Engine::wake(Member& member) {
    if (!std::exchange(member.is_woken, true)) woken_.push_back(member.id);
}

std::vector<MemberId> Engine::take_woken() {
    for (const MemberId id : woken_) {
        if (Member* member = find_member(id)) member->is_woken = false;
    }
    return std::exchange(woken_, {});
}

Engine::Member* Engine::find_member(MemberId id) {
    const auto found = members_.find(id);
    return found == members_.end() ? nullptr : found->second.get();
}

Error Engine::member_gone(MemberId id) {
    return Error(
               ErrorCode::kMemberGone,
               "member " + std::to_string(id) +
                   " is not in the group any more: it was silent for too long, or left, or the "
                   "group began anew. Join again; what was not acknowledged is delivered again"
    )
        .with("member", std::to_string(id));
}

Result<MemberId> Engine::join(Joining joining, Now now) {
    if (members_.size() >= settings_.members_max) {
        return Error(
                   ErrorCode::kGroupFull,
                   "the group has " + std::to_string(members_.size()) +
                       " members, as many as members_max says: wait until one leaves, or raise it"
        )
            .with("members_max", std::to_string(settings_.members_max));
    }
    auto member = std::make_unique<Member>();
    member->id = ++last_member_;
    member->name = std::move(joining.name);
    member->in_flight_max = joining.in_flight_max;
    member->is_polling = joining.is_polling;
    member->room = joining.is_polling ? 0 : most_in_flight(*member);
    member->joined_time = now.time;
    member->saw(now);
    const MemberId id = member->id;
    members_[id] = std::move(member);
    place_held_again(now);
    dispatch(now);
    return id;
}

/// After members came or went: keys are held for those that are there now.
void Engine::place_held_again(Now now) {
    if (settings_.strategy != api::GroupStrategy::kPinned) return;
    std::vector<Key*> keys;
    for (const auto& [id, member] : members_) {
        for (Key* key : member->held) keys.push_back(key);
        member->held.clear();
    }
    for (Key* key : ready_) keys.push_back(key);
    ready_.clear();
    for (Key* key : keys) {
        key->place = Key::Place::kNone;
        place(key, now);
    }
}

void Engine::leave(MemberId id, bool is_counted, Now now) {
    const auto found = members_.find(id);
    if (found == members_.end()) return;
    const std::unique_ptr<Member> member = std::move(found->second);
    members_.erase(found);
    if (!member->is_woken) woken_.push_back(id);
    for (Key* key : member->held) {
        key->place = Key::Place::kNone;
        ready_.push_back(key);
        key->place = Key::Place::kReady;
    }
    std::vector<Entry*> entries;
    for (const auto& [delivery, entry] : deliveries_) {
        if (entry->member == id) entries.push_back(entry);
    }
    std::ranges::sort(entries, {}, &Entry::position);
    for (Entry* entry : entries) {
        end_delivery(entry);
        if (!is_counted) --entry->attempts;
    }
    constexpr std::string_view kGone = "its member was gone before it was acknowledged";
    for (Entry* entry : entries) {
        if (is_last_attempt(*entry)) note_failure(*entry, member->name, kGone, now);
        give_back(entry, 0, std::string(kGone), now);
    }
    place_held_again(now);
    dispatch(now);
}

Status Engine::want(MemberId id, std::uint32_t events, Now now) {
    Member* const member = find_member(id);
    if (member == nullptr) return member_gone(id);
    member->saw(now);
    const std::uint32_t limit = most_in_flight(*member);
    member->room = std::min(limit, member->in_flight + std::min(events, limit));
    if (events > 0) dispatch(now);
    return ok();
}

Result<bool> Engine::take(
    MemberId id, std::size_t events_max, std::size_t bytes_max, std::vector<Delivery>& out
) {
    Member* const member = find_member(id);
    if (member == nullptr) return member_gone(id);
    std::size_t bytes = 0;
    const Frame* last = nullptr;
    const std::size_t count = member->outbox.size();
    out.reserve(out.size() + (events_max == 0 ? count : std::min(count, events_max)));
    while (!member->outbox.empty() && (events_max == 0 || out.size() < events_max) &&
           bytes < bytes_max) {
        const auto [delivery, entry] = member->outbox.front();
        member->outbox.pop_front();
        if (entry->delivery != delivery) continue;  // its deadline passed meanwhile
        bytes += entry->message.size();
        Delivery& given = out.emplace_back();
        given.id = delivery;
        given.position = entry->position;
        given.attempt = entry->attempts;
        given.message = entry->message;
        given.is_edited = entry->is_edited;
        if (entry->frame != nullptr && entry->frame != last) given.bytes = entry->frame->bytes;
        if (entry->frame != nullptr) last = entry->frame;
        release(*entry);
    }
    return !out.empty();
}

}  // namespace annals::groups
