// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/commit/recorded_clock.hpp"

#include <algorithm>

namespace annals::commit {

RecordedClock::RecordedClock(const Clock& clock, TimeNs previous)
    : clock_(clock),
      previous_(previous),
      wall_minus_monotonic_ns_(clock.now().value - clock.monotonic_ns()) {}

TimeNs RecordedClock::next() {
    const std::int64_t monotonic_ns = clock_.monotonic_ns();
    const std::int64_t difference_ns = clock_.now().value - monotonic_ns;
    const std::int64_t leap_ns = difference_ns - wall_minus_monotonic_ns_;
    const bool is_leap = leap_ns > kLeapNsMax || leap_ns < -kLeapNsMax;
    // Small corrections are followed, so that years of them do not add up to a leap.
    if (!is_leap) wall_minus_monotonic_ns_ = difference_ns;
    if (is_leap != is_distrusted_.load(std::memory_order_relaxed)) is_distrusted_.store(is_leap);
    previous_ = std::max(previous_, TimeNs(monotonic_ns + wall_minus_monotonic_ns_));
    return previous_;
}

}  // namespace annals::commit
