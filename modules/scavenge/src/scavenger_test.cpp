// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/scavenge/scavenger.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <future>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annals/base/testing/comes_true.hpp"

#include "scavenge_test_support.hpp"

namespace annals::scavenge {
namespace {

/// One namespace `default` with one log.
class TestSource final : public ScavengeSource {
  public:
    explicit TestSource(TestStore& store) : store_(store) {}

    std::vector<std::string> namespaces() override { return {"default"}; }
    Result<NamespaceLogs> open(const std::string& name) override {
        if (gate) gate->get_future().wait();
        if (failure) return *failure;
        if (failure_once) return *std::exchange(failure_once, std::nullopt);
        if (name != "default") return Error(ErrorCode::kNamespaceNotFound, "there is no " + name);
        NamespaceLogs logs;
        logs.events = store_.orderer.get();
        logs.is_clock_in_doubt = is_clock_in_doubt;
        return logs;
    }
    void on_clock_confirmed(const std::string&) override { is_clock_in_doubt = false; }
    void on_started(const api::StartScavengeRequest&, const api::ScavengeStatus&) override {
        ++started;
    }
    Status on_controlled(const api::StartScavengeRequest&, const api::ScavengeStatus& status)
        override {
        controlled.push_back(status.state);
        if (control_failure) return *control_failure;
        return ok();
    }
    void on_ended(const api::ScavengeStatus&) override { ++ended; }

    std::shared_ptr<std::promise<void>> gate;  ///< open() waits for it
    std::optional<Error> failure;
    std::optional<Error> failure_once;
    std::optional<Error> control_failure;
    bool is_clock_in_doubt = false;
    std::vector<api::ScavengeState> controlled;
    std::atomic<int> started{0};
    std::atomic<int> ended{0};

  private:
    TestStore& store_;
};

class ScavengerTest : public ::testing::Test {
  protected:
    void hide_some() {
        store_.add_many("a", 20);
        store_.set("a", {.max_count = 2});
    }

