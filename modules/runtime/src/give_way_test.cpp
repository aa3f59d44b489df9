// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/runtime/give_way.hpp"

#include <gtest/gtest.h>

namespace annals::runtime {
namespace {

TEST(GiveWay, YieldsAsOftenAsItIsAskedTo) {
    int yields = 0;
    GiveWay give_way([&yields]() -> std::int64_t { return ++yields; });
    EXPECT_TRUE(give_way());
    EXPECT_EQ(yields, 1);
    EXPECT_TRUE(give_way(3));
    EXPECT_EQ(yields, 4);
}

TEST(GiveWay, DoesWithoutForAWhileAfterAYieldThatWasLong) {
    int yields = 0;
    std::int64_t taken_ns = GiveWay::kLongNs;
    GiveWay give_way([&]() -> std::int64_t { return ++yields, taken_ns; });
    EXPECT_FALSE(give_way(2));
    EXPECT_EQ(yields, 1) << "the second of the same turn";
    for (std::uint32_t i = 0; i < GiveWay::kTurnsWithout; ++i) EXPECT_FALSE(give_way());
    EXPECT_EQ(yields, 1);
    taken_ns = 0;
    give_way(2);
    EXPECT_EQ(yields, 3);
}

}  // namespace
}  // namespace annals::runtime
