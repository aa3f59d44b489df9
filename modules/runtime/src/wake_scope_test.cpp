// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/runtime/wake_scope.hpp"

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "annals/runtime/bounded_queue.hpp"
#include "annals/runtime/thread.hpp"

namespace annals::runtime {
namespace {

class CountingSleeper final : public Sleeper {
  public:
    void wake() override { ++wakes; }
    int wakes = 0;
};

TEST(WakeScope, WakesOnceAtItsEnd) {
    const auto sleeper = std::make_shared<CountingSleeper>();
    {
        const WakeScope scope;
        EXPECT_TRUE(WakeScope::keep(sleeper));
        EXPECT_FALSE(WakeScope::keep(sleeper));
        EXPECT_EQ(sleeper->wakes, 0);
    }
    EXPECT_EQ(sleeper->wakes, 1);
    EXPECT_FALSE(WakeScope::is_open());
}

TEST(WakeScope, AnInnerScopeIsPartOfTheOuter) {
    const auto sleeper = std::make_shared<CountingSleeper>();
    WakeScope outer;
    {
        const WakeScope inner;
        WakeScope::keep(sleeper);
    }
    EXPECT_EQ(sleeper->wakes, 0);
    outer.flush();
    EXPECT_EQ(sleeper->wakes, 1);
    EXPECT_TRUE(WakeScope::keep(sleeper)) << "after a flush it is kept anew";
}

TEST(WakeScope, KeepsASleeperThatItsOwnerHasLeft) {
    auto queue = std::make_unique<BoundedQueue<int>>(QueueBounds{10, 100});
    const WakeScope scope;
    int item = 1;
    ASSERT_TRUE(queue->push(item, 1));
    queue = nullptr;
}

TEST(WakeScope, HoldsBackWhatIsPushedInside) {
    BoundedQueue<int> queue({.items_max = 10, .bytes_max = 100});
    std::vector<int> out;
    {
        const WakeScope scope;
        for (int i = 0; i < 3; ++i) {
            int item = i;
            ASSERT_TRUE(queue.push(item, 1));
        }
        EXPECT_EQ(queue.drain(out), Drained::kNothing);
    }
    EXPECT_EQ(queue.drain(out), Drained::kItems);
    EXPECT_EQ(out, (std::vector<int>{0, 1, 2}));
}

TEST(WakeScope, HoldsBackNoMoreThanALittle) {
    BoundedQueue<int> queue({.items_max = 10'000, .bytes_max = 1u << 20u});
    std::vector<int> out;
    const WakeScope scope;
    for (int i = 0; i < 300; ++i) {
        int item = i;
        ASSERT_TRUE(queue.push(item, 1));
    }
    EXPECT_EQ(queue.drain(out), Drained::kItems);
    out.clear();
    int large = 1;
    ASSERT_TRUE(queue.push(large, 100'000));
    EXPECT_EQ(queue.drain(out), Drained::kItems);
}

/// Else scopes of several threads, one of them always open, would hold back for ever.
TEST(WakeScope, TheEndOfOneScopeBringsWhatAnotherHolds) {
    BoundedQueue<int> queue({100, 1 << 20});
    std::vector<int> out;
    std::promise<void> has_pushed;
    std::promise<void> may_end;
    std::thread other([&] {
        const WakeScope held;
        int item = 1;
        EXPECT_TRUE(queue.push(item, 4));
        has_pushed.set_value();
        may_end.get_future().wait();
        item = 3;
        EXPECT_TRUE(queue.push(item, 4));
    });
    has_pushed.get_future().wait();
    {
        const WakeScope mine;
        int item = 2;
        EXPECT_TRUE(queue.push(item, 4));
        EXPECT_EQ(queue.drain(out), Drained::kNothing);
    }
    EXPECT_EQ(queue.drain(out), Drained::kItems);
    EXPECT_EQ(out, (std::vector<int>{1, 2}));
    out.clear();
    EXPECT_EQ(queue.drain(out), Drained::kNothing);
    may_end.set_value();
    EXPECT_EQ(queue.drain_waiting(out, -1), Drained::kItems);
    EXPECT_EQ(out, (std::vector<int>{3}));
    other.join();
}

TEST(WakeScope, AClosedQueueHoldsNothingBack) {
    BoundedQueue<int> queue({.items_max = 10, .bytes_max = 100});
    std::vector<int> out;
    const WakeScope scope;
    int item = 7;
    ASSERT_TRUE(queue.push(item, 1));
    queue.close();
    EXPECT_EQ(queue.drain(out), Drained::kItems);
}

/// A consumer that is woken may find that the next scope holds everything back again and goes on
/// waiting: it must then count as asleep, or nobody wakes it any more.
TEST(WakeScope, NoWakeUpIsLostBetweenScopes) {
    constexpr int kScopes = 20'000;
    constexpr int kPerScope = 3;
    BoundedQueue<int> queue({.items_max = 1'000'000, .bytes_max = 1u << 30u});
    std::atomic<int> taken{0};
    Thread consumer("consumer", [&] {
        std::vector<int> out;
        while (queue.drain_waiting(out, -1) != Drained::kFinished) {
            taken += static_cast<int>(out.size());
            taken.notify_one();
            out.clear();
        }
    });
    {
        WakeScope scope;
        for (int sent = 0; sent < kScopes * kPerScope;) {
            for (int i = 0; i < kPerScope; ++i, ++sent) {
                int item = sent;
                ASSERT_TRUE(queue.push(item, 1));
            }
            scope.flush();
            // Lets the consumer run dry now and then; hangs when its wake-up was lost.
            if (sent % 5 == 0) continue;
            for (int seen = taken; seen < sent - kPerScope; seen = taken) taken.wait(seen);
        }
    }
    queue.close();
    consumer.join();
    EXPECT_EQ(taken, kScopes * kPerScope);
}

}  // namespace
}  // namespace annals::runtime
