// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/runtime/turns.hpp"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace annals::runtime {
namespace {

using Turn = Turns<int>;
using Entered = Turn::Entered;

std::shared_ptr<int> somebody() { return std::make_shared<int>(); }

TEST(Turns, GoInTheOrderOfComing) {
    Turn turns;
    EXPECT_EQ(turns.enter("a", somebody()), Entered::kNow);
    const auto second = somebody();
    const auto third = somebody();
    EXPECT_EQ(turns.enter("a", second), Entered::kWait);
    EXPECT_EQ(turns.enter("a", third), Entered::kWait);
    EXPECT_EQ(turns.enter("b", somebody()), Entered::kNow) << "of another name";
    EXPECT_EQ(turns.leave("a"), second);
    EXPECT_EQ(turns.enter("a", somebody()), Entered::kWait) << "the second has the turn";
    EXPECT_EQ(turns.leave("a"), third);
    EXPECT_NE(turns.leave("a"), nullptr);
    EXPECT_EQ(turns.leave("a"), nullptr);
    EXPECT_EQ(turns.enter("a", somebody()), Entered::kNow) << "nobody has it";
    EXPECT_EQ(turns.leave("b"), nullptr);
}

TEST(Turns, TakeNoMoreThanMayWait) {
    Turn turns;
    ASSERT_EQ(turns.enter("a", somebody()), Entered::kNow);
    for (std::size_t i = 0; i < Turn::kWaitingMax; ++i) {
        ASSERT_EQ(turns.enter("a", somebody()), Entered::kWait);
    }
    EXPECT_EQ(turns.enter("a", somebody()), Entered::kFull);
    EXPECT_EQ(turns.enter("b", somebody()), Entered::kNow) << "it does not wait";
    EXPECT_NE(turns.leave("a"), nullptr);
    EXPECT_EQ(turns.enter("a", somebody()), Entered::kWait);
}

TEST(Turns, TellWhetherOneIsTaken) {
    Turn turns;
    EXPECT_FALSE(turns.has_any());
    ASSERT_EQ(turns.enter("a", somebody()), Entered::kNow);
    ASSERT_EQ(turns.enter("a", somebody()), Entered::kWait);
    EXPECT_TRUE(turns.has_any());
    EXPECT_TRUE(turns.is_taken("a"));
    EXPECT_FALSE(turns.is_taken("b"));
    EXPECT_NE(turns.leave("a"), nullptr);
    EXPECT_TRUE(turns.is_taken("a"));
    EXPECT_EQ(turns.leave("a"), nullptr);
    EXPECT_FALSE(turns.is_taken("a"));
    EXPECT_FALSE(turns.has_any());
}

}  // namespace
}  // namespace annals::runtime
