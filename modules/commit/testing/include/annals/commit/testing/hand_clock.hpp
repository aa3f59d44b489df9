// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstdint>

#include "annals/base/clock.hpp"

namespace annals::commit::testing {

/// A clock that stands until it is moved. Any thread.
class HandClock final : public Clock {
  public:
    [[nodiscard]] TimeNs now() const override { return TimeNs(now_ns_.load()); }
    [[nodiscard]] std::int64_t monotonic_ns() const override { return monotonic_ns_.load(); }

    /// Time passes.
    void pass(std::int64_t ns) {
        now_ns_ += ns;
        monotonic_ns_ += ns;
    }
    /// Somebody turns the wall clock.
    void turn(std::int64_t ns) { now_ns_ += ns; }

  private:
    std::atomic<std::int64_t> now_ns_{1'700'000'000'000'000'000};
    std::atomic<std::int64_t> monotonic_ns_{1'000'000'000};
};

}  // namespace annals::commit::testing
