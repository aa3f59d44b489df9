// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "zipf.hpp"

#include <algorithm>
#include <cmath>

namespace annals::load_kit {

Zipf::Zipf(std::uint64_t count, double skew)
    : count_(count),
      skew_(skew),
      area_first_(area(1.5) - 1),
      area_last_(area(static_cast<double>(count) + 0.5)),
      always_taken_(2 - at_area(area(2.5) - height(2))) {}

// With t = (1 - skew) ln x the integral is ln x * (e^t - 1) / t, which is ln x where skew is 1.
double Zipf::area(double x) const {
    const double log = std::log(x);
    const double t = (1 - skew_) * log;
    return std::fabs(t) < 1e-9 ? log * (1 + t / 2) : log * std::expm1(t) / t;
}

double Zipf::at_area(double area) const {
    const double t = std::max(-1.0, area * (1 - skew_));
    const double log = std::fabs(t) < 1e-9 ? area * (1 - t / 2) : area * std::log1p(t) / t;
    return std::exp(log);
}

double Zipf::height(double x) const { return std::exp(-skew_ * std::log(x)); }

std::uint64_t Zipf::draw(Dice& dice) const {
    const auto last = static_cast<double>(count_);
    while (true) {
        const double under = area_last_ + dice.share() * (area_first_ - area_last_);
        const double x = at_area(under);
        const double rank = std::clamp(std::floor(x + 0.5), 1.0, last);
        if (rank - x <= always_taken_ || under >= area(rank + 0.5) - height(rank)) {
            return static_cast<std::uint64_t>(rank) - 1;
        }
    }
}

}  // namespace annals::load_kit
