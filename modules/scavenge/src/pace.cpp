// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/scavenge/pace.hpp"

#include <algorithm>
#include <chrono>

#include "annals/base/clock.hpp"

namespace annals::scavenge {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kBurstNs = kSecondNs / 10;

}  // namespace

void Pace::set_bytes_per_s(std::uint64_t bytes_per_s) {
    const std::lock_guard lock(mutex_);
    bytes_per_s_ = bytes_per_s;
    due_ns_ = 0;
    changed_.notify_all();
}

void Pace::pause() {
    const std::lock_guard lock(mutex_);
    is_paused_ = true;
}

void Pace::resume() {
    const std::lock_guard lock(mutex_);
    is_paused_ = false;
    changed_.notify_all();
}

void Pace::stop() {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    changed_.notify_all();
}

void Pace::reset() {
    const std::lock_guard lock(mutex_);
    bytes_per_s_ = 0;
    due_ns_ = 0;
    is_paused_ = false;
    is_stopped_ = false;
}

bool Pace::take(std::uint64_t bytes) {
    std::unique_lock lock(mutex_);
    if (bytes_per_s_ != 0) {
        const std::int64_t now_ns = system_clock().monotonic_ns();
        const auto cost_ns = static_cast<std::int64_t>(
            static_cast<double>(bytes) / static_cast<double>(bytes_per_s_) * kSecondNs
        );
        due_ns_ = std::max(due_ns_, now_ns - kBurstNs) + cost_ns;
    }
    while (!is_stopped_) {
        const std::int64_t wait_ns = bytes_per_s_ == 0 ? 0
                                                       : due_ns_ - system_clock().monotonic_ns();
        if (is_paused_) {
            changed_.wait(lock);
        } else if (wait_ns > 0) {
            changed_.wait_for(lock, std::chrono::nanoseconds(wait_ns));
        } else {
            break;
        }
    }
    return !is_stopped_;
}

bool Pace::is_paused() const {
    const std::lock_guard lock(mutex_);
    return is_paused_;
}

bool Pace::is_stopped() const {
    const std::lock_guard lock(mutex_);
    return is_stopped_;
}

}  // namespace annals::scavenge
