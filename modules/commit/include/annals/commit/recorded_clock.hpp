// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstdint>

#include "annals/base/clock.hpp"
#include "annals/base/named_type.hpp"

namespace annals::commit {

/// Recorded time (log-and-rules 2.6): max(previous, clock), never backwards. A wall clock that has
/// left the monotonic one by over an hour since the last reading that was used is not used: time
/// goes on by the monotonic clock until the wall clock is back, and is_clock_distrusted() alarms.
///
///     wall       12:00 12:01 [17:00] 12:03      previous 12:05: 12:05, 12:05, ...
///     monotonic      0    60     120   180
///     recorded   12:00 12:01  12:02  12:03
///
/// next() from one thread; now() and is_clock_distrusted() from any.
class RecordedClock {
  public:
    static constexpr std::int64_t kLeapNsMax = 3'600'000'000'000;

    /// `previous` is the recorded time of the log's last event.
    RecordedClock(const Clock& clock, TimeNs previous);

    /// The time for what is recorded now.
    TimeNs next();
    /// The same without recording: what an age is measured from. Any thread.
    [[nodiscard]] TimeNs now() const;
    /// Whether the wall clock is not used now. Any thread.
    [[nodiscard]] bool is_clock_distrusted() const;

  private:
    const Clock& clock_;
    TimeNs previous_;
    std::atomic<std::int64_t> wall_minus_monotonic_ns_;
};

}  // namespace annals::commit
