// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/runtime/thread.hpp"

#include <pthread.h>

#include <array>
#include <atomic>
#include <string>

#include <gtest/gtest.h>

namespace annals::runtime {
namespace {

TEST(Thread, CarriesItsNameCutToWhatLinuxKeeps) {
    std::string seen;
    Thread thread("writer-of-a-long-name", [&seen] {
        std::array<char, 32> name{};
        pthread_getname_np(pthread_self(), name.data(), name.size());
        seen = name.data();
    });
    thread.join();
    EXPECT_EQ(seen, "writer-of-a-lon");
}

TEST(Thread, IsJoinedWhenItGoes) {
    std::atomic<bool> is_done = false;
    {
        const Thread thread("short", [&is_done] { is_done = true; });
    }
    EXPECT_TRUE(is_done);
}

TEST(Thread, CanBeReplacedByAnother) {
    std::atomic<int> runs = 0;
    Thread thread("one", [&runs] { ++runs; });
    thread = Thread("two", [&runs] { ++runs; });
    thread.join();
    thread.join();
    EXPECT_EQ(runs, 2);
    EXPECT_FALSE(thread.is_running());
}

}  // namespace
}  // namespace annals::runtime
