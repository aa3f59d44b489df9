// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/load_kit/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <zlib.h>

namespace annals::load_kit {
namespace {

/// The value that so many percent are not above, by sorting.
std::int64_t sorted_percentile(std::vector<std::int64_t> values, double percentile) {
    std::ranges::sort(values);
    const auto wanted = static_cast<std::size_t>(
        std::ceil(percentile / 100 * static_cast<double>(values.size()) - 1e-6)
    );
    return values[std::max<std::size_t>(wanted, 1) - 1];
}

rc::Gen<std::vector<std::int64_t>> latencies() {
    // Of every magnitude, not only large ones.
    const auto value = rc::gen::map(
        rc::gen::pair(rc::gen::inRange(0, 36), rc::gen::inRange<std::int64_t>(0, INT32_MAX)),
        [](const std::pair<int, std::int64_t>& drawn) {
            return drawn.second % (std::int64_t{1} << drawn.first);
        }
    );
    return rc::gen::nonEmpty(rc::gen::container<std::vector<std::int64_t>>(value));
}

RC_GTEST_PROP(Histogram, KeepsEachPercentileWithinAThousandth, ()) {
    const std::vector<std::int64_t> values = *latencies();
    Histogram histogram;
    for (const std::int64_t value : values) histogram.record(value);
    for (const double percentile : {0.0, 50.0, 90.0, 99.0, 99.9, 100.0}) {
        const std::int64_t exact = sorted_percentile(values, percentile);
        const std::int64_t found = histogram.at_percentile(percentile);
        RC_ASSERT(found >= exact);
        RC_ASSERT(found - exact <= exact / 1'000);
    }
    RC_ASSERT(histogram.count() == values.size());
    RC_ASSERT(histogram.max() == *std::ranges::max_element(values));
    RC_ASSERT(histogram.min() == *std::ranges::min_element(values));
}

RC_GTEST_PROP(Histogram, MergedIsAsIfAllHadBeenRecordedInOne, ()) {
    const std::vector<std::int64_t> first = *latencies();
    const std::vector<std::int64_t> second = *latencies();
    Histogram one;
    Histogram other;
    Histogram both;
    for (const std::int64_t value : first) {
        one.record(value);
        both.record(value);
    }
    for (const std::int64_t value : second) {
        other.record(value);
        both.record(value);
    }
    one.merge(other);
    RC_ASSERT(one.percentile_text() == both.percentile_text());
    RC_ASSERT(one.encode() == both.encode());
    RC_ASSERT(one.min() == both.min());
}

TEST(Histogram, IsEmptyUntilSomethingIsRecordedAndAgainWhenCleared) {
    Histogram histogram;
    EXPECT_EQ(histogram.at_percentile(99), 0);
    EXPECT_EQ(histogram.max(), 0);
    EXPECT_TRUE(histogram.steps().empty());
    histogram.record(7);
    histogram.clear();
    EXPECT_EQ(histogram.count(), 0U);
    EXPECT_EQ(histogram.min(), 0);
    EXPECT_EQ(histogram.at_percentile(50), 0);
}

TEST(Histogram, CountsWhatIsBeyondItsRangeAtItsEnds) {
    Histogram histogram;
    histogram.record(-5);
    histogram.record(Histogram::kValueMax * 2);
    EXPECT_EQ(histogram.min(), 0);
    EXPECT_EQ(histogram.max(), Histogram::kValueMax);
    EXPECT_EQ(histogram.at_percentile(100), Histogram::kValueMax);
}

TEST(Histogram, StepsRiseToTheWhole) {
    Histogram histogram;
    for (std::int64_t value = 1; value <= 100'000; ++value) histogram.record(value);
    const std::vector<Histogram::Step> steps = histogram.steps();
    ASSERT_GT(steps.size(), 20U);
    for (std::size_t at = 1; at < steps.size(); ++at) {
        EXPECT_GT(steps[at].value, steps[at - 1].value);
        EXPECT_GE(steps[at].share, steps[at - 1].share);
    }
    EXPECT_EQ(steps.back().count, 100'000U);
    EXPECT_EQ(steps.back().share, 1);
}

std::string unpacked(const std::string& text) {
    std::string packed;
    std::uint32_t bits = 0;
    int have = 0;
    for (const char sign : text) {
        constexpr std::string_view kSigns =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        if (sign == '=') break;
        bits = bits << 6u | static_cast<std::uint32_t>(kSigns.find(sign));
        have += 6;
        if (have < 8) continue;
        have -= 8;
        packed += static_cast<char>(bits >> static_cast<unsigned>(have));
    }
    EXPECT_EQ(packed.substr(0, 4), std::string("\x1c\x84\x93\x14"));
    std::string plain(1 << 16, '\0');
    uLongf size = plain.size();
    const auto* const from = reinterpret_cast<const Bytef*>(packed.data() + 8);
    EXPECT_EQ(
        uncompress(reinterpret_cast<Bytef*>(plain.data()), &size, from, packed.size() - 8), Z_OK
    );
    plain.resize(size);
    return plain;
}

// The header and the counts as version 2 of HdrHistogram's format has them (a run of zeros is a
// negative number, numbers are zigzag and seven bits a byte). Its Python package reads such texts,
// and finds the same percentiles in them.
TEST(Histogram, IsEncodedAsHdrHistogramPacksIt) {
    Histogram histogram;
    for (const std::int64_t value : {1, 1, 3, 2'048}) histogram.record(value);
    const std::string plain = unpacked(histogram.encode());
    const std::string counts(
        "\x00"      // value 0: a single zero
        "\x04"      // value 1: twice
        "\x00"      // value 2
        "\x02"      // value 3: once
        "\xf7\x1f"  // 2,044 zeros: 4 to 2,047
        "\x02",     // 2,048 and 2,049 share a count
        7
    );
    ASSERT_EQ(plain.size(), 40 + counts.size());
    EXPECT_EQ(plain.substr(0, 8), std::string("\x1c\x84\x93\x13\0\0\0\x07", 8));
    EXPECT_EQ(plain.substr(8, 16), std::string("\0\0\0\0\0\0\0\x03\0\0\0\0\0\0\0\x01", 16));
    EXPECT_EQ(plain.substr(32, 8), std::string("\x3f\xf0\0\0\0\0\0\0", 8));
    EXPECT_EQ(plain.substr(40), counts);
}

}  // namespace
}  // namespace annals::load_kit
