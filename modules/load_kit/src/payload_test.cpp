// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "payload.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace annals::load_kit {
namespace {

TEST(Payload, IsJsonOfTheSizeThatWasAskedFor) {
    Dice dice(1);
    for (const std::uint64_t bytes : {80u, 256u, 10'000u}) {
        const std::string data = event_data(1'700'000'000'123'456, 7, bytes, dice);
        EXPECT_EQ(data.size(), bytes);
        const auto json = nlohmann::json::parse(data);
        EXPECT_EQ(json["number"], 7);
        EXPECT_EQ(sent_us_of(data), std::optional<std::int64_t>(1'700'000'000'123'456));
    }
    const std::string largest = event_data(1'700'000'000'123'456, UINT64_MAX, 80, dice);
    EXPECT_LE(largest.size(), Bounds::kSizeMin);
}

TEST(Payload, KnowsWhatIsNotItsOwn) {
    for (const char* const data :
         {"", "{}", R"({"sent_us":12})", R"({"sent_us":12345678901234x6,"number":1})", "other"}) {
        EXPECT_EQ(sent_us_of(data), std::nullopt) << data;
    }
}

TEST(Payload, DrawsSizesByTheirDistribution) {
    Dice dice(2);
    EXPECT_EQ(draw_size({.bytes = 300}, dice), 300U);
    const Size uniform{.distribution = SizeDistribution::kUniform, .min = 100, .max = 102};
    std::vector<int> counts(3);
    for (int i = 0; i < 3'000; ++i) ++counts.at(draw_size(uniform, dice) - 100);
    for (const int count : counts) EXPECT_NEAR(count, 1'000, 150);

    const Size lognormal{
        .distribution = SizeDistribution::kLognormal,
        .bytes = 1'000,
        .min = 80,
        .max = 1'000'000,
        .sigma = 1
    };
    std::vector<std::uint64_t> drawn;
    drawn.reserve(10'000);
    for (int i = 0; i < 10'000; ++i) drawn.push_back(draw_size(lognormal, dice));
    std::ranges::sort(drawn);
    EXPECT_NEAR(static_cast<double>(drawn[5'000]), 1'000, 60);
    // One deviation above the median: e times as much.
    EXPECT_NEAR(static_cast<double>(drawn[8'413]), 2'718, 250);
    EXPECT_GE(drawn.front(), 80U);
}

}  // namespace
}  // namespace annals::load_kit