    TestStore store_;
    TestSource source_{store_};
};

TEST_F(ScavengerTest, RunsOverAllLogsAndSaysWhatItDid) {
    hide_some();
    Scavenger scavenger(source_, {}, store_.clock);
    EXPECT_EQ(scavenger.status().state, api::ScavengeState::kNever);
    const auto begun = scavenger.start({});
    ASSERT_TRUE(begun);
    EXPECT_EQ(begun->state, api::ScavengeState::kRunning);
    scavenger.wait();
    const api::ScavengeStatus status = scavenger.status();
    EXPECT_EQ(status.id, begun->id);
    EXPECT_EQ(status.state, api::ScavengeState::kDone);
    EXPECT_EQ(status.removed_events, 18u);
    EXPECT_EQ(scavenger.counts().removed_events, 18u);
    EXPECT_EQ(scavenger.counts().runs, 1u);
    EXPECT_EQ(source_.started, 1);
    EXPECT_EQ(source_.ended, 1);
}

TEST_F(ScavengerTest, KeepsStubsForAsLongAsThePolicySays) {
    constexpr std::int64_t kDayNs = 86'400 * kSecondNs;
    const auto run = [&](std::int64_t keep_stubs_ns, bool is_dry_run = false) {
        ScavengePolicy policy;
        policy.keep_stubs_ns = keep_stubs_ns;
        Scavenger scavenger(source_, policy, store_.clock);
        api::StartScavengeRequest request;
        request.is_dry_run = is_dry_run;
        ASSERT_TRUE(scavenger.start(request));
        scavenger.wait();
        ASSERT_EQ(scavenger.status().state, api::ScavengeState::kDone) << scavenger.status().error;
    };
    const auto folded = [&] { return store_.orderer->log().info().folded_events; };
    hide_some();
    run(30 * kDayNs);
    store_.clock.pass(29 * kDayNs);
    run(30 * kDayNs);
    EXPECT_EQ(folded(), 0u);
    store_.clock.pass(2 * kDayNs);
    run(-1);
    EXPECT_EQ(folded(), 0u);
    run(30 * kDayNs, true);
    EXPECT_EQ(folded(), 0u);
    EXPECT_EQ(store_.orderer->cut(), model::Cut());
    source_.is_clock_in_doubt = true;  // ages are not believed
    run(30 * kDayNs);
    EXPECT_EQ(folded(), 0u);
    source_.is_clock_in_doubt = false;
    run(30 * kDayNs);
    EXPECT_EQ(folded(), 18u);
    EXPECT_EQ(store_.orderer->cut().position, Position(18));
}

TEST_F(ScavengerTest, ADryRunChangesNothing) {
    hide_some();
    ASSERT_TRUE(store_.orderer->seal_segments());
    Scavenger scavenger(source_, {}, store_.clock);
    ASSERT_TRUE(scavenger.start({.name_space = {}, .is_dry_run = true}));
    scavenger.wait();
    EXPECT_EQ(scavenger.status().removed_events, 18u);
    EXPECT_TRUE(scavenger.status().is_dry_run);
    EXPECT_TRUE(store_.removed().empty());
    EXPECT_EQ(scavenger.counts().runs, 0u);
    EXPECT_EQ(source_.started + source_.ended, 0) << "nothing is recorded either";
}

TEST_F(ScavengerTest, OneRunAtATimeThatCanBePausedAndStopped) {
    hide_some();
    source_.gate = std::make_shared<std::promise<void>>();
    Scavenger scavenger(source_, {}, store_.clock);
    EXPECT_EQ(
        scavenger.control(api::ScavengeCommand::kStop).error().code(),
        ErrorCode::kScavengeNotRunning
    );
    const auto begun = scavenger.start({});
    ASSERT_TRUE(begun);
    const auto second = scavenger.start({});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code(), ErrorCode::kScavengeRunning);
    EXPECT_EQ(second.error().field("scavenge"), begun->id);
    EXPECT_EQ(scavenger.control(api::ScavengeCommand::kPause)->state, api::ScavengeState::kPaused);
    EXPECT_EQ(
        scavenger.control(api::ScavengeCommand::kResume)->state, api::ScavengeState::kRunning
    );
    ASSERT_TRUE(scavenger.control(api::ScavengeCommand::kResume)) << "it is running";
    ASSERT_TRUE(scavenger.control(api::ScavengeCommand::kStop));
    source_.gate->set_value();
    scavenger.wait();
    EXPECT_EQ(scavenger.status().state, api::ScavengeState::kStopped);
    EXPECT_EQ(source_.ended, 1);
    using State = api::ScavengeState;
    EXPECT_EQ(source_.controlled, (std::vector<State>{State::kPaused, State::kRunning}));
}

TEST_F(ScavengerTest, WhoPausesHearsThatItWillNotOutliveTheServer) {
    hide_some();
    source_.gate = std::make_shared<std::promise<void>>();
    Scavenger scavenger(source_, {}, store_.clock);
    ASSERT_TRUE(scavenger.start({}));
    source_.control_failure = Error(ErrorCode::kDiskFull, "there is no room");
    const auto paused = scavenger.control(api::ScavengeCommand::kPause);
    ASSERT_FALSE(paused);
    EXPECT_EQ(paused.error().code(), ErrorCode::kDiskFull);
    EXPECT_EQ(scavenger.status().state, api::ScavengeState::kPaused) << "until then it is";
    ASSERT_TRUE(scavenger.control(api::ScavengeCommand::kStop));
    source_.gate->set_value();
    scavenger.wait();
}

TEST_F(ScavengerTest, OneThatBeginsPausedDoesNothingUntilItIsResumed) {
    hide_some();
    Scavenger scavenger(source_, {}, store_.clock);
    const auto begun = scavenger.start({}, true);
    ASSERT_TRUE(begun);
    EXPECT_EQ(begun->state, api::ScavengeState::kPaused);
    while (source_.started == 0) std::this_thread::yield();
    EXPECT_TRUE(store_.removed().empty());
    EXPECT_EQ(
        scavenger.control(api::ScavengeCommand::kResume)->state, api::ScavengeState::kRunning
    );
    scavenger.wait();
    EXPECT_EQ(scavenger.status().state, api::ScavengeState::kDone);
    EXPECT_EQ(scavenger.status().removed_events, 18u);
}

TEST_F(ScavengerTest, TheEndOfTheServerIsNotTheEndOfTheRun) {
    hide_some();
    source_.gate = std::make_shared<std::promise<void>>();
    auto scavenger = std::make_unique<Scavenger>(source_, ScavengePolicy{}, store_.clock);
    ASSERT_TRUE(scavenger->start({}));
    std::future<void> closed = std::async(std::launch::async, [&] { scavenger->close(); });
    while (true) {  // until close() has begun
        const auto refused = scavenger->start({});
        if (!refused && refused.error().code() == ErrorCode::kShuttingDown) break;
    }
    source_.gate->set_value();
    closed.get();
    EXPECT_EQ(source_.started, 1);
    EXPECT_EQ(source_.ended, 0) << "the next start goes on with it";
}

TEST_F(ScavengerTest, ANamespaceThatWasDeletedAndMadeAnewUnderTheRunIsTriedAgain) {
    hide_some();
    source_.failure_once = Error(ErrorCode::kNamespaceNotFound, "deleted a moment ago");
    Scavenger scavenger(source_, {}, store_.clock);
    ASSERT_TRUE(scavenger.start({}));
    scavenger.wait();
    EXPECT_EQ(scavenger.status().state, api::ScavengeState::kDone);
    EXPECT_EQ(scavenger.status().removed_events, 18u);
}

TEST_F(ScavengerTest, AFailureIsToldAndCounted) {
    source_.failure = Error(ErrorCode::kIoError, "the disk is gone");
    Scavenger scavenger(source_, {}, store_.clock);
    ASSERT_TRUE(scavenger.start({}));
    scavenger.wait();
    EXPECT_EQ(scavenger.status().state, api::ScavengeState::kFailed);
    EXPECT_NE(scavenger.status().error.find("the disk is gone"), std::string::npos);
    EXPECT_EQ(scavenger.counts().failures, 1u);
}

TEST_F(ScavengerTest, AClockInDoubtHoldsAgesUntilSomebodyConfirms) {
    store_.add_many("a", 5);
    store_.set("a", {.max_age_s = 60});
    store_.clock.pass(3600 * kSecondNs);
    source_.is_clock_in_doubt = true;
    Scavenger scavenger(source_, {}, store_.clock);
    ASSERT_TRUE(scavenger.start({}));
    scavenger.wait();
    EXPECT_EQ(scavenger.status().ages_held_in, "default");
    EXPECT_TRUE(store_.removed().empty());
    api::StartScavengeRequest confirmed;
    confirmed.confirms_clock = true;
    ASSERT_TRUE(scavenger.start(confirmed));
    scavenger.wait();
    EXPECT_EQ(scavenger.status().ages_held_in, "");
    EXPECT_EQ(store_.removed().size(), 5u);
}

TEST_F(ScavengerTest, BeginsByItselfWhenThePolicySaysSo) {
    hide_some();
    ASSERT_TRUE(store_.orderer->seal_segments());
    ScavengePolicy policy;
    policy.interval_ns = 3600 * kSecondNs;
    Scavenger scavenger(source_, policy, store_.clock);
    scavenger.look_at_clock();
    scavenger.wait();
    EXPECT_EQ(scavenger.counts().runs, 0u);
    store_.clock.pass(3600 * kSecondNs);
    scavenger.look_at_clock();
    scavenger.wait();
    EXPECT_EQ(scavenger.counts().runs, 1u);
    EXPECT_EQ(store_.removed().size(), 18u);
    scavenger.look_at_clock();
    scavenger.wait();
    EXPECT_EQ(scavenger.counts().runs, 1u) << "the interval begins anew";
}

TEST_F(ScavengerTest, LooksAgainWhenAShortIntervalIsOverNotAMinuteLater) {
    ScavengePolicy policy;
    policy.interval_ns = kSecondNs / 50;
    Scavenger scavenger(source_, policy, system_clock());
    EXPECT_TRUE(base::testing::comes_true([&] { return scavenger.counts().runs >= 2; }));
}

TEST(ScavengePolicy, AWindowMayPassMidnight) {
    const auto at = [](std::int64_t minute) { return TimeNs(minute * 60 * kSecondNs); };
    const ScavengePolicy night{.interval_ns = 1, .from_minute = 22 * 60, .to_minute = 5 * 60 + 30};
    EXPECT_TRUE(is_in_window(night, at(22 * 60)));
    EXPECT_TRUE(is_in_window(night, at(0)));
    EXPECT_TRUE(is_in_window(night, at(5 * 60 + 29)));
    EXPECT_FALSE(is_in_window(night, at(5 * 60 + 30)));
    EXPECT_FALSE(is_in_window(night, at(12 * 60)));
    const ScavengePolicy noon{.interval_ns = 1, .from_minute = 12 * 60, .to_minute = 13 * 60};
    EXPECT_TRUE(is_in_window(noon, at(12 * 60 + 59)));
    EXPECT_FALSE(is_in_window(noon, at(13 * 60)));
    EXPECT_TRUE(is_in_window({}, at(7)));
}

TEST(LogScavenge, SegmentsWithLittleToFreeAreLeftWhenThePolicySaysSo) {
    TestStore store;
    store.add_many("a", 20);
    store.add({.stream = "b", .data = std::string(20'000, 'x')});
    store.set("a", {.max_count = 19});
    ASSERT_TRUE(store.orderer->seal_segments());
    StreamRemovalRules rules(*store.orderer, Ages::kCount);
    LogScavengeOptions options;
    options.dead_percent_min = 5;
    ScavengeTotals totals;
    ASSERT_TRUE(scavenge_log(*store.orderer, rules, options, totals));
    EXPECT_EQ(totals.rewritten_segments, 0u);
    EXPECT_TRUE(store.removed().empty());
    options.dead_percent_min = 0;
    ASSERT_TRUE(scavenge_log(*store.orderer, rules, options, totals));
    EXPECT_EQ(store.removed().size(), 1u);
}

TEST(LogScavenge, SaysHowFarItIsWithinASegment) {
    TestStore store;
    std::mt19937_64 random(1);
    for (int i = 0; i < 10; ++i) {
        std::string data(400'000, ' ');  // hardly compressed
        for (char& letter : data) letter = static_cast<char>('a' + random() % 26);
        store.add({.stream = "a", .data = std::move(data)});
    }
    store.set("a", {.max_count = 5});
    ASSERT_TRUE(store.orderer->seal_segments());
    const auto segments = store.orderer->log().sealed_segments();
    StreamRemovalRules rules(*store.orderer, Ages::kCount);
    LogScavengeOptions options;
    std::vector<std::uint64_t> told;
    options.on_progress = [&told](const ScavengeTotals& totals) {
        told.push_back(totals.bytes_done);
    };
    ScavengeTotals totals;
    ASSERT_TRUE(scavenge_log(*store.orderer, rules, options, totals));
    EXPECT_EQ(told.front(), 0u);
    EXPECT_EQ(told.back(), totals.bytes);
    EXPECT_TRUE(std::ranges::is_sorted(told));
    const auto is_within = [&](std::uint64_t bytes) {
        return bytes > 0 && bytes < segments.front().bytes;
    };
    EXPECT_GE(std::ranges::count_if(told, is_within), 1);
}

TEST(Pace, AThrottleCostsTimeAndAStopEndsIt) {
    Pace pace;
    EXPECT_TRUE(pace.take(1u << 30u));
    pace.set_bytes_per_s(10'000'000);
    const std::int64_t start_ns = system_clock().monotonic_ns();
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(pace.take(1'000'000));
    // 0.4 s of work, of which 0.1 s may be a burst.
    EXPECT_GE(system_clock().monotonic_ns() - start_ns, kSecondNs / 4);
    pace.pause();
    std::future<bool> taken = std::async(std::launch::async, [&] { return pace.take(1); });
    pace.stop();
    EXPECT_FALSE(taken.get());
    pace.reset();
    EXPECT_TRUE(pace.take(1));
}

}  // namespace
}  // namespace annals::scavenge
