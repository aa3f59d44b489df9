// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "engine.hpp"

#include <algorithm>

#include "annals/codec/checksum.hpp"

namespace annals::groups {
namespace {

constexpr std::int64_t kMs = 1'000'000;

}  // namespace

/// An event that is not finished. In a list of its key's while it waits; with a delivery while a
/// member has it.
struct Engine::Entry {
    Position position;
    TimeNs recorded;
    Key* key = nullptr;
    Entry* previous = nullptr;
    Entry* next = nullptr;
    std::uint64_t window_index = 0;
    DeliveryId delivery = 0;
    MemberId member = 0;
    std::int64_t deadline_ns = 0;
    std::uint32_t attempts = 0;
    bool is_backlog = false;
    bool is_edited = false;
    std::string message;
};

/// What belongs together, while there is something of it.
struct Engine::Key {
    enum class Place : std::uint8_t { kNone, kReady, kHeld, kResting };

    std::uint64_t id = 0;
    std::string name;
    bool is_named = true;  ///< found by its name; not so where each event is its own key
    Entry* first = nullptr;
    Entry* last = nullptr;
    std::uint32_t in_flight = 0;
    MemberId owner = 0;  ///< of those in flight
    std::int64_t not_before_ns = 0;
    Place place = Place::kNone;
    Entry* parked = nullptr;
    std::unique_ptr<api::ParkedEvent> note;  ///< while it is parked
};

struct Engine::Member {
    MemberId id = 0;
    std::string name;
    std::uint32_t in_flight_max = 0;  ///< as it asked; 0: the group's
    std::uint32_t room = 0;
    std::uint32_t in_flight = 0;
    bool is_polling = false;
    bool is_silent = false;
    std::int64_t seen_ns = 0;
    TimeNs joined_time;
    TimeNs seen_time;
    std::deque<DeliveryId> outbox;
    std::deque<Key*> held;  ///< keys that only this one may have

    [[nodiscard]] bool has_room() const { return !is_silent && in_flight < room; }
    void saw(Now now) {
        is_silent = false;
        seen_ns = now.ns;
        seen_time = now.time;
    }
};

Engine::Engine(api::GroupSettings settings, const DurableState& state, DeliveryId first_delivery)
    : settings_(std::move(settings)),
      frontier_(state.checkpoint.low),
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
    for (const auto& [id, key] : keys_) {
        if (key->parked != nullptr) {
            for (const Entry* e = key->first; e != nullptr; e = e->next) ++key->note->queued;
        }
    }
    std::vector<Key*> waiting;
    waiting.reserve(keys_.size());
    for (const auto& [id, key] : keys_) waiting.push_back(key.get());
    std::ranges::sort(waiting, {}, &Key::id);
    for (Key* key : waiting) place(key, {});
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
        if (member->is_polling) continue;
        const std::uint32_t wanted = member->in_flight_max == 0 ? settings_.member_in_flight_max
                                                                : member->in_flight_max;
        member->room = std::min(wanted, settings_.member_in_flight_max);
    }
}

// ---- events ----

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
    bytes_ -= entry->message.size();
    entry->message = std::string();
    free_.push_back(entry);
}

Engine::Key* Engine::key_of(std::string_view name) {
    if (is_ordered()) {
        const auto found = keys_by_name_.find(name);
        if (found != keys_by_name_.end()) return found->second;
    }
    auto key = std::make_unique<Key>();
    key->id = ++last_key_;
    key->name = name;
    key->is_named = is_ordered();
    Key* const kept = key.get();
    if (kept->is_named) keys_by_name_[kept->name] = kept;
    keys_[kept->id] = std::move(key);
    return kept;
}

