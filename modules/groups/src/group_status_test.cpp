// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// What a group says of itself while nothing goes on: what it waits for, for how long, and that the
// server's log says so once.
#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annals/base/testing/comes_true.hpp"
#include "annals/commit/testing/hand_clock.hpp"
#include "annals/groups/consumer_groups.hpp"
#include "annals/groups/testing/server.hpp"
#include "annals/telemetry/logging.hpp"

#include "stored_group.hpp"

namespace annals::groups {
namespace {

using base::testing::comes_true;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kPatienceNs = 60 * kSecond;

/// The groups' time stands still until it is moved.
class GroupStatus : public ::testing::Test {
  protected:
    void create(api::GroupSettings settings) {
        settings.stalled_after_ms = 1'000;
        const auto created = server_.groups().create({}, {"orders", settings, "ann"});
        ASSERT_TRUE(created) << created.error().to_string();
    }
    void append(const std::string& stream) {
        model::AppendRequest request;
        model::NewEvent& event = request.events.emplace_back();
        event.stream = stream;
        event.type = "happened";
        ASSERT_TRUE(server_.events().append_and_wait({}, request));
    }
    api::GroupStatus status() {
        auto status = server_.groups().get({}, "orders");
        EXPECT_TRUE(status) << (status ? "" : status.error().to_string());
        return status ? std::move(*status) : api::GroupStatus();
    }
    void control(api::GroupCommand command) {
        ASSERT_TRUE(server_.groups().control({}, {"orders", command, {}, "why", "ann"}));
    }
    std::unique_ptr<api::GroupMembership> join(bool is_polling = false) {
        auto joined = server_.groups().join({}, {"orders", "m", 0, is_polling});
        EXPECT_TRUE(joined) << (joined ? "" : joined.error().to_string());
        return joined ? std::move(*joined) : nullptr;
    }
    /// What is there, at least one; which stream each is of.
    struct Taken {
        std::vector<std::uint64_t> deliveries;
        std::vector<std::string> streams;
    };
    static Taken take(api::GroupMembership& member, std::uint32_t events_max = 0) {
        api::GroupDeliveries deliveries;
        const auto has_some = member.next(
            deliveries, system_clock().monotonic_ns() + kPatienceNs, events_max
        );
        EXPECT_TRUE(has_some && *has_some) << "no delivery came in time";
        Taken taken;
        taken.deliveries = deliveries.deliveries;
        EXPECT_TRUE(deliveries.events.for_each([&](const model::RecordedEvent& event) {
            taken.streams.emplace_back(event.stream);
            return ok();
        }));
        return taken;
    }
    static void settle(api::GroupMembership& member, std::uint64_t delivery, api::Settling what) {
        const auto refused = member.settle({{delivery, what, "it failed", {}}});
        ASSERT_TRUE(refused && refused->empty());
    }
    void expect_wait(const char* what) {
        EXPECT_TRUE(comes_true([&] { return status().waits_for == what; }))
            << "it waits for \"" << status().waits_for << "\", not for \"" << what << "\"";
    }

