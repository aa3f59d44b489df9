// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/telemetry/repeats.hpp"

#include <utility>

namespace annals::telemetry {

std::optional<std::uint64_t> Repeats::let_through(std::string_view key, std::int64_t now_ns) {
    const std::lock_guard lock(mutex_);
    const auto found = told_.find(key);
    if (found == told_.end()) {
        told_.emplace(key, Told{now_ns, 0});
        return 0;
    }
    Told& told = found->second;
    if (now_ns - told.at_ns < interval_ns_) {
        ++told.held_back;
        return std::nullopt;
    }
    told.at_ns = now_ns;
    return std::exchange(told.held_back, 0);
}

}  // namespace annals::telemetry
