// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/base/clock.hpp"

#include <chrono>

namespace annals {

TimeNs SystemClock::now() const {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return TimeNs(std::chrono::duration_cast<std::chrono::nanoseconds>(since_epoch).count());
}

std::int64_t SystemClock::monotonic_ns() const {
    const auto since_start = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(since_start).count();
}

const Clock& system_clock() {
    static const SystemClock clock;
    return clock;
}

}  // namespace annals
