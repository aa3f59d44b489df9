// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "rate.hpp"

namespace annals::groups {

void Rate::begin(std::int64_t ns, std::uint64_t count) { looks_.assign(1, {ns, count}); }

void Rate::look(std::int64_t ns, std::uint64_t count) {
    if (!looks_.empty() && ns - looks_.back().ns < kBetweenNs) return;
    looks_.push_back({ns, count});
    if (looks_.size() > kLooksMax) looks_.pop_front();
}

double Rate::per_second(std::int64_t ns, std::uint64_t count) const {
    if (looks_.empty() || ns <= looks_.front().ns) return 0;
    const double seconds = static_cast<double>(ns - looks_.front().ns) / 1e9;
    return static_cast<double>(count - looks_.front().count) / seconds;
}

}  // namespace annals::groups
