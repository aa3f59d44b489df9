// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/runtime/worker_pool.hpp"

#include <atomic>
#include <future>
#include <vector>

#include <gtest/gtest.h>

namespace annals::runtime {
namespace {

TEST(WorkerPool, RunsWhatWasPostedBeforeItGoes) {
    std::atomic<int> runs = 0;
    {
        WorkerPool pool("pool", 2, 1'000);
        for (int i = 0; i < 500; ++i) ASSERT_TRUE(pool.post([&runs] { ++runs; }));
    }
    EXPECT_EQ(runs, 500);
}

TEST(WorkerPool, StartsAThreadWhenATaskFindsNoneIdle) {
    WorkerPool pool("pool", 2, 1'000);
    EXPECT_EQ(pool.threads(), 0u);
    std::promise<void> go;
    const std::shared_future<void> gone = go.get_future().share();
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(pool.post([gone] { gone.wait(); }));
    EXPECT_EQ(pool.threads(), 2u);
    go.set_value();
    pool.stop();
    constexpr std::size_t kTasks = 100;
    WorkerPool another("pool", kTasks, 1'000);
    for (std::size_t i = 0; i < kTasks; ++i) {
        std::promise<void> done;
        ASSERT_TRUE(another.post([&] { done.set_value(); }));
        done.get_future().wait();
    }
    // One would do; on a busy machine some are not idle yet when the next task comes.
    EXPECT_LT(another.threads(), kTasks);
}

TEST(WorkerPool, RunsInOrderWithOneThread) {
    std::vector<int> order;
    {
        WorkerPool pool("pool", 1, 1'000);
        for (int i = 0; i < 100; ++i) ASSERT_TRUE(pool.post([&order, i] { order.push_back(i); }));
    }
    for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(WorkerPool, RefusesWhenItsQueueIsFullAndWhenItHasStopped) {
    std::promise<void> go;
    std::promise<void> has_begun;
    WorkerPool pool("pool", 1, 1);
    ASSERT_TRUE(pool.post([&] {
        has_begun.set_value();
        go.get_future().wait();
    }));
    has_begun.get_future().wait();
    ASSERT_TRUE(pool.post([] {}));
    EXPECT_EQ(pool.queued(), 1u);
    EXPECT_FALSE(pool.post([] {}));
    go.set_value();
    pool.stop();
    EXPECT_FALSE(pool.post([] {}));
}

}  // namespace
}  // namespace annals::runtime
