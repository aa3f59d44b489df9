// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "entity_turn.hpp"

#include <atomic>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace annals::entities {
namespace {

TEST(EntityTurn, OneAtATimeHasIt) {
    constexpr int kThreads = 4;
    EntityTurns turns;
    std::atomic<int> inside = 0;
    int changes = 0;
    std::vector<std::thread> threads;
    threads.reserve(kThreads);
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&] {
            for (int each = 0; each < 200; ++each) {
                const auto turn = EntityTurn::take(turns, "a");
                ASSERT_TRUE(turn);
                EXPECT_EQ(++inside, 1);
                ++changes;
                --inside;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(changes, kThreads * 200);
    EXPECT_FALSE(turns.has_any());
}

TEST(EntityTurn, IsOverOnceHoweverItMoves) {
    EntityTurns turns;
    {
        std::optional<EntityTurn> kept;
        {
            auto turn = EntityTurn::take(turns, "a");
            ASSERT_TRUE(turn);
            kept.emplace(std::move(*turn));
        }
        EXPECT_TRUE(turns.is_taken("a"));
        EXPECT_TRUE(EntityTurn::take(turns, "b")) << "another entity's is free";
    }
    EXPECT_FALSE(turns.is_taken("a"));
    EXPECT_TRUE(EntityTurn::take(turns, "a"));
}

}  // namespace
}  // namespace annals::entities