    commit::testing::HandClock clock_;
    std::unique_ptr<log::FileSystem> files_ = log::make_memory_file_system();
    testing::Server server_{*files_, clock_};
};

TEST_F(GroupStatus, SaysWhatItWaitsFor) {
    api::GroupSettings settings;
    settings.retry_base_ms = 60'000;
    settings.retry_max_ms = 60'000;
    settings.parked_events_max = 1;
    settings.ack_deadline_ms = 3'600'000;
    create(settings);
    EXPECT_EQ(status().waits_for, "") << "there is nothing to do";
    append("a");
    expect_wait("members");
    control(api::GroupCommand::kPause);
    EXPECT_EQ(status().waits_for, "resume");
    control(api::GroupCommand::kResume);
    expect_wait("members");
    const auto member = join();
    Taken taken = take(*member);
    EXPECT_EQ(status().waits_for, "acknowledgements");
    settle(*member, taken.deliveries.at(0), api::Settling::kRetry);
    EXPECT_EQ(status().waits_for, "retries");
    clock_.pass(61 * kSecond);
    taken = take(*member);
    EXPECT_EQ(status().waits_for, "acknowledgements");
    settle(*member, taken.deliveries.at(0), api::Settling::kPark);
    EXPECT_EQ(status().waits_for, "parked") << "as many are parked as may be";
    api::ChangeParkedRequest skip;
    skip.group = "orders";
    skip.action = api::ParkedAction::kSkip;
    skip.all = true;
    skip.reason = "a test order";
    ASSERT_TRUE(server_.groups().change_parked({}, skip));
    expect_wait("");
}

TEST_F(GroupStatus, MembersThatAskForNothingAreWaitedFor) {
    std::mutex mutex;
    std::string said;
    telemetry::LogOptions options;
    options.format = telemetry::LogFormat::kJson;
    options.sink = [&](std::string_view line) {
        const std::lock_guard lock(mutex);
        if (line.find("consumer group is stalled") != std::string_view::npos) said = line;
    };
    telemetry::configure_logging(options);
    api::GroupSettings settings;
    settings.ack_deadline_ms = 10'000;
    settings.member_silence_ms = 3'600'000;
    create(settings);
    append("a");
    const auto idle = join(true);
    expect_wait("members");
    clock_.pass(2 * kSecond);
    EXPECT_TRUE(comes_true([&] {
        const std::lock_guard lock(mutex);
        return said.find("\"waits_for\":\"members\"") != std::string::npos;
    })) << said;
    telemetry::configure_logging({});
    EXPECT_DOUBLE_EQ(status().stalled_for_seconds, 2);
    {
        // One asks, and does not answer in time: the other still asks for nothing.
        const auto slow = join(true);
        EXPECT_EQ(take(*slow, 1).deliveries.size(), 1u);
        EXPECT_EQ(status().waits_for, "acknowledgements");
        clock_.pass(11 * kSecond);
        expect_wait("members");
    }
    const Taken taken = take(*idle, 1);
    EXPECT_EQ(status().waits_for, "acknowledgements");
    settle(*idle, taken.deliveries.at(0), api::Settling::kAck);
    EXPECT_EQ(status().waits_for, "");
}

TEST_F(GroupStatus, SaysHowFarBehindItIsAndWhenItHasCaughtUp) {
    create({});
    const auto member = join();
    std::vector<std::uint64_t> deliveries;
    // One event a second: the oldest is ten seconds old when the last one comes.
    for (int i = 0; i <= 10; ++i) {
        if (i > 0) clock_.pass(kSecond);
        append("s-" + std::to_string(i));
        for (const auto one : take(*member).deliveries) deliveries.push_back(one);
    }
    ASSERT_EQ(deliveries.size(), 11u);
    EXPECT_DOUBLE_EQ(status().seconds_behind, 10);
    EXPECT_FALSE(status().seconds_to_catch_up) << "nothing was handled yet";
    for (std::size_t i = 0; i < 5; ++i) settle(*member, deliveries[i], api::Settling::kAck);
    auto now = status();
    EXPECT_EQ(now.behind, 6u);
    EXPECT_TRUE(now.is_behind_exact);
    EXPECT_DOUBLE_EQ(now.seconds_behind, 5) << "the age of the oldest, not of the newest";
    EXPECT_DOUBLE_EQ(now.events_per_second, 0.5) << "five in ten seconds";
    ASSERT_TRUE(now.seconds_to_catch_up);
    EXPECT_DOUBLE_EQ(*now.seconds_to_catch_up, 12);
    settle(*member, deliveries[6], api::Settling::kAck);
    clock_.pass(2 * kSecond);
    now = status();
    EXPECT_DOUBLE_EQ(now.seconds_behind, 7) << "one behind it was handled, the oldest was not";
    EXPECT_DOUBLE_EQ(now.events_per_second, 0.5);
    EXPECT_DOUBLE_EQ(now.seconds_to_catch_up.value_or(-1), 10);
    for (const std::size_t i : {5u, 7u, 8u, 9u, 10u}) {
        settle(*member, deliveries[i], api::Settling::kAck);
    }
    now = status();
    EXPECT_EQ(now.seconds_behind, 0);
    EXPECT_DOUBLE_EQ(now.seconds_to_catch_up.value_or(-1), 0);
}

TEST_F(GroupStatus, WhatIsRetriedIsAsFarBehindAsItIsOld) {
    api::GroupSettings settings;
    settings.ready_lag_seconds = 5;
    create(settings);
    append("a");
    {
        const auto member = join();
        settle(*member, take(*member).deliveries.at(0), api::Settling::kPark);
        clock_.pass(60 * kSecond);
        append("b");
        settle(*member, take(*member).deliveries.at(0), api::Settling::kAck);
    }
    EXPECT_EQ(status().seconds_behind, 0) << "what is parked waits for somebody else";
    EXPECT_FALSE(server_.groups().late_group());
    api::ChangeParkedRequest retry;
    retry.group = "orders";
    retry.all = true;
    ASSERT_TRUE(server_.groups().change_parked({}, retry));
    EXPECT_DOUBLE_EQ(status().seconds_behind, 60);
    EXPECT_TRUE(server_.groups().late_group());
    ASSERT_EQ(server_.groups().gauges().size(), 1u);
    EXPECT_DOUBLE_EQ(server_.groups().gauges()[0].status.seconds_behind, 60);
    // Its time is in the log, whoever looks.
    server_.reopen();
    clock_.pass(10 * kSecond);
    EXPECT_DOUBLE_EQ(status().seconds_behind, 70);
    EXPECT_TRUE(server_.groups().late_group());
    const auto member = join();
    const Taken taken = take(*member);
    EXPECT_DOUBLE_EQ(status().seconds_behind, 70) << "it is in flight";
    settle(*member, taken.deliveries.at(0), api::Settling::kAck);
    EXPECT_EQ(status().seconds_behind, 0);
    EXPECT_FALSE(server_.groups().late_group());
}

TEST_F(GroupStatus, SaysThatTheOldestEventHoldsUpTheWindow) {
    api::GroupSettings settings;
    settings.window_events_max = 16;
    settings.ack_deadline_ms = 3'600'000;
    create(settings);
    append("oldest");
    for (int i = 0; i < 40; ++i) append("s-" + std::to_string(i));
    const auto member = join();
    std::size_t acknowledged = 0;
    // Fifteen fill the window behind the oldest one.
    while (acknowledged < 15) {
        const Taken taken = take(*member);
        ASSERT_FALSE(taken.deliveries.empty());
        for (std::size_t i = 0; i < taken.deliveries.size(); ++i) {
            if (taken.streams[i] == "oldest") continue;
            settle(*member, taken.deliveries[i], api::Settling::kAck);
            ++acknowledged;
        }
    }
    // A frame may have brought more than the window holds; what came is acknowledged.
    api::GroupDeliveries more;
    while (status().waits_for != "window") {
        const auto has_some = member->next(more, system_clock().monotonic_ns() + kPatienceNs);
        ASSERT_TRUE(has_some && *has_some) << status().waits_for;
        for (const auto delivery : more.deliveries) settle(*member, delivery, api::Settling::kAck);
    }
    EXPECT_EQ(status().checkpoint, Position(0));
}

TEST_F(GroupStatus, SaysThatItsLogCannotBeReadOrWritten) {
    create({});
    append("a");
    const auto member = join();
    settle(*member, take(*member).deliveries.at(0), api::Settling::kPark);
    server_.close();
    const auto folders = files_->list("data/namespaces");
    ASSERT_TRUE(folders);
    for (const std::string& folder : *folders) {
        if (!folder.starts_with("default")) continue;
        // An empty folder: another log is made in it.
        const std::string events = "data/namespaces/" + folder + "/events";
        ASSERT_TRUE(files_->remove_all(events));
        ASSERT_TRUE(files_->create_directories(events));
    }
    server_.open();
    expect_wait("storage");
}

TEST_F(GroupStatus, TellsOfDeadlinesThatPassedWhereNoMemberSaidWhy) {
    api::GroupSettings settings;
    settings.ack_deadline_ms = 1'000;
    settings.attempts_max = 2;
    create(settings);
    append("a");
    for (int attempt = 1; attempt <= 2; ++attempt) {
        const auto member = join();
        (void)take(*member);
        clock_.pass(2 * kSecond);
        // Looked at while the member is there: its leaving would be another failure.
        EXPECT_TRUE(comes_true([&] {
            const auto now = status();
            return now.in_flight == 0 && !now.last_error.empty();
        }));
    }
    const auto parked = server_.groups().list_parked({}, {"orders", Position(0), 10});
    ASSERT_TRUE(parked);
    ASSERT_EQ(parked->parked.size(), 1u);
    EXPECT_EQ(parked->parked[0].error, "its deadline passed 2 times without an answer");
    EXPECT_EQ(parked->parked[0].member, "m");
    EXPECT_EQ(
        status().last_error,
        "member \"m\" could not handle the event at position 1: its deadline passed 2 times "
        "without an answer"
    );
}

TEST_F(GroupStatus, AFailureIsKeptWithTheNextCheckpointThoughNothingIsHandled) {
    api::GroupSettings settings;
    settings.retry_base_ms = 3'600'000;
    settings.retry_max_ms = 3'600'000;
    create(settings);
    append("a");
    const auto member = join();
    settle(*member, take(*member).deliveries[0], api::Settling::kRetry);
    clock_.pass(2 * kSecond);
    const auto system = server_.events().system_log("default");
    const auto events = server_.events().events_log("default");
    ASSERT_TRUE(system && events);
    std::optional<Failure> kept;
    EXPECT_TRUE(comes_true([&] {
        const auto stored = read_group(**system, **events, "orders");
        if (stored && *stored) kept = (*stored)->state.last_failure;
        return kept.has_value();
    }));
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->position, Position(1));
    EXPECT_EQ(kept->member, "m");
    EXPECT_EQ(kept->reason, "it failed");
    EXPECT_EQ(kept->time, status().last_error_time);
}

TEST_F(GroupStatus, CountsAStallFromTheLastProgress) {
    api::GroupSettings settings;
    settings.ack_deadline_ms = 3'600'000;
    create(settings);
    clock_.pass(3'600 * kSecond);
    EXPECT_EQ(status().stalled_for_seconds, 0) << "there is nothing to do";
    append("a");
    append("a");
    const auto member = join();
    Taken taken = take(*member);
    EXPECT_EQ(status().stalled_for_seconds, 0) << "the work has just come";
    clock_.pass(10 * kSecond);
    EXPECT_DOUBLE_EQ(status().stalled_for_seconds, 10);
    settle(*member, taken.deliveries.at(0), api::Settling::kAck);
    EXPECT_EQ(status().stalled_for_seconds, 0);
    taken = take(*member);
    clock_.pass(999'000'000);
    EXPECT_EQ(status().stalled_for_seconds, 0) << "not for so long";
    clock_.pass(60 * kSecond);
    EXPECT_DOUBLE_EQ(status().stalled_for_seconds, 60.999);
    EXPECT_EQ(status().waits_for, "acknowledgements");
    settle(*member, taken.deliveries.at(0), api::Settling::kAck);
    EXPECT_EQ(status().stalled_for_seconds, 0) << "it went on";
}

TEST_F(GroupStatus, WhatComesOftenDoesNotHideThatNothingIsHandled) {
    std::atomic<int> said = 0;
    telemetry::LogOptions options;
    options.format = telemetry::LogFormat::kJson;
    options.sink = [&](std::string_view line) {
        if (line.find("consumer group is stalled") != std::string_view::npos) ++said;
    };
    telemetry::configure_logging(options);
    api::GroupSettings settings;
    settings.ack_deadline_ms = 600'000;
    create(settings);
    append("held");
    const auto member = join();
    EXPECT_EQ(take(*member).deliveries.size(), 1u);
    // Each delivery is something that the group does; none of them is acknowledged.
    for (int i = 0; i < 5; ++i) {
        clock_.pass(900'000'000);
        append("other-" + std::to_string(i));
        EXPECT_EQ(take(*member).deliveries.size(), 1u);
    }
    EXPECT_TRUE(comes_true([&] { return said == 1; }));
    telemetry::configure_logging({});
}

TEST_F(GroupStatus, TheServersLogSaysOnceThatAGroupIsStalled) {
    std::mutex mutex;
    std::vector<std::string> lines;
    telemetry::LogOptions options;
    options.format = telemetry::LogFormat::kJson;
    options.sink = [&](std::string_view line) {
        const std::lock_guard lock(mutex);
        if (line.find("consumer group is stalled") != std::string_view::npos) {
            lines.emplace_back(line);
        }
    };
    telemetry::configure_logging(options);
    const auto said = [&] {
        const std::lock_guard lock(mutex);
        return lines;
    };
    api::GroupSettings settings;
    settings.ack_deadline_ms = 600'000;
    create(settings);
    append("a");
    append("a");
    const auto member = join();
    Taken taken = take(*member);
    clock_.pass(2 * kSecond);
    EXPECT_TRUE(comes_true([&] { return said().size() == 1; }));
    // The look that finds the deadline over watches, too: it says nothing more.
    clock_.pass(600 * kSecond);
    EXPECT_TRUE(comes_true([&] {
        const auto members = status().members;
        return !members.empty() && members[0].is_silent;
    }));
    EXPECT_EQ(status().waits_for, "members") << "who is silent gets nothing";
    EXPECT_EQ(said().size(), 1u);
    ASSERT_FALSE(said().empty());
    EXPECT_NE(said()[0].find("\"waits_for\":\"acknowledgements\""), std::string::npos) << said()[0];
    EXPECT_NE(said()[0].find("\"group\":\"orders\""), std::string::npos);
    // It goes on, and stalls anew: that is said, too.
    ASSERT_TRUE(member->settle({}));
    clock_.pass(60 * kSecond);  // a pause before the next delivery, if there is one
    taken = take(*member);
    settle(*member, taken.deliveries.at(0), api::Settling::kAck);
    taken = take(*member);
    // A look that sees the acknowledgement first begins to count then.
    EXPECT_TRUE(comes_true([&] {
        clock_.pass(2 * kSecond);
        return said().size() == 2;
    }));
    telemetry::configure_logging({});
}

}  // namespace
}  // namespace annals::groups
