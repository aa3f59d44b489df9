// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "turns.hpp"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "change.hpp"

namespace annals::consumers {
namespace {

using Entered = Turns::Entered;

/// A change that is never run: its place in the memory alone.
std::shared_ptr<Change> some_change() {
    const auto owner = std::make_shared<int>();
    return {owner, reinterpret_cast<Change*>(owner.get())};
}

TEST(Turns, GoInTheOrderOfComing) {
    Turns turns;
    EXPECT_EQ(turns.enter("a", some_change()), Entered::kNow);
    const auto second = some_change();
    const auto third = some_change();
    EXPECT_EQ(turns.enter("a", second), Entered::kWait);
    EXPECT_EQ(turns.enter("a", third), Entered::kWait);
    EXPECT_EQ(turns.enter("b", some_change()), Entered::kNow) << "of another consumer";
    EXPECT_EQ(turns.leave("a"), second);
    EXPECT_EQ(turns.enter("a", some_change()), Entered::kWait) << "the second has the turn";
    EXPECT_EQ(turns.leave("a"), third);
    EXPECT_NE(turns.leave("a"), nullptr);
    EXPECT_EQ(turns.leave("a"), nullptr);
    EXPECT_EQ(turns.enter("a", some_change()), Entered::kNow) << "nobody has it";
    EXPECT_EQ(turns.leave("b"), nullptr);
}

TEST(Turns, TakeNoMoreThanMayWait) {
    Turns turns;
    ASSERT_EQ(turns.enter("a", some_change()), Entered::kNow);
    for (std::size_t i = 0; i < Turns::kWaitingMax; ++i) {
        ASSERT_EQ(turns.enter("a", some_change()), Entered::kWait);
    }
    EXPECT_EQ(turns.enter("a", some_change()), Entered::kFull);
    EXPECT_EQ(turns.enter("b", some_change()), Entered::kNow) << "it does not wait";
    EXPECT_NE(turns.leave("a"), nullptr);
    EXPECT_EQ(turns.enter("a", some_change()), Entered::kWait);
}

}  // namespace
}  // namespace annals::consumers
