// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "byte_budget.hpp"

#include <atomic>
#include <limits>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace annals::http_door::detail {
namespace {

TEST(ByteBudget, GivesWhatItHasAndNoMore) {
    ByteBudget budget(100);
    ByteLease first = budget.take(60);
    EXPECT_TRUE(first);
    EXPECT_FALSE(budget.take(41));
    const ByteLease second = budget.take(40);
    EXPECT_TRUE(second);
    EXPECT_FALSE(budget.take(1));
    EXPECT_TRUE(budget.take(0));
    first = {};
    EXPECT_FALSE(first);
    EXPECT_FALSE(budget.take(61));
    EXPECT_TRUE(budget.take(60));
}

TEST(ByteBudget, ALeaseIsGivenBackOnceHoweverOftenItMoves) {
    ByteBudget budget(100);
    {
        ByteLease lease = budget.take(50);
        ByteLease moved = std::move(lease);
        lease = std::move(moved);
        EXPECT_TRUE(lease);
        EXPECT_FALSE(budget.take(51));
    }
    const ByteLease all = budget.take(100);
    EXPECT_TRUE(all);
    EXPECT_FALSE(budget.take(1));
}

TEST(ByteBudget, MoreThanThereEverIsDoesNotWrapAround) {
    ByteBudget budget(100);
    const ByteLease held = budget.take(50);
    EXPECT_FALSE(budget.take(std::numeric_limits<std::size_t>::max()));
    EXPECT_FALSE(budget.take(std::numeric_limits<std::size_t>::max() - 20));
    EXPECT_TRUE(budget.take(50));
}

TEST(ByteBudget, ManyThreadsNeverHaveMoreThanThereIs) {
    constexpr std::size_t kMax = 3;
    ByteBudget budget(kMax);
    std::atomic<std::size_t> held{0};
    std::atomic<std::size_t> most{0};
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int each = 0; each < 4; ++each) {
        threads.emplace_back([&] {
            for (int round = 0; round < 20'000; ++round) {
                const ByteLease lease = budget.take(1);
                if (!lease) continue;
                const std::size_t now = ++held;
                std::size_t before = most;
                while (before < now && !most.compare_exchange_weak(before, now)) {
                }
                --held;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_LE(most, kMax);
    EXPECT_TRUE(budget.take(kMax));
}

}  // namespace
}  // namespace annals::http_door::detail
