// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "annals/base/assert.hpp"
#include "annals/base/result.hpp"
#include "annals/runtime/wake_scope.hpp"

namespace annals::runtime {

/// What a queue holds at most.
struct QueueBounds {
    std::size_t items_max = 0;
    std::size_t bytes_max = 0;
};

enum class Drained : std::uint8_t {
    kItems,     ///< at least one item came out
    kNothing,   ///< the wait was over first
    kFinished,  ///< closed and empty: nothing will ever come
};

/// Many producers, one consumer, first in first out. The consumer takes everything at once
/// (`drain`) and is woken only when it really sleeps, so that a busy consumer costs the producers
/// one short lock and no system call.
///
///     producers: push, push, push        consumer: drain -> [a b c], work, drain -> …
///
/// A consumer whose last wait was short looks again for a moment before it sleeps (kShortWait): one
/// producer that waits for each answer then costs neither of them a wake-up.
///
/// What a producer pushes inside a WakeScope is held back until the scope's end, so that the
/// consumer meets it together; unless much has come, another scope ends, or the queue is closed.
///
/// Bounded in number and in bytes; an item larger than all bytes is taken by an empty queue.
/// Any thread may push and close; one thread drains.
template <typename T>
class BoundedQueue {
  public:
    explicit BoundedQueue(QueueBounds bounds) : core_(std::make_shared<Core>(bounds)) {}

    /// overloaded when full, shutting_down once closed; the item is untouched then.
    Status push(T& item, std::size_t bytes) {
        Core& core = *core_;
        {
            const std::lock_guard lock(core.mutex);
            if (core.is_closed) return Error(ErrorCode::kShuttingDown, "the queue is closed");
            if (core.items.size() >= core.bounds.items_max ||
                (!core.items.empty() && core.bytes + bytes > core.bounds.bytes_max)) {
                return Error(ErrorCode::kOverloaded, "the queue is full: try again later");
            }
            core.items.push_back(std::move(item));
            core.bytes += bytes;
            core.say_changed();
            if (WakeScope::is_open() && WakeScope::keep(core_)) ++core.holders;
            if (!core.is_sleeping || !core.has_news()) return ok();
            core.is_sleeping = false;
        }
        core.filled.notify_one();
        return ok();
    }

    /// Swaps everything out into `out`, which must be empty. Does not wait.
    Drained drain(std::vector<T>& out) {
        const std::lock_guard lock(core_->mutex);
        return core_->has_news() ? core_->take(out) : Drained::kNothing;
    }

    /// Waits for an item, at most `wait_ns` nanoseconds (negative: for ever).
    Drained drain_waiting(std::vector<T>& out, std::int64_t wait_ns) {
        Core& core = *core_;
        const auto began = Clock::now();
        std::unique_lock lock(core.mutex);
        if (was_short_ && !core.has_news()) look_again_and_again(core, lock, began, wait_ns);
        // Said anew at each look: what the consumer was woken for may be held back again by then.
        const auto has_news = [&core] {
            core.is_sleeping = !core.has_news();
            return !core.is_sleeping;
        };
        if (wait_ns < 0) {
            core.filled.wait(lock, has_news);
        } else {
            core.filled.wait_for(lock, std::chrono::nanoseconds(wait_ns), has_news);
        }
        was_short_ = Clock::now() - began < kShortWait;
        core.is_sleeping = false;
        core.is_rung = false;
        return core.take(out);
    }

    /// Wakes the consumer without an item: drain_waiting returns kNothing.
    void ring() {
        {
            const std::lock_guard lock(core_->mutex);
            core_->is_rung = true;
            core_->say_changed();
        }
        core_->filled.notify_one();
    }

    /// Nothing more is taken; what is inside still comes out.
    void close() {
        {
            const std::lock_guard lock(core_->mutex);
            core_->is_closed = true;
            core_->say_changed();
        }
        core_->filled.notify_all();
    }

    [[nodiscard]] std::size_t size() const {
        const std::lock_guard lock(core_->mutex);
        return core_->items.size();
    }

  private:
    using Clock = std::chrono::steady_clock;

    /// A producer that waits for each answer brings its next item so soon: sleeping and being woken
    /// would take longer (5 to 30 us).
    static constexpr std::chrono::microseconds kShortWait{20};

    /// Held back no longer when so much is inside, whoever may still be bringing some.
    static constexpr std::size_t kHeldItemsMax = 256;
    static constexpr std::size_t kHeldBytesMax = 32'768;

    /// Shared with the scopes that hold items back, which may outlive the queue.
    struct Core final : Sleeper {
        explicit Core(QueueBounds queue_bounds) : bounds(queue_bounds) {}

        [[nodiscard]] bool has_news() const {
            const bool is_held = holders > 0 && !is_due && items.size() < kHeldItemsMax &&
                                 bytes < kHeldBytesMax;
            return (!items.empty() && !is_held) || is_closed || is_rung;
        }
        void say_changed() { changes.fetch_add(1, std::memory_order_release); }
        Drained take(std::vector<T>& out) {
            ANNALS_ASSERT(out.empty(), "drain swaps, it does not append");
            if (items.empty()) return is_closed ? Drained::kFinished : Drained::kNothing;
            std::swap(out, items);
            bytes = 0;
            is_due = false;
            return Drained::kItems;
        }
        /// A scope is over: what it brought does not wait for what others may still be bringing.
        void wake() override {
            {
                const std::lock_guard lock(mutex);
                --holders;
                is_due = !items.empty();
                say_changed();
                if (!is_sleeping || !has_news()) return;
                is_sleeping = false;
            }
            filled.notify_one();
        }

        const QueueBounds bounds;
        std::mutex mutex;
        std::condition_variable filled;
        std::vector<T> items;
        std::size_t bytes = 0;
        std::atomic<std::uint32_t> changes = 0;  ///< for who looks without the lock
        std::size_t holders = 0;                 ///< scopes that hold items back
        bool is_due = false;                     ///< a scope that held some of it has ended
        bool is_sleeping = false;
        bool is_rung = false;
        bool is_closed = false;
    };

    /// For at most kShortWait, giving the processor to whoever wants it.
    static void look_again_and_again(
        const Core& core,
        std::unique_lock<std::mutex>& lock,
        Clock::time_point began,
        std::int64_t wait_ns
    ) {
        std::chrono::nanoseconds patience = kShortWait;
        if (wait_ns >= 0) patience = std::min(patience, std::chrono::nanoseconds(wait_ns));
        while (!core.has_news() && Clock::now() - began < patience) {
            const std::uint32_t seen = core.changes.load(std::memory_order_acquire);
            lock.unlock();
            while (core.changes.load(std::memory_order_acquire) == seen &&
                   Clock::now() - began < patience) {
                std::this_thread::yield();
            }
            lock.lock();
        }
    }

    const std::shared_ptr<Core> core_;
    bool was_short_ = false;  ///< the consumer's last wait; its own
};

}  // namespace annals::runtime
