// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "pace.hpp"

#include <algorithm>
#include <cmath>

namespace annals::load_kit {

std::int64_t Pace::due_of(std::uint64_t number) const {
    const double ns = static_cast<double>(number) * 1e9 / plan_.rate;
    const double left = static_cast<double>(plan_.end_ns - plan_.start_ns);
    if (ns >= left) return plan_.end_ns;
    return plan_.start_ns + static_cast<std::int64_t>(ns);
}

std::optional<Pace::Turn> Pace::take() {
    std::uint64_t number = taken_.load();
    const std::int64_t now_ns = clock_.monotonic_ns();
    if (now_ns >= plan_.end_ns) return std::nullopt;
    while (true) {
        if (plan_.operations > 0 && number >= plan_.operations) return std::nullopt;
        const std::int64_t due_ns = plan_.rate > 0 ? due_of(number) : now_ns;
        if (due_ns >= plan_.end_ns) return std::nullopt;
        if (taken_.compare_exchange_weak(number, number + 1)) return Turn{number, due_ns};
    }
}

std::uint64_t Pace::missed(std::int64_t now_ns, std::uint64_t abandoned) const {
    if (plan_.rate <= 0) return 0;
    const std::int64_t passed_ns = std::min(now_ns, plan_.end_ns) - plan_.start_ns;
    if (passed_ns <= 0) return 0;
    double due = std::ceil(static_cast<double>(passed_ns) * plan_.rate / 1e9);
    if (plan_.operations > 0) due = std::min(due, static_cast<double>(plan_.operations));
    // Lanes take a turn before it is due and wait for it: one that is given up may not be missed.
    const std::uint64_t used = taken_.load() - std::min(abandoned, taken_.load());
    const auto count = static_cast<std::uint64_t>(due);
    return count > used ? count - used : 0;
}

}  // namespace annals::load_kit
