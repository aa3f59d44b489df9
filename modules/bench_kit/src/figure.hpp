// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace annals::bench_kit {

enum class Better : unsigned char { kHigher, kLower };

/// One measured figure beside its ceiling.
struct Figure {
    std::string name;
    double value = 0;
    std::string unit;
    double ceiling = 0;
    std::string ceiling_is;  ///< what the ceiling is, for the table
    double ratio = 0;  ///< what the goal is about; value/ceiling unless the figure says otherwise
    double goal = 0;   ///< 0: none, the figure informs
    Better better = Better::kHigher;
    std::string what;  ///< a sentence for the table
    /// Nothing can beat the ceiling: a value that does tells of a disturbed machine, not of a fast
    /// server.
    bool is_bounded = false;

    /// Not better than its bound by more than a twentieth.
    [[nodiscard]] bool is_believable() const;
    /// Reached, by a value that can be believed.
    [[nodiscard]] bool is_met() const;
    [[nodiscard]] std::string goal_text() const;
    /// {"figure","value","unit","ceiling","ratio","goal","met"} on one line.
    [[nodiscard]] std::string json_line() const;
};

/// Three significant digits, thousands marked: "58,100", "0.83".
std::string number_text(double number);

double median(std::vector<double> values);
double mean(const std::vector<double>& values);
/// "p10 120, p50 151, p90 180 us"; sorts them.
std::string spread_text(std::vector<double>& values_us);
/// The value below which the share of values lies; sorts them.
double percentile(std::vector<double>& values, double share);

}  // namespace annals::bench_kit