void Engine::forget_if_idle(Key* key) {
    const bool is_idle = key->first == nullptr && key->in_flight == 0 && key->parked == nullptr &&
                         key->place == Key::Place::kNone;
    if (!is_idle) return;
    if (key->is_named) keys_by_name_.erase(key->name);
    keys_.erase(key->id);
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
    if (bytes_ + event.message.size() <= kBytesMax) {
        entry->message = event.message;
        bytes_ += event.message.size();
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

// ---- keys and members ----

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

bool Engine::has_room_at_members() const {
    return std::ranges::any_of(members_, [](const auto& one) { return one.second->has_room(); });
}

Engine::Member* Engine::choose_member() {
    if (members_.empty()) return nullptr;
    if (settings_.strategy == api::GroupStrategy::kDispatchToOne) {
        for (const auto& [id, member] : members_) {
            if (member->has_room()) return member.get();
        }
        return nullptr;
    }
    auto at = members_.upper_bound(turn_);
    for (std::size_t i = 0; i < members_.size(); ++i, ++at) {
        if (at == members_.end()) at = members_.begin();
        if (at->second->has_room()) return at->second.get();
    }
    return nullptr;
}

void Engine::assign(Key* key, Member& member, Now now) {
    Entry* const entry = pop_waiting(key);
    ++entry->attempts;
    if (entry->attempts > 1) ++redelivered_;
    if (!entry->is_backlog) --waiting_;
    entry->delivery = ++last_delivery_;
    entry->member = member.id;
    entry->deadline_ns = now.ns + std::int64_t{settings_.ack_deadline_ms} * kMs;
    deliveries_[entry->delivery] = entry;
    deadlines_.insert(deadlines_.end(), {entry->deadline_ns, entry->delivery});
    ++key->in_flight;
    key->owner = member.id;
    ++member.in_flight;
    member.outbox.push_back(entry->delivery);
    turn_ = member.id;
    wake(member);
    place(key, now);
}

/// The key was taken out of a list. True when one of its events went to somebody.
bool Engine::dispatch_one(Key* key, Now now) {
    key->place = Key::Place::kNone;
    if (!can_deliver(*key) || key->not_before_ns > now.ns) {
        place(key, now);
        return false;
    }
    Member* const member = key->in_flight > 0 ? find_member(key->owner) : choose_member();
    if (member == nullptr || !member->has_room()) {
        place(key, now);
        return false;
    }
    assign(key, *member, now);
    return true;
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
    for (const auto& [id, member] : members_) {
        while (member->has_room() && !member->held.empty()) {
            const std::uint32_t before = member->in_flight;
            dispatch_to(*member, now);
            if (member->in_flight == before) break;
        }
    }
    std::size_t passed_over = 0;
    while (passed_over < ready_.size() && has_room_at_members()) {
        Key* const key = ready_.front();
        ready_.pop_front();
        const bool is_new = key->first != nullptr && !key->first->is_backlog;
        if (is_new && is_pausing_new()) {
            ready_.push_back(key);
            ++passed_over;
        } else if (!dispatch_one(key, now) && !ready_.empty()) {
            ++passed_over;
        }
    }
    // A key that was given out may hold more for the same member.
    if (settings_.key_in_flight_max > 1) {
        for (const auto& [id, member] : members_) {
            while (member->has_room() && !member->held.empty()) {
                const std::uint32_t before = member->in_flight;
                dispatch_to(*member, now);
                if (member->in_flight == before) break;
            }
        }
    }
}

void Engine::wake(Member& member) { woken_.insert(member.id); }

std::vector<MemberId> Engine::take_woken() {
    std::vector<MemberId> woken(woken_.begin(), woken_.end());
    woken_.clear();
    return woken;
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
    const std::uint32_t wanted = joining.in_flight_max == 0 ? settings_.member_in_flight_max
                                                            : joining.in_flight_max;
    member->room = joining.is_polling ? 0 : std::min(wanted, settings_.member_in_flight_max);
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
    woken_.insert(id);
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
    for (Entry* entry : entries) {
        give_back(entry, 0, "its member was gone before it was acknowledged", now);
    }
    place_held_again(now);
    dispatch(now);
}

Status Engine::want(MemberId id, std::uint32_t events, Now now) {
    Member* const member = find_member(id);
    if (member == nullptr) return member_gone(id);
    member->saw(now);
    std::uint32_t limit = settings_.member_in_flight_max;
    if (member->in_flight_max != 0) limit = std::min(limit, member->in_flight_max);
    member->room = std::min(limit, member->in_flight + std::min(events, limit));
    if (events > 0) dispatch(now);
    return ok();
}

// ---- settlements ----

Engine::Entry* Engine::end_delivery(Entry* entry) {
    deadlines_.erase({entry->deadline_ns, entry->delivery});
    deliveries_.erase(entry->delivery);
    if (Member* member = find_member(entry->member)) --member->in_flight;
    --entry->key->in_flight;
    entry->delivery = 0;
    return entry;
}

void Engine::extend(Entry* entry, Now now) {
    deadlines_.erase({entry->deadline_ns, entry->delivery});
    entry->deadline_ns = now.ns + std::int64_t{settings_.ack_deadline_ms} * kMs;
    deadlines_.insert({entry->deadline_ns, entry->delivery});
}

Status Engine::settle(
    MemberId id,
    const std::vector<api::Settlement>& settled,
    Now now,
    std::vector<api::RefusedSettlement>& refused
) {
    expire(now);
    Member* const member = find_member(id);
    if (member == nullptr) return member_gone(id);
    member->saw(now);
    for (const api::Settlement& one : settled) {
        if (one.what == api::Settling::kStop) {
            leave(id, false, now);
            return ok();
        }
        const auto found = deliveries_.find(one.delivery);
        if (found == deliveries_.end() || found->second->member != id) {
            refused.push_back(
                {one.delivery,
                 Error(
                     ErrorCode::kDeliveryOver,
                     "delivery " + std::to_string(one.delivery) +
                         " is over: its deadline passed, or it was settled before; nothing changed"
                 )
                     .with("delivery", std::to_string(one.delivery))}
            );
            continue;
        }
        Entry* const entry = found->second;
        switch (one.what) {
            case api::Settling::kAck:
            case api::Settling::kSkip:
                finish(end_delivery(entry), now);
                break;
            case api::Settling::kRetry:
                end_delivery(entry);
                give_back(
                    entry,
                    one.delay_ms ? std::int64_t{*one.delay_ms} * kMs : backoff_ns(entry->attempts),
                    one.reason,
                    now
                );
                break;
            case api::Settling::kPark:
                end_delivery(entry);
                entry->member = id;
                park(entry, one.reason, now);
                break;
            case api::Settling::kExtend:
                extend(entry, now);
                break;
            case api::Settling::kStop:
                break;  // above
        }
    }
    dispatch(now);
    return ok();
}

void Engine::drop(DeliveryId delivery, Now now) {
    const auto found = deliveries_.find(delivery);
    if (found == deliveries_.end()) return;
    finish(end_delivery(found->second), now);
}

std::int64_t Engine::backoff_ns(std::uint32_t attempts) const {
    const std::uint32_t doublings = attempts == 0 ? 0 : std::min(attempts - 1, 30u);
    const std::uint64_t ms = std::uint64_t{settings_.retry_base_ms} << doublings;
    return static_cast<std::int64_t>(std::min<std::uint64_t>(ms, settings_.retry_max_ms)) * kMs;
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

void Engine::finish(Entry* entry, Now now) {
    Key* const key = entry->key;
    if (entry->is_backlog) {
        backlog_.erase(entry->position);
        const bool goes_on = !changes_.empty() && changes_.back().kind == ChangeKind::kFinished;
        if (!goes_on) changes_.push_back({.kind = ChangeKind::kFinished});
        changes_.back().positions.push_back(entry->position);
    } else {
        pass(entry);
    }
    ++finished_since_;
    ++handled_;
    free_entry(entry);
    key->not_before_ns = 0;
    place(key, now);
}

void Engine::give_back(Entry* entry, std::int64_t delay_ns, std::string error, Now now) {
    if (entry->attempts >= settings_.attempts_max) return park(entry, std::move(error), now);
    Key* const key = entry->key;
    if (!entry->is_backlog) ++waiting_;
    insert_waiting(key, entry);
    if (key->parked != nullptr) return;
    if (delay_ns > 0) key->not_before_ns = now.ns + delay_ns;
    place(key, now);
}

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
    bytes_ -= entry->message.size();
    entry->message = std::string();
    pass(entry);
}

void Engine::park(Entry* entry, std::string error, Now now) {
    Key* const key = entry->key;
    if (key->parked != nullptr) {
        // with more than one in flight: the key is parked already, this one waits
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
    key->parked = entry;
    key->not_before_ns = 0;
    key->note = std::make_unique<api::ParkedEvent>();
    key->note->key = key->name;
    key->note->at = entry->position;
    key->note->attempts = entry->attempts;
    key->note->error = std::move(error);
    key->note->error.resize(std::min(key->note->error.size(), api::kGroupTextBytesMax));
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
        if (waiting->is_backlog) continue;
        --waiting_;
        into_backlog(waiting);
        record_queued(*key, waiting->position);
    }
}

// ---- time ----

void Engine::expire(Now now) {
    while (!deadlines_.empty() && deadlines_.begin()->first <= now.ns) {
        Entry* const entry = deliveries_.at(deadlines_.begin()->second);
        if (Member* member = find_member(entry->member)) member->is_silent = true;
        const MemberId member = entry->member;
        end_delivery(entry);
        entry->member = member;
        give_back(entry, 0, "the deadline passed before it was acknowledged", now);
    }
}

void Engine::remove_silent(Now now) {
    const std::int64_t silence_ns = std::int64_t{settings_.member_silence_ms} * kMs;
    std::vector<MemberId> silent;
    for (const auto& [id, member] : members_) {
        if (member->is_polling && member->seen_ns + silence_ns <= now.ns) silent.push_back(id);
    }
    for (const MemberId id : silent) leave(id, true, now);
}

void Engine::tick(Now now) {
    expire(now);
    remove_silent(now);
    while (!resting_.empty() && resting_.begin()->first.first <= now.ns) {
        Key* const key = resting_.begin()->second;
        resting_.erase(resting_.begin());
        key->place = Key::Place::kNone;
        place(key, now);
    }
    dispatch(now);
}

std::optional<std::int64_t> Engine::next_due_ns() const {
    std::optional<std::int64_t> due;
    const auto consider = [&](std::int64_t ns) {
        if (!due || ns < *due) due = ns;
    };
    if (!deadlines_.empty()) consider(deadlines_.begin()->first);
    if (!resting_.empty()) consider(resting_.begin()->first.first);
    for (const auto& [id, member] : members_) {
        if (member->is_polling) {
            consider(member->seen_ns + std::int64_t{settings_.member_silence_ms} * kMs);
        }
    }
    return due;
}

Result<bool> Engine::take(
    MemberId id, std::size_t events_max, std::size_t bytes_max, std::vector<Delivery>& out
) {
    Member* const member = find_member(id);
    if (member == nullptr) return member_gone(id);
    std::size_t bytes = 0;
    while (!member->outbox.empty() && (events_max == 0 || out.size() < events_max) &&
           bytes < bytes_max) {
        const auto found = deliveries_.find(member->outbox.front());
        member->outbox.pop_front();
        if (found == deliveries_.end()) continue;  // its deadline passed meanwhile
        Entry& entry = *found->second;
        Delivery delivery;
        delivery.id = entry.delivery;
        delivery.position = entry.position;
        delivery.attempt = entry.attempts;
        delivery.is_edited = entry.is_edited;
        bytes_ -= entry.message.size();
        bytes += entry.message.size();
        delivery.message = std::move(entry.message);
        entry.message = std::string();
        out.push_back(std::move(delivery));
    }
    return !out.empty();
}

// ---- parked keys ----

std::vector<api::ParkedEvent> Engine::parked(Position after, std::size_t limit) const {
    std::vector<api::ParkedEvent> list;
    for (auto at = parked_.upper_bound(after); at != parked_.end() && list.size() < limit; ++at) {
        list.push_back(*at->second->note);
    }
    return list;
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

void Engine::retry_parked(Position at, Now now) {
    Key* const key = parked_key(at);
    if (key == nullptr) return;
    Entry* const entry = key->parked;
    unpark(key);
    entry->attempts = 0;
    insert_waiting(key, entry);
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

// ---- what is shown and written ----

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
    for (const auto& [id, member] : members_) counts.ready_keys += member->held.size();
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
             member->room,
             member->joined_time,
             member->seen_time,
             member->is_silent}
        );
    }
    return list;
}

std::optional<TimeNs> Engine::oldest_unfinished() const {
    if (window_.empty()) return std::nullopt;
    return window_.front().recorded;
}

std::optional<TimeNs> Engine::oldest_parked() const {
    std::optional<TimeNs> oldest;
    for (const auto& [at, key] : parked_) {
        if (!oldest || key->note->parked_time < *oldest) oldest = key->note->parked_time;
    }
    return oldest;
}

}  // namespace annals::groups
