// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace annals::load_kit {

/// How often each latency occurred, with three significant digits from 1 µs to 24 h: high dynamic
/// range, so that the slowest of millions is as exact as the median. The layout is that of
/// HdrHistogram (lowest value 1, three digits), so that its tools read what encode() makes.
///
/// 16 KiB at first, at most kCounts * 8 bytes (224 KiB). record() costs some ns. One thread at a
/// time; histograms of several are merged.
class Histogram {
  public:
    static constexpr std::int64_t kValueMax = 86'400'000'000;  ///< µs; larger ones count as this
    static constexpr std::size_t kCounts = 28'672;  ///< that hold kValueMax with three digits

    /// A value below 0 counts as 0.
    void record(std::int64_t value_us, std::uint64_t times = 1);
    void merge(const Histogram& other);
    void clear();

    [[nodiscard]] std::uint64_t count() const { return total_; }
    [[nodiscard]] std::int64_t min() const { return total_ == 0 ? 0 : min_; }
    [[nodiscard]] std::int64_t max() const { return max_; }
    [[nodiscard]] double mean() const;
    [[nodiscard]] double deviation() const;
    /// The value that `percentile` (0 to 100) of all are not above, as exact as three digits; 0
    /// when empty.
    [[nodiscard]] std::int64_t at_percentile(double percentile) const;

    /// A step of the distribution: `share` of all values are not above `value`.
    struct Step {
        std::int64_t value = 0;
        double share = 0;
        std::uint64_t count = 0;  ///< not above
    };
    /// As HdrHistogram's iteration by percentiles: `ticks` for each halving of what is left to 100
    /// %.
    [[nodiscard]] std::vector<Step> steps(int ticks = 5) const;

    /// The text of a `.hgrm` file: value, percentile, count, 1/(1-percentile), and the sums below.
    [[nodiscard]] std::string percentile_text() const;
    /// HdrHistogram's version 2, packed and in base 64, as `.hlog` files have it.
    [[nodiscard]] std::string encode() const;

  private:
    static std::size_t index_of(std::int64_t value);
    /// The smallest value that is counted there.
    static std::int64_t value_at(std::size_t index);
    /// The largest.
    static std::int64_t highest_at(std::size_t index);

    std::vector<std::uint64_t> counts_;  ///< grows to the largest index that occurred
    std::uint64_t total_ = 0;
    std::int64_t min_ = kValueMax;
    std::int64_t max_ = 0;
};

}  // namespace annals::load_kit
