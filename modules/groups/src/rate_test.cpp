// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "rate.hpp"

#include <gtest/gtest.h>

namespace annals::groups {
namespace {

constexpr std::int64_t kRateSecond = 1'000'000'000;

TEST(Rate, IsWhatWasCountedSinceItBegan) {
    Rate rate;
    EXPECT_EQ(rate.per_second(kRateSecond, 7), 0) << "it has not begun";
    rate.begin(kRateSecond, 5);
    EXPECT_EQ(rate.per_second(kRateSecond, 7), 0) << "no time has passed";
    EXPECT_DOUBLE_EQ(rate.per_second(11 * kRateSecond, 9), 0.4);
    rate.look(11 * kRateSecond, 9);
    EXPECT_DOUBLE_EQ(rate.per_second(21 * kRateSecond, 13), 0.4);
    rate.begin(21 * kRateSecond, 0);
    EXPECT_DOUBLE_EQ(rate.per_second(23 * kRateSecond, 6), 3);
}

TEST(Rate, ForgetsWhatIsOlderThanHalfAMinute) {
    Rate rate;
    rate.begin(0, 0);
    std::uint64_t count = 0;
    // Ten a second for as long as is kept, then one a second.
    for (std::int64_t second = 1; second <= 30; ++second) {
        rate.look(second * kRateSecond, count += 10);
    }
    EXPECT_DOUBLE_EQ(rate.per_second(30 * kRateSecond, count), 10);
    for (std::int64_t second = 31; second <= 59; ++second) {
        rate.look(second * kRateSecond, ++count);
    }
    EXPECT_DOUBLE_EQ(rate.per_second(60 * kRateSecond, ++count), 1);
}

TEST(Rate, LooksThatComeTooOftenPushNothingOut) {
    Rate rate;
    rate.begin(0, 0);
    for (std::int64_t look = 1; look <= 1'000; ++look) rate.look(look * kRateSecond / 1'001, 50);
    EXPECT_DOUBLE_EQ(rate.per_second(kRateSecond, 50), 50);
}

}  // namespace
}  // namespace annals::groups
