// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "waiting.hpp"

#include <algorithm>
#include <random>

namespace annals::sdk {

std::chrono::milliseconds wait_before(const Backoff& backoff, int tries) {
    constexpr int kDoublingsMax = 20;
    const std::int64_t most = std::min<std::int64_t>(
        backoff.max.count(), backoff.first.count() << std::clamp(tries - 1, 0, kDoublingsMax)
    );
    thread_local std::minstd_rand random{std::random_device{}()};
    return std::chrono::milliseconds(
        std::uniform_int_distribution<std::int64_t>(most / 2, most)(random)
    );
}

}  // namespace annals::sdk
