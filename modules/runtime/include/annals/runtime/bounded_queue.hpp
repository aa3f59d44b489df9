// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "annals/base/assert.hpp"
#include "annals/base/result.hpp"

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
/// Bounded in number and in bytes; an item larger than all bytes is taken by an empty queue.
/// Any thread may push and close; one thread drains.
template <typename T>
class BoundedQueue {
  public:
    explicit BoundedQueue(QueueBounds bounds) : bounds_(bounds) {}

    /// overloaded when full, shutting_down once closed; the item is untouched then.
    Status push(T& item, std::size_t bytes) {
        {
            const std::lock_guard lock(mutex_);
            if (is_closed_) return Error(ErrorCode::kShuttingDown, "the queue is closed");
            if (items_.size() >= bounds_.items_max ||
                (!items_.empty() && bytes_ + bytes > bounds_.bytes_max)) {
                return Error(ErrorCode::kOverloaded, "the queue is full: try again later");
            }
            items_.push_back(std::move(item));
            bytes_ += bytes;
            if (!is_sleeping_) return ok();
            is_sleeping_ = false;
        }
        filled_.notify_one();
        return ok();
    }

    /// Swaps everything out into `out`, which must be empty. Does not wait.
    Drained drain(std::vector<T>& out) {
        const std::lock_guard lock(mutex_);
        return take(out);
    }

    /// Waits for an item, at most `wait_ns` nanoseconds (negative: for ever).
    Drained drain_waiting(std::vector<T>& out, std::int64_t wait_ns) {
        std::unique_lock lock(mutex_);
        const auto has_news = [this] { return !items_.empty() || is_closed_ || is_rung_; };
        is_sleeping_ = !has_news();
        if (wait_ns < 0) {
            filled_.wait(lock, has_news);
        } else {
            filled_.wait_for(lock, std::chrono::nanoseconds(wait_ns), has_news);
        }
        is_sleeping_ = false;
        is_rung_ = false;
        return take(out);
    }

    /// Wakes the consumer without an item: drain_waiting returns kNothing.
    void ring() {
        {
            const std::lock_guard lock(mutex_);
            is_rung_ = true;
        }
        filled_.notify_one();
    }

    /// Nothing more is taken; what is inside still comes out.
    void close() {
        {
            const std::lock_guard lock(mutex_);
            is_closed_ = true;
        }
        filled_.notify_all();
    }

    [[nodiscard]] std::size_t size() const {
        const std::lock_guard lock(mutex_);
        return items_.size();
    }

  private:
    Drained take(std::vector<T>& out) {
        ANNALS_ASSERT(out.empty(), "drain swaps, it does not append");
        if (items_.empty()) return is_closed_ ? Drained::kFinished : Drained::kNothing;
        std::swap(out, items_);
        bytes_ = 0;
        return Drained::kItems;
    }

    const QueueBounds bounds_;
    mutable std::mutex mutex_;
    std::condition_variable filled_;
    std::vector<T> items_;
    std::size_t bytes_ = 0;
    bool is_sleeping_ = false;
    bool is_rung_ = false;
    bool is_closed_ = false;
};

}  // namespace annals::runtime
