// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <cstdlib>
#include <thread>

namespace annals::base::testing {

/// How long a test waits for what must come: a minute, far above what a slow machine under a
/// sanitizer takes, so that the end of it means that the thing does not come; or as many seconds as
/// the environment's ANNALS_TEST_PATIENCE says (tests/mutation, where it often does not come).
inline std::chrono::seconds patience() {
    const char* const asked = std::getenv("ANNALS_TEST_PATIENCE");  // NOLINT(concurrency-mt-unsafe)
    return std::chrono::seconds(asked == nullptr ? 60 : std::strtol(asked, nullptr, 10));
}

/// Asks `condition` until it holds; false when patience() is over. For what another thread does.
///
/// Sleeps a millisecond between two questions: who asks without a pause holds the lock that the
/// other thread needs almost all the time, and mutexes are not fair.
template <typename Condition>
[[nodiscard]] bool comes_true(Condition condition) {
    const auto give_up = std::chrono::steady_clock::now() + patience();
    while (!condition()) {
        if (std::chrono::steady_clock::now() > give_up) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

}  // namespace annals::base::testing
