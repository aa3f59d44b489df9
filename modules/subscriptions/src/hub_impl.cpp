// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "hub_impl.hpp"

#include <algorithm>
#include <chrono>

#include "annals/base/assert.hpp"

#include "catch_up.hpp"

namespace annals::subscriptions {

SubscriptionHub::Impl::~Impl() {
    // Not under the mutex: it waits for a ring, and a ring may want the mutex.
    if (listener_) orderer_.visible_end().remove_listener(*listener_);
    {
        const Lock lock(mutex_);
        ANNALS_ASSERT(all_.empty(), "a subscription ends before its hub");
        is_stopping_ = true;
        is_rung_ = true;
    }
    rung_.notify_one();
    thread_.join();
}

void SubscriptionHub::Impl::add(Waiter& waiter) {
    {
        // Not under the mutex: a ring takes it while the visible end is locked.
        const std::lock_guard start(start_mutex_);
        if (!listener_) {
            listener_ = orderer_.visible_end().add_listener([this] { ring(); });
            thread_ = runtime::Thread("hub", [this] { run(); });
        }
    }
    const Lock lock(mutex_);
    all_.insert(&waiter);
    // It may sleep for ever.
    if (all_.size() == 1) wake_thread();
}

void SubscriptionHub::Impl::remove(Waiter& waiter) {
    disarm(waiter);
    Lock lock(mutex_);
    called_.wait(lock, [&] { return running_ != &waiter; });
    all_.erase(&waiter);
}

bool SubscriptionHub::Impl::arm(Waiter& waiter) {
    const Lock lock(mutex_);
    if (orderer_.visible_end().is_closed()) return false;
    if (armed_.empty()) scanned_ = waiter.position;
    // Events that the others were not concerned by may concern this one.
    if (scanned_ > waiter.position) return false;
    waiter.skip_to = waiter.position;
    armed_.add(waiter);
    waiter.state.store(Waiter::State::kArmed, std::memory_order_release);
    if (!is_asleep_) return true;
    bell_.fetch_or(kWantsBell, std::memory_order_acq_rel);
    if (has_news()) wake_thread();
    return true;
}

void SubscriptionHub::Impl::disarm(Waiter& waiter) {
    if (waiter.state.load(std::memory_order_acquire) == Waiter::State::kReading) return;
    const Lock lock(mutex_);
    switch (waiter.state.load(std::memory_order_relaxed)) {
        case Waiter::State::kArmed:
            armed_.remove(waiter);
            waiter.skip_to = scanned_;
            break;
        case Waiter::State::kReady:
            std::erase(ready_, &waiter);
            break;
        case Waiter::State::kReading:
            break;
    }
    waiter.state.store(Waiter::State::kReading, std::memory_order_relaxed);
}

HubStats SubscriptionHub::Impl::stats() const {
    const Lock lock(mutex_);
    HubStats stats;
    stats.subscriptions = all_.size();
    const std::uint64_t end = orderer_.visible_end().get().value;
    for (const Waiter* waiter : all_) {
        std::uint64_t position = waiter->last_position.load(std::memory_order_relaxed);
        const bool is_armed = waiter->state.load(std::memory_order_relaxed) ==
                              Waiter::State::kArmed;
        if (is_armed) position = std::max(position, scanned_.value);
        stats.lag_events_max = std::max(stats.lag_events_max, end > position ? end - position : 0);
    }
    return stats;
}

void SubscriptionHub::Impl::time_moved() {
    const Lock lock(mutex_);
    wake_thread();
}

/// In the writer's thread: one atomic while the hub is busy or nobody waits, a wake-up otherwise.
void SubscriptionHub::Impl::ring() {
    if ((bell_.fetch_add(kRing, std::memory_order_acq_rel) & kWantsBell) == 0) return;
    if ((bell_.fetch_and(~kWantsBell, std::memory_order_acq_rel) & kWantsBell) == 0) return;
    const Lock lock(mutex_);
    wake_thread();
}

void SubscriptionHub::Impl::wake_thread() {
    is_rung_ = true;
    rung_.notify_one();
}

bool SubscriptionHub::Impl::has_news() const {
    const commit::VisibleEnd& end = orderer_.visible_end();
    return end.get() > scanned_ || end.is_closed();
}

void SubscriptionHub::Impl::run() {
    Lock lock(mutex_);
    while (!is_stopping_) {
        {
            std::optional<log::LogReader> reader;
            while (scan(lock, reader)) call_ready(lock);
        }
        expire(lock);
        call_ready(lock);
        sleep(lock);
    }
}

bool SubscriptionHub::Impl::scan(Lock& lock, std::optional<log::LogReader>& reader) {
    if (orderer_.visible_end().is_closed()) release_all(lock);
    const Position visible = orderer_.visible_end().get();
    if (armed_.empty() || scanned_ >= visible || is_stopping_) return false;
    if (!reader) reader.emplace(orderer_.log().reader());
    const Position until(std::min(visible.value, scanned_.value + kScanBatch));
    while (scanned_ < until && !armed_.empty()) {
        const Result<log::StoredEvent> event = reader->at(scanned_.next());
        if (!event && orderer_.log().passes_over(event.error())) {
            scanned_ = scanned_.next();
            continue;
        }
        if (!event) {
            // They meet the error themselves.
            release_all(lock);
            return true;
        }
        found_.clear();
        armed_.concerned(event->position, event->envelope, found_);
        for (Waiter* waiter : found_) make_ready(*waiter, scanned_);
        scanned_ = event->position;
    }
    return true;
}

void SubscriptionHub::Impl::expire(Lock& lock) {
    (void)lock;
    found_.clear();
    armed_.due_at(scanned_, found_);
    for (Waiter* waiter : found_) make_ready(*waiter, scanned_);
    const std::int64_t now_ns = clock_.monotonic_ns();
    found_.clear();
    armed_.due_by(now_ns, found_);
    for (Waiter* waiter : found_) {
        if (scanned_ > waiter->reported) {
            make_ready(*waiter, scanned_);
        } else {
            armed_.set_due(*waiter, now_ns + kOverdueLookNs);
        }
    }
}

void SubscriptionHub::Impl::release_all(Lock& lock) {
    (void)lock;
    found_.clear();
    armed_.all(found_);
    for (Waiter* waiter : found_) make_ready(*waiter, scanned_);
}

void SubscriptionHub::Impl::make_ready(Waiter& waiter, Position skip_to) {
    if (waiter.state.load(std::memory_order_relaxed) != Waiter::State::kArmed) return;
    armed_.remove(waiter);
    waiter.skip_to = skip_to;
    waiter.state.store(Waiter::State::kReady, std::memory_order_relaxed);
    ready_.push_back(&waiter);
}

void SubscriptionHub::Impl::call_ready(Lock& lock) {
    while (!ready_.empty()) {
        Waiter* const waiter = ready_.front();
        ready_.pop_front();
        waiter->state.store(Waiter::State::kReading, std::memory_order_release);
        running_ = waiter;
        lock.unlock();
        waiter->waker();
        lock.lock();
        running_ = nullptr;
        called_.notify_all();
    }
}

void SubscriptionHub::Impl::sleep(Lock& lock) {
    is_asleep_ = true;
    if (!armed_.empty()) bell_.fetch_or(kWantsBell, std::memory_order_acq_rel);
    const bool has_work = (!armed_.empty() && has_news()) || !ready_.empty() || is_stopping_;
    if (!has_work) {
        const auto is_rung = [this] { return is_rung_; };
        if (all_.empty()) {
            rung_.wait(lock, is_rung);
        } else {
            // A tick: the clock may be one that tests move, and checkpoints are not urgent.
            rung_.wait_for(lock, std::chrono::nanoseconds(kTickNs), is_rung);
        }
    }
    is_asleep_ = false;
    is_rung_ = false;
    bell_.fetch_and(~kWantsBell, std::memory_order_acq_rel);
}

}  // namespace annals::subscriptions
