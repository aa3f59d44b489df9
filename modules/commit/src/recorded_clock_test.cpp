// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/commit/recorded_clock.hpp"

#include <gtest/gtest.h>

#include "annals/commit/testing/hand_clock.hpp"

namespace annals::commit {
namespace {

using commit::testing::HandClock;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kHour = 3'600 * kSecond;

TEST(RecordedClock, FollowsTheWallClock) {
    HandClock clock;
    RecordedClock recorded(clock, TimeNs(0));
    EXPECT_EQ(recorded.next(), clock.now());
    clock.pass(3 * kSecond);
    EXPECT_EQ(recorded.next(), clock.now());
}

TEST(RecordedClock, NeverGoesBackwardsAlsoNotBehindTheLog) {
    HandClock clock;
    const TimeNs previous(clock.now().value + 10 * kSecond);
    RecordedClock recorded(clock, previous);
    EXPECT_EQ(recorded.next(), previous);
    clock.pass(11 * kSecond);
    EXPECT_EQ(recorded.next(), clock.now());
    clock.turn(-(60 * kSecond));
    EXPECT_EQ(recorded.next(), TimeNs(clock.now().value + 60 * kSecond));
    EXPECT_FALSE(recorded.is_clock_distrusted());
}

TEST(RecordedClock, DoesNotUseAClockThatLeavesTheMonotonicOneByOverAnHour) {
    for (const std::int64_t leap : {kHour + kSecond, -kHour - kSecond, 100 * kHour}) {
        HandClock clock;
        RecordedClock recorded(clock, TimeNs(0));
        const TimeNs before = recorded.next();
        clock.turn(leap);
        clock.pass(7 * kSecond);
        EXPECT_EQ(recorded.next(), TimeNs(before.value + 7 * kSecond));
        EXPECT_TRUE(recorded.is_clock_distrusted());
        clock.pass(3 * kSecond);
        EXPECT_EQ(recorded.next(), TimeNs(before.value + 10 * kSecond));
        clock.turn(-(leap));
        EXPECT_EQ(recorded.next(), TimeNs(before.value + 10 * kSecond));
        EXPECT_FALSE(recorded.is_clock_distrusted());
    }
}

TEST(RecordedClock, SaysThatAClockIsNotUsedAlsoWhenNothingIsRecorded) {
    HandClock clock;
    RecordedClock recorded(clock, TimeNs(0));
    const TimeNs before = recorded.next();
    clock.turn(2 * kHour);
    EXPECT_TRUE(recorded.is_clock_distrusted());
    EXPECT_EQ(recorded.now(), before);
    clock.turn(-2 * kHour);
    EXPECT_FALSE(recorded.is_clock_distrusted());
}

TEST(RecordedClock, FollowsCorrectionsOfUpToAnHour) {
    HandClock clock;
    RecordedClock recorded(clock, TimeNs(0));
    recorded.next();
    clock.turn(kHour - kSecond);
    EXPECT_EQ(recorded.next(), clock.now());
    EXPECT_FALSE(recorded.is_clock_distrusted());
}

}  // namespace
}  // namespace annals::commit
