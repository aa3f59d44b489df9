// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// Time (log-and-rules 2.6), closing, interval durability (1.4), as tests of the orderer's contract.
#include <future>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annals/commit/testing/test_append.hpp"

#include "orderer_fixture.hpp"

namespace annals::conformance {

// ---- 2.6 time ----

// NOLINTNEXTLINE(readability-identifier-naming): the rule has this number
class Rules2_6 : public OrdererContract {};

TEST_P(Rules2_6, AllEventsOfAnAppendHaveTheSameTime) {
    const auto result = accept(append_of_all({{.stream = "a-1"}, {.stream = "b-1"}}));
    EXPECT_EQ(result.recorded_time, clock_.now());
    log::LogReader reader = orderer_->log().reader();
    for (std::uint64_t i = 1; i <= 2; ++i) {
        EXPECT_EQ(reader.at(Position(i))->recorded_time, result.recorded_time);
    }
}

TEST_P(Rules2_6, RecordedTimeNeverGoesBackwards) {
    const auto first = accept(append_of({.stream = "a-1"}));
    clock_.turn(-60'000'000'000);
    EXPECT_EQ(accept(append_of({.stream = "a-1"})).recorded_time, first.recorded_time);
    reopen();
    EXPECT_EQ(accept(append_of({.stream = "a-1"})).recorded_time, first.recorded_time);
    clock_.pass(120'000'000'000);
    EXPECT_EQ(accept(append_of({.stream = "a-1"})).recorded_time, clock_.now());
}

TEST_P(Rules2_6, AClockThatLeavesTheMonotonicOneByOverAnHourIsNotUsed) {
    const auto first = accept(append_of({.stream = "a-1"}));
    clock_.turn(5 * 3'600'000'000'000);
    clock_.pass(1'000'000'000);
    const auto second = accept(append_of({.stream = "a-1"}));
    EXPECT_EQ(second.recorded_time.value, first.recorded_time.value + 1'000'000'000);
    EXPECT_TRUE(orderer_->is_clock_distrusted());
    EXPECT_EQ(orderer_->now(), second.recorded_time);
    clock_.turn(-5 * 3'600'000'000'000);
    EXPECT_FALSE(orderer_->is_clock_distrusted());
}

TEST_P(Rules2_6, AClockThatLeavesTheMonotonicOneByUpToAnHourIsUsed) {
    const auto first = accept(append_of({.stream = "a-1"}));
    clock_.turn(3'600'000'000'000);
    const auto second = accept(append_of({.stream = "a-1"}));
    EXPECT_EQ(second.recorded_time.value, first.recorded_time.value + 3'600'000'000'000);
    EXPECT_FALSE(orderer_->is_clock_distrusted());
}

// ---- closing ----

class Closing : public OrdererContract {};

TEST_P(Closing, FinishesWhatWasSubmittedAndRefusesTheRest) {
    std::vector<std::future<Answer>> answers;
    answers.reserve(100);
    for (int i = 0; i < 100; ++i)
        answers.push_back(submit(*orderer_, append_of({.stream = "a-1"})));
    ASSERT_TRUE(orderer_->close());
    for (auto& answer : answers) EXPECT_TRUE(answer.get());
    EXPECT_EQ(code_of(append(append_of({.stream = "a-1"}))), ErrorCode::kShuttingDown);
    EXPECT_TRUE(orderer_->visible_end().is_closed());
    EXPECT_TRUE(orderer_->close());
    orderer_.reset();
    open();
    EXPECT_EQ(end(), Position(100));
}

TEST_P(Closing, SaysOverloadedWhenTheQueueIsFull) {
    close();
    options_.queue_appends_max = 4;
    open();
    std::vector<std::future<Answer>> answers;
    answers.reserve(2'000);
    for (int i = 0; i < 2'000; ++i) {
        answers.push_back(submit(*orderer_, append_of({.stream = "a-1"})));
    }
    std::uint64_t accepted = 0;
    for (auto& answer : answers) {
        const Answer got = answer.get();
        if (got) {
            ++accepted;
        } else {
            EXPECT_EQ(got.error().code(), ErrorCode::kOverloaded);
        }
    }
    EXPECT_GE(accepted, 4u);
    EXPECT_EQ(end(), Position(accepted));
}

TEST_P(Closing, AnswersAreRightWhenTheTableOfStreamsIsTooSmall) {
    close();
    options_.stream_table_bytes_max = 1;
    open();
    for (std::uint64_t round = 0; round < 3; ++round) {
        for (std::uint64_t i = 0; i < 200; ++i) {
            const std::string name = "s-" + std::to_string(i);
            const auto result = accept(append_of({.stream = name, .id = id_of(round), .data = name})
            );
            EXPECT_EQ(result.streams[0].first, Revision(round));
        }
    }
    const Answer again = append(append_of({.stream = "s-7", .id = id_of(1), .data = "s-7"}));
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->is_replay);
}

// ---- interval durability (1.4) ----

// NOLINTNEXTLINE(readability-identifier-naming): the rule has this number
class Rules1_4 : public OrdererContract {
  protected:
    void open_with_interval(std::int64_t interval_ns) {
        close();
        options_.interval_ns = interval_ns;
        open();
    }
};

TEST_P(Rules1_4, AnswersOfEveryAppendModeAreDurableAndVisible) {
    const auto result = accept(append_of({.stream = "a-1"}));
    EXPECT_TRUE(result.is_durable);
    EXPECT_GE(orderer_->log().durable_end(), result.last_position);
}

TEST_P(Rules1_4, InIntervalModeAnswersSayThatTheyAreNotDurable) {
    open_with_interval(50'000'000);
    const auto result = accept(append_of({.stream = "a-1"}));
    EXPECT_FALSE(result.is_durable);
    const std::int64_t deadline = system_clock().monotonic_ns() + 10'000'000'000;
    EXPECT_TRUE(orderer_->visible_end().wait_for(result.last_position, deadline));
    EXPECT_GE(orderer_->log().durable_end(), result.last_position);
    EXPECT_GE(orderer_->index().position(), result.last_position);
}

TEST_P(Rules1_4, InIntervalModeReadersSeeOnlyWhatIsSynced) {
    open_with_interval(3'600'000'000'000);
    const TestAppend one = append_of({.stream = "a-1", .id = id_of(1)});
    accept(one);
    EXPECT_EQ(end(), Position(0));
    EXPECT_EQ(orderer_->index().position(), Position(0));
    close();
    open();
    EXPECT_EQ(end(), Position(1));
    EXPECT_TRUE(append(one)->is_replay);
}

TEST_P(Rules1_4, InIntervalModeTheRulesSeeWhatIsNotSynced) {
    open_with_interval(3'600'000'000'000);
    const auto first = accept(append_of({.stream = "a-1", .tags = {"t:1"}}));
    expect_code(
        expecting(append_of({.stream = "a-1"}), "a-1", model::ExpectedRevision::no_stream()),
        ErrorCode::kConflict
    );
    expect_code(unless(append_of({.stream = "b-1"}), by_tag("t:1"), ""), ErrorCode::kConflict);
    // The token of an answer is good although nothing of it is durable yet.
    accept(unless(append_of({.stream = "b-1"}), by_tag("t:1"), token(first)));
    auto wrong = model::make_token(
        orderer_->log().identity(), first.last_position, first.chain_bits ^ 1u
    );
    const Answer refused = append(
        unless(append_of({.stream = "b-1"}), by_tag("t:1"), model::format_token(wrong))
    );
    EXPECT_FALSE(refused);
}

TEST_P(Rules1_4, InIntervalModeRefusalsSayThatWhatTheyRestOnIsNotDurable) {
    open_with_interval(3'600'000'000'000);
    accept(append_of({.stream = "a-1", .tags = {"t:1"}}));
    const std::vector<TestAppend> refused = {
        expecting(append_of({.stream = "a-1"}), "a-1", model::ExpectedRevision::no_stream()),
        unless(append_of({.stream = "b-1"}), by_tag("t:1"), ""),
    };
    for (const TestAppend& one : refused) {
        const auto is_synced = [this] { return orderer_->log().durable_end() >= Position(1); };
        // The log may sync earlier than it must, when it makes its next segment.
        const bool was_synced = is_synced();
        const Answer answer = append(one);
        ASSERT_EQ(code_of(answer), ErrorCode::kConflict);
        const std::string_view said = answer.error().field("is_durable");
        if (was_synced) {
            EXPECT_EQ(said, "") << answer.error().to_string();
        } else if (!is_synced()) {
            EXPECT_EQ(said, "false") << answer.error().to_string();
        }
    }
    // The same on what is synced.
    for (const std::int64_t interval_ns : {std::int64_t{3'600'000'000'000}, std::int64_t{0}}) {
        open_with_interval(interval_ns);
        for (const TestAppend& one : refused) {
            const Answer answer = append(one);
            ASSERT_EQ(code_of(answer), ErrorCode::kConflict);
            EXPECT_EQ(answer.error().field("is_durable"), "") << answer.error().to_string();
        }
    }
}

TEST_P(Rules1_4, InIntervalModeAReplayOfAnUnsyncedAppendWaitsForTheSync) {
    open_with_interval(100'000'000);
    const TestAppend one = append_of({.stream = "a-1", .id = id_of(1)});
    const auto first = accept(one);
    const Answer again = append(one);
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->is_replay);
    EXPECT_EQ(again->first_position, first.first_position);
    EXPECT_TRUE(again->is_durable);
    EXPECT_GE(orderer_->log().durable_end(), first.last_position);
}

TEST_P(Rules1_4, InIntervalModeClosingSyncsAndAnswersReplaysThatWait) {
    open_with_interval(3'600'000'000'000);
    const TestAppend one = append_of({.stream = "a-1", .id = id_of(1)});
    const auto first = accept(one);
    std::future<Answer> again = submit(*orderer_, one);
    close();  // long before the interval is over
    const Answer replay = again.get();
    ASSERT_TRUE(replay) << replay.error().to_string();
    EXPECT_TRUE(replay->is_replay);
    EXPECT_TRUE(replay->is_durable);
    EXPECT_EQ(replay->first_position, first.first_position);
    open();
    EXPECT_EQ(end(), Position(1));
}

}  // namespace annals::conformance
