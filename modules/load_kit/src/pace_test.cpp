// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "pace.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "annals/commit/testing/hand_clock.hpp"

#include "recorder.hpp"

namespace annals::load_kit {
namespace {

using commit::testing::HandClock;

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kSecond = 1'000 * kMillisecond;

Pace::Plan plan_of(const Clock& clock, double rate, std::uint64_t operations = 0) {
    const std::int64_t now_ns = clock.monotonic_ns();
    return {rate, operations, now_ns, now_ns + kSecond};
}

TEST(Pace, IsDueOnTimeHoweverLateTheTurnIsTaken) {
    HandClock clock;
    const std::int64_t start_ns = clock.monotonic_ns();
    Pace pace(plan_of(clock, 1'000), clock);
    EXPECT_EQ(pace.take()->due_ns, start_ns);
    clock.pass(500 * kMillisecond);  // nobody took a turn
    EXPECT_EQ(pace.take()->due_ns, start_ns + kMillisecond);
    EXPECT_EQ(pace.take()->due_ns, start_ns + 2 * kMillisecond);
}

// A store that answers in 1 ms and stands still once for 100 ms, one worker, 100 operations a
// second: a closed loop would see one slow answer, an open one sees all that had to wait.
TEST(Pace, MeasuresWhatWaitedBehindAStall) {
    HandClock clock;
    const std::int64_t start_ns = clock.monotonic_ns();
    Pace pace(plan_of(clock, 100), clock);
    Recorder recorder;
    for (auto turn = pace.take(); turn; turn = pace.take()) {
        clock.pass(std::max<std::int64_t>(0, turn->due_ns - clock.monotonic_ns()));
        Sample sample{.due_ns = turn->due_ns, .sent_ns = clock.monotonic_ns()};
        const bool is_stalled = turn->number == 50;
        clock.pass(is_stalled ? 100 * kMillisecond : kMillisecond);
        sample.done_ns = clock.monotonic_ns();
        recorder.add(sample);
    }
    Recorder::Taken taken;
    recorder.take(taken);
    EXPECT_EQ(taken.all.done, 100U);
    EXPECT_EQ(taken.latency.max(), 100'000);
    EXPECT_EQ(taken.service.max(), 100'000);
    // 100 ms, then 91, 82, 73, … until the worker has caught up: eleven above 5 ms, not one.
    std::uint64_t slow = 0;
    std::uint64_t slow_service = 0;
    for (const Histogram::Step& step : taken.latency.steps(1'000)) {
        if (step.value <= 5'000) slow = 100 - step.count;
    }
    for (const Histogram::Step& step : taken.service.steps(1'000)) {
        if (step.value <= 5'000) slow_service = 100 - step.count;
    }
    EXPECT_EQ(slow, 11U);
    EXPECT_EQ(slow_service, 1U);
    EXPECT_EQ(clock.monotonic_ns(), start_ns + 991 * kMillisecond);
}

TEST(Pace, GivesEachOfAFiniteNumberOnce) {
    HandClock clock;
    for (const double rate : {0.0, 10'000.0}) {
        Pace pace(plan_of(clock, rate, 1'210), clock);
        std::vector<std::uint64_t> numbers;
        for (auto turn = pace.take(); turn; turn = pace.take()) numbers.push_back(turn->number);
        ASSERT_EQ(numbers.size(), 1'210U);
        for (std::uint64_t at = 0; at < numbers.size(); ++at) EXPECT_EQ(numbers[at], at);
        EXPECT_EQ(pace.take(), std::nullopt);
    }
}

TEST(Pace, EndsWhenItsTimeIsOver) {
    HandClock clock;
    Pace open(plan_of(clock, 0), clock);
    Pace paced(plan_of(clock, 10), clock);
    EXPECT_TRUE(open.take());
    clock.pass(kSecond);
    EXPECT_EQ(open.take(), std::nullopt);
    // Those that were due and not taken are missed, not done afterwards.
    EXPECT_EQ(paced.take(), std::nullopt);
    EXPECT_EQ(paced.missed(clock.monotonic_ns()), 10U);
}

TEST(Pace, CountsWhatWasDueAndNotTaken) {
    HandClock clock;
    Pace pace(plan_of(clock, 100), clock);
    EXPECT_EQ(pace.missed(clock.monotonic_ns()), 0U);
    ASSERT_TRUE(pace.take());
    clock.pass(500 * kMillisecond);
    EXPECT_EQ(pace.missed(clock.monotonic_ns()), 49U);
    // A turn that is taken before its time and given up is not missed until it is due.
    Pace early(plan_of(clock, 100), clock);
    for (int i = 0; i < 8; ++i) ASSERT_TRUE(early.take());
    EXPECT_EQ(early.missed(clock.monotonic_ns() + 35 * kMillisecond, 4), 0U);
    EXPECT_EQ(early.missed(clock.monotonic_ns() + 55 * kMillisecond, 4), 2U);
    clock.pass(10 * kSecond);
    EXPECT_EQ(pace.missed(clock.monotonic_ns()), 99U);
    EXPECT_EQ(Pace(plan_of(clock, 0), clock).missed(clock.monotonic_ns() + kSecond), 0U);
}

RC_GTEST_PROP(Pace, IsEvenAndExact, ()) {
    HandClock clock;
    const std::int64_t start_ns = clock.monotonic_ns();
    const double rate = *rc::gen::map(rc::gen::inRange(1, 20'000), [](int n) { return n / 2.0; });
    Pace pace(plan_of(clock, rate), clock);
    std::uint64_t count = 0;
    std::int64_t last_ns = start_ns - 1;
    for (auto turn = pace.take(); turn; turn = pace.take()) {
        RC_ASSERT(turn->due_ns > last_ns);
        const double wanted_ns = static_cast<double>(count) * 1e9 / rate;
        RC_ASSERT(std::abs(static_cast<double>(turn->due_ns - start_ns) - wanted_ns) <= 1.0);
        last_ns = turn->due_ns;
        ++count;
    }
    RC_ASSERT(count == static_cast<std::uint64_t>(std::ceil(rate)));
}

TEST(Recorder, MeasuresNothingOfTheWarmUpAndCountsAll) {
    Recorder recorder;
    recorder.measure_from(1'000);
    recorder.add({.due_ns = 999, .sent_ns = 999, .done_ns = 5'000'000});
    recorder.add(
        {.due_ns = 1'000,
         .sent_ns = 2'000,
         .done_ns = 6'000,
         .outcome = Outcome::kError,
         .code = "unavailable"}
    );
    Recorder::Taken taken;
    recorder.take(taken);
    EXPECT_EQ(taken.all.operations(), 2U);
    EXPECT_EQ(taken.measured.operations(), 1U);
    EXPECT_EQ(taken.measured.errors, 1U);
    EXPECT_EQ(taken.measured.by_code.at("unavailable"), 1U);
    EXPECT_EQ(taken.latency.max(), 5);
    EXPECT_EQ(taken.service.max(), 4);
    recorder.take(taken);
    EXPECT_EQ(taken.all.operations(), 0U);
    EXPECT_EQ(taken.latency.count(), 0U);
}

}  // namespace
}  // namespace annals::load_kit
