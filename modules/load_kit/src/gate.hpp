// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace annals::load_kit {

/// Where lanes wait for their time, and all can be told at once to stop. Any thread. Times are
/// those of std::chrono::steady_clock, as Clock::monotonic_ns of the machine gives them.
class Gate {
  public:
    /// False as soon as it is stopped; else true at the time, which may have passed already.
    bool wait_until(std::int64_t ns) {
        std::unique_lock lock(mutex_);
        stopped_.wait_until(lock, at(ns), [&] { return is_stopped_; });
        return !is_stopped_;
    }
    void stop() {
        const std::lock_guard lock(mutex_);
        is_stopped_ = true;
        stopped_.notify_all();
    }
    [[nodiscard]] bool is_stopped() const {
        const std::lock_guard lock(mutex_);
        return is_stopped_;
    }

  private:
    static std::chrono::steady_clock::time_point at(std::int64_t ns) {
        return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(ns));
    }

    mutable std::mutex mutex_;
    std::condition_variable stopped_;
    bool is_stopped_ = false;
};

}  // namespace annals::load_kit
