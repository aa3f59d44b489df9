// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/runtime/bounded_queue.hpp"

#include <atomic>
#include <ctime>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "annals/runtime/thread.hpp"

namespace annals::runtime {
namespace {

Status push(BoundedQueue<int>& queue, int item, std::size_t bytes) {
    return queue.push(item, bytes);
}

TEST(BoundedQueue, GivesEverythingAtOnceInOrder) {
    BoundedQueue<int> queue({.items_max = 10, .bytes_max = 100});
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(push(queue, i, 1));
    std::vector<int> out;
    EXPECT_EQ(queue.drain(out), Drained::kItems);
    EXPECT_EQ(out, (std::vector<int>{0, 1, 2}));
    out.clear();
    EXPECT_EQ(queue.drain(out), Drained::kNothing);
}

TEST(BoundedQueue, SaysOverloadedWhenFullInNumber) {
    BoundedQueue<int> queue({.items_max = 2, .bytes_max = 100});
    ASSERT_TRUE(push(queue, 1, 1));
    ASSERT_TRUE(push(queue, 2, 1));
    const Status refused = push(queue, 3, 1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kOverloaded);
}

TEST(BoundedQueue, SaysOverloadedWhenFullInBytesAndTakesAgainAfterADrain) {
    BoundedQueue<int> queue({.items_max = 10, .bytes_max = 100});
    ASSERT_TRUE(push(queue, 1, 60));
    EXPECT_FALSE(push(queue, 2, 41));
    EXPECT_TRUE(push(queue, 3, 40));
    std::vector<int> out;
    EXPECT_EQ(queue.drain(out), Drained::kItems);
    EXPECT_TRUE(push(queue, 4, 100));
}

TEST(BoundedQueue, TakesAnItemLargerThanAllBytesWhenEmpty) {
    BoundedQueue<int> queue({.items_max = 10, .bytes_max = 100});
    EXPECT_TRUE(push(queue, 1, 500));
    EXPECT_FALSE(push(queue, 2, 1));
}

TEST(BoundedQueue, LeavesARefusedItemWithTheCaller) {
    BoundedQueue<std::unique_ptr<int>> queue({.items_max = 1, .bytes_max = 100});
    auto first = std::make_unique<int>(1);
    auto second = std::make_unique<int>(2);
    ASSERT_TRUE(queue.push(first, 1));
    EXPECT_FALSE(queue.push(second, 1));
    ASSERT_NE(second, nullptr);
}

TEST(BoundedQueue, GivesWhatIsInsideAfterClosingAndThenFinishes) {
    BoundedQueue<int> queue({.items_max = 10, .bytes_max = 100});
    ASSERT_TRUE(push(queue, 1, 1));
    queue.close();
    const Status refused = push(queue, 2, 1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kShuttingDown);
    std::vector<int> out;
    EXPECT_EQ(queue.drain_waiting(out, -1), Drained::kItems);
    out.clear();
    EXPECT_EQ(queue.drain_waiting(out, -1), Drained::kFinished);
}

TEST(BoundedQueue, ReturnsWithNothingWhenTheWaitIsOverOrSomebodyRings) {
    BoundedQueue<int> queue({.items_max = 10, .bytes_max = 100});
    std::vector<int> out;
    EXPECT_EQ(queue.drain_waiting(out, 1'000), Drained::kNothing);
    queue.ring();
    EXPECT_EQ(queue.drain_waiting(out, -1), Drained::kNothing);
}

TEST(BoundedQueue, LosesNothingBetweenManyProducersAndASleepingConsumer) {
    constexpr int kProducers = 4;
    constexpr int kItems = 2'000;
    BoundedQueue<int> queue({.items_max = 64, .bytes_max = 1'000'000});
    std::vector<Thread> producers;
    producers.reserve(kProducers);
    for (int p = 0; p < kProducers; ++p) {
        producers.emplace_back("producer", [&queue, p] {
            for (int i = 0; i < kItems; ++i) {
                while (!push(queue, p * kItems + i, 10)) std::this_thread::yield();
            }
        });
    }
    std::vector<int> next(kProducers);
    for (int p = 0; p < kProducers; ++p) next[static_cast<std::size_t>(p)] = p * kItems;
    std::vector<int> out;
    for (int seen = 0; seen < kProducers * kItems;) {
        out.clear();
        ASSERT_EQ(queue.drain_waiting(out, -1), Drained::kItems);
        for (const int item : out) EXPECT_EQ(item, next[static_cast<std::size_t>(item / kItems)]++);
        seen += static_cast<int>(out.size());
    }
}

TEST(BoundedQueue, LosesNothingWhereEachItemFollowsTheAnswerToTheOneBefore) {
    constexpr int kItems = 20'000;
    BoundedQueue<int> queue({.items_max = 4, .bytes_max = 100});
    std::atomic<int> answered = 0;
    const Thread producer("producer", [&] {
        for (int i = 1; i <= kItems; ++i) {
            // In turn: bare, and held back until a scope's end.
            if (i % 2 == 0) {
                const WakeScope together;
                ASSERT_TRUE(push(queue, i, 1));
            } else {
                ASSERT_TRUE(push(queue, i, 1));
            }
            while (answered.load() < i) std::this_thread::yield();
        }
        queue.close();
    });
    std::vector<int> out;
    int seen = 0;
    while (queue.drain_waiting(out, -1) != Drained::kFinished) {
        for (const int item : out) EXPECT_EQ(item, ++seen);
        out.clear();
        answered.store(seen);
    }
    EXPECT_EQ(seen, kItems);
}

TEST(BoundedQueue, SleepsThroughALongWaitAfterAShortOne) {
    BoundedQueue<int> queue({.items_max = 10, .bytes_max = 100});
    const auto processor_ns = [] {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return time.tv_sec * 1'000'000'000 + time.tv_nsec;
    };
    std::vector<int> out;
    for (int i = 0; i < 100; ++i) {  // all of them short: it was rung before
        queue.ring();
        ASSERT_EQ(queue.drain_waiting(out, -1), Drained::kNothing);
    }
    const auto before = processor_ns();
    EXPECT_EQ(queue.drain_waiting(out, 200'000'000), Drained::kNothing);
    EXPECT_LT(processor_ns() - before, 100'000'000);
}

TEST(BoundedQueue, RingingAndClosingEndAShortWaitToo) {
    BoundedQueue<int> queue({.items_max = 10, .bytes_max = 100});
    std::atomic<int> rounds = 0;
    const Thread other("other", [&] {
        for (int i = 0; i < 5'000; ++i) {
            queue.ring();
            while (rounds.load() <= i) std::this_thread::yield();
        }
        queue.close();
    });
    std::vector<int> out;
    while (queue.drain_waiting(out, -1) == Drained::kNothing) ++rounds;
    EXPECT_EQ(rounds.load(), 5'000);
}

}  // namespace
}  // namespace annals::runtime
