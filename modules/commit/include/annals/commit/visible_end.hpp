// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "annals/base/named_type.hpp"
#include "annals/base/result.hpp"

namespace annals::commit {

/// The position up to which readers see, and a bell for those who wait for more. Reading it costs
/// one atomic load; moving it costs a lock only when somebody listens.
class VisibleEnd {
  public:
    explicit VisibleEnd(Position start) : end_(start.value) {}

    [[nodiscard]] Position get() const { return Position(end_.load(std::memory_order_acquire)); }

    /// Moves up, wakes waiters, rings the listeners (in the publishing thread). One publisher.
    void publish(Position end);
    /// Nothing more will come: waiters get shutting_down, listeners are rung once more.
    void close();
    [[nodiscard]] bool is_closed() const { return is_closed_.load(std::memory_order_acquire); }

    /// Waits until `position` is visible or Clock::monotonic_ns() of the machine reaches the
    /// deadline: position_not_reached then.
    Status wait_for(Position position, std::int64_t deadline_ns);

    /// Rung at every publish until removed; must only signal another thread. remove_listener waits
    /// for a ring that is under way.
    using ListenerId = std::uint64_t;
    ListenerId add_listener(std::function<void()> bell);
    void remove_listener(ListenerId id);

  private:
    struct Listener {
        ListenerId id;
        std::function<void()> bell;
    };

    std::atomic<std::uint64_t> end_;
    std::atomic<bool> is_closed_{false};
    std::atomic<std::uint32_t> interested_{0};  ///< waiters and listeners
    std::mutex mutex_;
    std::condition_variable moved_;
    std::vector<Listener> listeners_;
    ListenerId next_id_ = 1;
};

}  // namespace annals::commit
