// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "figure.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

#include <nlohmann/json.hpp>

namespace annals::bench_kit {
namespace {

double rounded(double number) {
    if (number == 0 || !std::isfinite(number)) return 0;
    const double scale = std::pow(10.0, 3 - std::ceil(std::log10(std::fabs(number))));
    const double digits = scale > 1e9 ? 1e9 : std::max(scale, 1.0);
    return std::round(number * digits) / digits;
}

std::string with_thousands(long long number) {
    std::string text = std::to_string(number);
    const std::size_t first = text.starts_with('-') ? 1 : 0;
    for (std::size_t at = text.size(); at > first + 3;) {
        at -= 3;
        text.insert(at, ",");
    }
    return text;
}

}  // namespace

bool Figure::is_believable() const {
    constexpr double kTolerance = 1.05;
    if (!is_bounded) return true;
    if (value <= 0 || ceiling <= 0) return false;
    const double beyond = better == Better::kHigher ? value / ceiling : ceiling / value;
    return beyond <= kTolerance;
}

bool Figure::is_met() const {
    if (!is_believable()) return false;
    if (goal <= 0) return true;
    return better == Better::kHigher ? ratio >= goal : ratio <= goal;
}

std::string Figure::goal_text() const {
    if (goal <= 0) return "none";
    return (better == Better::kHigher ? ">= " : "<= ") + number_text(goal);
}

std::string Figure::json_line() const {
    nlohmann::ordered_json json;
    json["figure"] = name;
    json["value"] = rounded(value);
    json["unit"] = unit;
    json["ceiling"] = rounded(ceiling);
    json["ratio"] = rounded(ratio);
    json["goal"] = goal_text();
    json["met"] = is_met();
    return json.dump();
}

std::string number_text(double number) {
    if (std::fabs(number) >= 1'000) return with_thousands(std::llround(rounded(number)));
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), std::fabs(number) >= 100 ? "%.0f" : "%.3g", number);
    return text.data();
}

double mean(const std::vector<double>& values) {
    if (values.empty()) return 0;
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::string spread_text(std::vector<double>& values_us) {
    return "p10 " + number_text(percentile(values_us, 0.1)) + ", p50 " +
           number_text(percentile(values_us, 0.5)) + ", p90 " +
           number_text(percentile(values_us, 0.9)) + " us";
}

double median(std::vector<double> values) { return percentile(values, 0.5); }

double percentile(std::vector<double>& values, double share) {
    if (values.empty()) return 0;
    const auto place = static_cast<std::size_t>(
        std::llround(share * static_cast<double>(values.size() - 1))
    );
    std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(place));
    return values[place];
}

}  // namespace annals::bench_kit
