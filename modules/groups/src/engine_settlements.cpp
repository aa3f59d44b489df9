// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// What members say of their deliveries, and deadlines that pass without a word.
#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "annals/codec/text.hpp"

#include "engine_parts.hpp"

namespace annals::groups {
namespace {

std::string without_answer(std::uint32_t deadlines) {
    if (deadlines == 1) return "its deadline passed without an answer";
    return "its deadline passed " + std::to_string(deadlines) + " times without an answer";
}

}  // namespace

void Engine::note_failure(
    const Entry& entry, std::string_view member, std::string_view reason, Now now
) {
    last_failure_ = Failure{
        entry.position,
        std::string(member),
        std::string(codec::beginning_of(reason, api::kGroupTextBytesMax)),
        now.time
    };
}

Engine::Entry* Engine::end_delivery(Entry* entry) {
    clear_deadline(entry);
    deliveries_.erase(entry->delivery);
    --entry->holder->in_flight;
    entry->holder = nullptr;
    --entry->key->in_flight;
    entry->delivery = 0;
    return entry;
}

void Engine::set_deadline(Entry* entry, Now now) {
    entry->deadline_ns = now.ns + std::int64_t{settings_.ack_deadline_ms} * kNsPerMs;
    entry->is_early = last_due_ != nullptr && last_due_->deadline_ns > entry->deadline_ns;
    if (entry->is_early) {  // the settings have changed meanwhile
        early_.insert({entry->deadline_ns, entry->delivery});
        return;
    }
    entry->due_before = last_due_;
    entry->due_after = nullptr;
    (last_due_ != nullptr ? last_due_->due_after : first_due_) = entry;
    last_due_ = entry;
}

void Engine::clear_deadline(Entry* entry) {
    if (entry->is_early) {
        early_.erase({entry->deadline_ns, entry->delivery});
        return;
    }
    (entry->due_before != nullptr ? entry->due_before->due_after : first_due_) = entry->due_after;
    (entry->due_after != nullptr ? entry->due_after->due_before : last_due_) = entry->due_before;
}

Engine::Entry* Engine::first_due() const {
    if (early_.empty()) return first_due_;
    const auto& [deadline_ns, delivery] = *early_.begin();
    if (first_due_ != nullptr && first_due_->deadline_ns <= deadline_ns) return first_due_;
    return deliveries_.at(delivery);
}

void Engine::extend(Entry* entry, Now now) {
    clear_deadline(entry);
    set_deadline(entry, now);
}

/// Much of what a message settles was last touched long ago: all of it is asked of the memory at
/// once, before one after the other is waited for.
void Engine::fetch_ahead(const std::vector<api::Settlement>& settled) const {
    constexpr std::size_t kAtOnceMax = 512;
    if (settled.size() < 2) return;
    std::array<const Entry*, kAtOnceMax> entries;
    std::size_t count = 0;
    for (const api::Settlement& one : settled) {
        const auto found = deliveries_.find(one.delivery);
        if (found == deliveries_.end()) continue;
        prefetch(found->second);
        entries[count++] = found->second;
        if (count == kAtOnceMax) break;
    }
    for (const Entry* entry : std::span(entries).first(count)) {
        prefetch(entry->key);
        const std::uint64_t slot = entry->window_index - window_base_;
        if (!entry->is_backlog && slot < window_.size()) prefetch(&window_[slot]);
    }
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
    fetch_ahead(settled);
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
        if (one.what == api::Settling::kRetry || one.what == api::Settling::kPark) {
            note_failure(*entry, member->name, one.reason, now);
        }
        switch (one.what) {
            case api::Settling::kAck:
            case api::Settling::kSkip:
                finish(end_delivery(entry), now);
                break;
            case api::Settling::kRetry:
                end_delivery(entry);
                give_back(
                    entry,
                    one.delay_ms ? std::int64_t{*one.delay_ms} * kNsPerMs
                                 : backoff_ns(entry->attempts),
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
    return static_cast<std::int64_t>(std::min<std::uint64_t>(ms, settings_.retry_max_ms)) *
           kNsPerMs;
}

void Engine::finish(Entry* entry, Now now) {
    Key* const key = entry->key;
    if (entry->is_backlog) {
        backlog_.erase(entry->position);
        retried_.erase(entry->position);
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

bool Engine::is_last_attempt(const Entry& entry) const {
    return entry.attempts >= settings_.attempts_max;
}

void Engine::give_back(Entry* entry, std::int64_t delay_ns, const std::string& error, Now now) {
    Key* const key = entry->key;
    // Of a key that is parked meanwhile it waits behind the parked event.
    if (is_last_attempt(*entry) || key->parked != nullptr) {
        return park(entry, error, now);
    }
    if (!entry->is_backlog) ++waiting_;
    insert_waiting(key, entry);
    if (delay_ns > 0) key->not_before_ns = now.ns + delay_ns;
    place(key, now);
}

void Engine::expire(Now now) {
    for (Entry* entry = first_due(); entry != nullptr && entry->deadline_ns <= now.ns;
         entry = first_due()) {
        Member& holder = *entry->holder;
        holder.is_silent = true;
        end_delivery(entry);
        ++entry->deadlines_passed;
        const std::string reason = without_answer(entry->deadlines_passed);
        note_failure(*entry, holder.name, reason, now);
        give_back(entry, 0, reason, now);
    }
}

void Engine::remove_silent(Now now) {
    const std::int64_t silence_ns = std::int64_t{settings_.member_silence_ms} * kNsPerMs;
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
    if (const Entry* entry = first_due()) consider(entry->deadline_ns);
    if (!resting_.empty()) consider(resting_.begin()->first.first);
    for (const auto& [id, member] : members_) {
        if (member->is_polling) {
            consider(member->seen_ns + std::int64_t{settings_.member_silence_ms} * kNsPerMs);
        }
    }
    return due;
}

}  // namespace annals::groups
