// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// Tracking (log-and-rules 2.3), as tests of the orderer's contract.
#include <future>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annals/commit/testing/test_append.hpp"
#include "annals/model/stream_life.hpp"

#include "orderer_fixture.hpp"

namespace annals::conformance {

// ---- 2.3 tracking ----

// NOLINTNEXTLINE(readability-identifier-naming): the rule has this number
class Rules2_3 : public OrdererContract {
  protected:
    static TestAppend at(
        std::uint64_t position,
        const std::string& data = "x",
        const std::string& consumer = "c",
        const std::string& key = "k",
        const std::string& source = "s"
    ) {
        return tracked(
            append_of_all({{.stream = "a-1", .data = data}, {.stream = "b-1", .data = data}}),
            {source, consumer, key, position}
        );
    }
};

TEST_P(Rules2_3, TrackingRisesStrictlyPerSourceConsumerAndKey) {
    accept(at(5));
    expect_code(at(4), ErrorCode::kAlreadyTracked);
    accept(at(6, "y"));
    accept(at(100, "z"));
    expect_code(at(99), ErrorCode::kAlreadyTracked);
    EXPECT_EQ(end(), Position(6));
}

TEST_P(Rules2_3, TheSamePositionWithTheSameContentIsAReplay) {
    const auto first = accept(at(5));
    expect_replay(append(at(5)), first);
    expect_code(at(5, "other"), ErrorCode::kAlreadyTracked);
    accept(at(6, "y"));
    expect_code(at(5), ErrorCode::kAlreadyTracked);
}

TEST_P(Rules2_3, MembersOfAGroupWithOtherKeysDoNotSwallowEachOthersWork) {
    accept(at(9, "x", "c", "k1"));
    accept(at(7, "x", "c", "k2"));
    expect_code(at(7, "y", "c", "k1"), ErrorCode::kAlreadyTracked);
}

TEST_P(Rules2_3, TwoConsumersOfOneSourceDoNotMeet) {
    accept(at(5, "x", "c1"));
    EXPECT_FALSE(accept(at(5, "x", "c2")).is_replay);
    EXPECT_FALSE(accept(at(5, "x", "c1", "k", "s2")).is_replay);
    EXPECT_FALSE(accept(at(5, "x", "c1:1", "k")).is_replay);
}

TEST_P(Rules2_3, TheTrackingStateComesBackFromTheLog) {
    accept(at(4, "w"));
    const auto first = accept(at(5));
    for (int i = 0; i < 20; ++i) accept(append_of({.stream = "a-1"}));
    reopen();
    expect_replay(append(at(5)), first);
    expect_code(at(4, "w"), ErrorCode::kAlreadyTracked);
    reopen_without_index();
    expect_replay(append(at(5)), first);
    expect_code(at(3), ErrorCode::kAlreadyTracked);
    accept(at(6));
}

TEST_P(Rules2_3, ReplayIsLookedForBeforeEveryCheckAlsoInATombstonedStream) {
    const auto first = accept(at(5));
    accept(append_of({.stream = "$$a-1", .type = std::string(model::kTombstonedType)}));
    expect_replay(append(at(5)), first);
    expect_code(at(5, "other"), ErrorCode::kAlreadyTracked);
    expect_code(at(4), ErrorCode::kAlreadyTracked);
    expect_code(at(6), ErrorCode::kStreamDeleted);
    reopen();
    expect_replay(append(at(5)), first);
}

TEST_P(Rules2_3, ARefusedAppendTracksNothing) {
    expect_code(expecting(at(5), "a-1", model::ExpectedRevision::exists()), ErrorCode::kConflict);
    accept(at(5));
}

TEST_P(Rules2_3, ConcurrentDuplicatesAreProcessedOnce) {
    std::vector<std::future<Answer>> answers;
    answers.reserve(16);
    for (int i = 0; i < 16; ++i) answers.push_back(submit(*orderer_, at(5)));
    int accepted = 0;
    for (auto& answer : answers) {
        const Answer got = answer.get();
        ASSERT_TRUE(got) << got.error().to_string();
        if (!got->is_replay) ++accepted;
    }
    EXPECT_EQ(accepted, 1);
    EXPECT_EQ(end(), Position(2));
}

}  // namespace annals::conformance
