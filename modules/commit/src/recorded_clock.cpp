// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/commit/recorded_clock.hpp"

#include <algorithm>

namespace annals::commit {
namespace {

bool is_far(std::int64_t difference_ns, std::int64_t trusted_ns) {
    const std::int64_t leap_ns = difference_ns - trusted_ns;
    return leap_ns > RecordedClock::kLeapNsMax || leap_ns < -RecordedClock::kLeapNsMax;
}

}  // namespace

RecordedClock::RecordedClock(const Clock& clock, TimeNs previous)
    : clock_(clock),
      previous_(previous),
      wall_minus_monotonic_ns_(clock.now().value - clock.monotonic_ns()) {}

TimeNs RecordedClock::next() {
    const std::int64_t monotonic_ns = clock_.monotonic_ns();
    const std::int64_t difference_ns = clock_.now().value - monotonic_ns;
    const std::int64_t trusted_ns = wall_minus_monotonic_ns_.load(std::memory_order_relaxed);
    const bool is_leap = is_far(difference_ns, trusted_ns);
    // Small corrections are followed, so that years of them do not add up to a leap.
    if (!is_leap) wall_minus_monotonic_ns_.store(difference_ns, std::memory_order_relaxed);
    const std::int64_t offset_ns = is_leap ? trusted_ns : difference_ns;
    previous_ = std::max(previous_, TimeNs(monotonic_ns + offset_ns));
    return previous_;
}

bool RecordedClock::is_clock_distrusted() const {
    const std::int64_t monotonic_ns = clock_.monotonic_ns();
    const std::int64_t trusted_ns = wall_minus_monotonic_ns_.load(std::memory_order_relaxed);
    return is_far(clock_.now().value - monotonic_ns, trusted_ns);
}

TimeNs RecordedClock::now() const {
    const std::int64_t monotonic_ns = clock_.monotonic_ns();
    const std::int64_t wall_ns = clock_.now().value;
    const std::int64_t trusted_ns = wall_minus_monotonic_ns_.load(std::memory_order_relaxed);
    return TimeNs(is_far(wall_ns - monotonic_ns, trusted_ns) ? monotonic_ns + trusted_ns : wall_ns);
}

}  // namespace annals::commit
