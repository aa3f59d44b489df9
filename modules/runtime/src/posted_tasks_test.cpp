// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/runtime/posted_tasks.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace annals::runtime {
namespace {

TEST(PostedTasks, RunInTheOrderOfTheirPosting) {
    PostedTasks tasks;
    std::vector<int> ran;
    for (int i = 0; i < 5; ++i) tasks.push(make_task([&ran, i] { ran.push_back(i); }));
    tasks.run_all();
    EXPECT_EQ(ran, (std::vector<int>{0, 1, 2, 3, 4}));
    EXPECT_TRUE(tasks.is_empty());
}

TEST(PostedTasks, SayWhenSomebodyHasToBeWoken) {
    PostedTasks tasks;
    EXPECT_TRUE(tasks.push(make_task([] {})));
    EXPECT_FALSE(tasks.push(make_task([] {})));
    tasks.run_all();
    EXPECT_TRUE(tasks.push(make_task([] {})));
    tasks.run_all();
}

TEST(PostedTasks, ShowATaskThatIsAlone) {
    PostedTasks tasks;
    EXPECT_EQ(tasks.only_one(), nullptr);
    Task& quick = make_task([] {}, Haste::kQuick);
    tasks.push(quick);
    ASSERT_EQ(tasks.only_one(), &quick);
    EXPECT_TRUE(tasks.only_one()->is_quick());
    tasks.push(make_task([] {}));
    EXPECT_EQ(tasks.only_one(), nullptr);
    tasks.run_all();
}

TEST(PostedTasks, WhatATaskPostsRunsNextTime) {
    PostedTasks tasks;
    int ran = 0;
    tasks.push(make_task([&] { tasks.push(make_task([&ran] { ++ran; })); }));
    tasks.run_all();
    EXPECT_EQ(ran, 0);
    tasks.run_all();
    EXPECT_EQ(ran, 1);
}

TEST(PostedTasks, NoneIsLostOrRunTwiceUnderManyThreadsAndEachThreadsOrderStays) {
    constexpr int kPosters = 4;
    constexpr int kEach = 5'000;
    PostedTasks tasks;
    std::vector<std::vector<int>> ran(kPosters);
    std::atomic<int> done = 0;
    std::vector<std::thread> threads;
    threads.reserve(kPosters);
    for (int poster = 0; poster < kPosters; ++poster) {
        threads.emplace_back([&, poster] {
            for (int i = 0; i < kEach; ++i) {
                tasks.push(make_task([&ran, poster, i] {
                    ran[static_cast<std::size_t>(poster)].push_back(i);
                }));
            }
            ++done;
        });
    }
    while (done < kPosters) tasks.run_all();
    for (std::thread& thread : threads) thread.join();
    tasks.run_all();
    for (const std::vector<int>& of_one : ran) {
        ASSERT_EQ(of_one.size(), static_cast<std::size_t>(kEach));
        for (int i = 0; i < kEach; ++i) EXPECT_EQ(of_one[static_cast<std::size_t>(i)], i);
    }
}

}  // namespace
}  // namespace annals::runtime
