// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "annals/sdk/options.hpp"

namespace annals::sdk {

/// A thread waits here until it is rung for; a ring before the wait counts. Any thread rings.
class Bell {
  public:
    void ring() {
        const std::lock_guard lock(mutex_);
        is_rung_ = true;
        rung_.notify_all();
    }
    void wait() {
        std::unique_lock lock(mutex_);
        rung_.wait(lock, [&] { return is_rung_; });
        is_rung_ = false;
    }
    /// At most so long.
    void wait_for(std::chrono::milliseconds time) {
        std::unique_lock lock(mutex_);
        rung_.wait_for(lock, time, [&] { return is_rung_; });
        is_rung_ = false;
    }

  private:
    std::mutex mutex_;
    std::condition_variable rung_;
    bool is_rung_ = false;
};

/// Before the try after `tries` failed ones.
std::chrono::milliseconds wait_before(const Backoff& backoff, int tries);

}  // namespace annals::sdk
