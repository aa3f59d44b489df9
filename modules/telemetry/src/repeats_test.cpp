// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/telemetry/repeats.hpp"

#include <gtest/gtest.h>

namespace annals::telemetry {
namespace {

TEST(Repeats, LetsOneThroughAnIntervalAndCountsTheOthers) {
    Repeats repeats(1'000);
    EXPECT_EQ(repeats.let_through("default", 5), 0u) << "the first is never held back";
    for (std::int64_t now = 5; now < 1'005; ++now)
        EXPECT_FALSE(repeats.let_through("default", now));
    EXPECT_EQ(repeats.let_through("default", 1'005), 1'000u);
    EXPECT_FALSE(repeats.let_through("default", 2'004));
    EXPECT_EQ(repeats.let_through("default", 9'000), 1u);
    EXPECT_EQ(repeats.let_through("default", 10'000), 0u);
}

TEST(Repeats, EachKeyCountsForItself) {
    Repeats repeats(1'000);
    EXPECT_EQ(repeats.let_through("default", 5), 0u);
    EXPECT_EQ(repeats.let_through("pay", 6), 0u);
    EXPECT_FALSE(repeats.let_through("default", 7));
    EXPECT_EQ(repeats.let_through("pay", 2'000), 0u);
    EXPECT_EQ(repeats.let_through("default", 2'000), 1u);
}

}  // namespace
}  // namespace annals::telemetry
