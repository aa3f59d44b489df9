// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/commit/visible_end.hpp"

#include <atomic>
#include <vector>

#include <gtest/gtest.h>

#include "annals/base/clock.hpp"
#include "annals/runtime/thread.hpp"

namespace annals::commit {
namespace {

std::int64_t in_seconds(std::int64_t seconds) {
    return system_clock().monotonic_ns() + seconds * 1'000'000'000;
}

TEST(VisibleEnd, IsReachedAtOnceOrByPublishing) {
    VisibleEnd end(Position(3));
    EXPECT_TRUE(end.wait_for(Position(3), 0));
    runtime::Thread publisher("publisher", [&end] {
        for (std::uint64_t i = 4; i <= 1'000; ++i) end.publish(Position(i));
    });
    EXPECT_TRUE(end.wait_for(Position(1'000), in_seconds(60)));
    EXPECT_EQ(end.get(), Position(1'000));
}

TEST(VisibleEnd, SaysWhenThePositionWasNotReachedInTime) {
    VisibleEnd end(Position(3));
    const Status status = end.wait_for(Position(4), system_clock().monotonic_ns() + 1'000'000);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code(), ErrorCode::kPositionNotReached);
}

TEST(VisibleEnd, RingsItsListenersUntilTheyAreRemoved) {
    VisibleEnd end(Position(0));
    int rings = 0;
    const auto id = end.add_listener([&rings] { ++rings; });
    end.publish(Position(1));
    end.publish(Position(2));
    EXPECT_EQ(rings, 2);
    end.remove_listener(id);
    end.remove_listener(id);
    end.publish(Position(3));
    EXPECT_EQ(rings, 2);
}

TEST(VisibleEnd, ClosingWakesWaitersAndRingsOnceMore) {
    VisibleEnd end(Position(0));
    int rings = 0;
    end.add_listener([&rings] { ++rings; });
    runtime::Thread closer("closer", [&end] { end.close(); });
    const Status status = end.wait_for(Position(1), in_seconds(60));
    closer.join();
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code(), ErrorCode::kShuttingDown);
    EXPECT_EQ(rings, 1);
    EXPECT_TRUE(end.is_closed());
}

TEST(VisibleEnd, LosesNoWakeUp) {
    VisibleEnd end(Position(0));
    std::vector<runtime::Thread> waiters;
    std::atomic<int> failures = 0;
    waiters.reserve(3);
    for (int w = 0; w < 3; ++w) {
        waiters.emplace_back("waiter", [&] {
            for (std::uint64_t i = 1; i <= 3'000; ++i) {
                if (!end.wait_for(Position(i), in_seconds(60))) ++failures;
            }
        });
    }
    for (std::uint64_t i = 1; i <= 3'000; ++i) end.publish(Position(i));
    waiters.clear();
    EXPECT_EQ(failures, 0);
}

}  // namespace
}  // namespace annals::commit
