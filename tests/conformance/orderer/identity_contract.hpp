// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// Identity and idempotency (log-and-rules 2.2, 1.5), as tests of the orderer's contract.
#include <future>
#include <vector>

#include <gtest/gtest.h>

#include "annals/commit/testing/test_append.hpp"

#include "orderer_fixture.hpp"

namespace annals::conformance {

// ---- 2.2 identity ----

// NOLINTNEXTLINE(readability-identifier-naming): the rule has this number
class Rules2_2 : public OrdererContract {
  protected:
    static TestAppend two_events() {
        return append_of_all({
            {.stream = "a-1", .id = id_of(1), .data = "one", .tags = {"x:1", "y:2"}},
            {.stream = "b-1", .id = id_of(2), .data = "two"},
        });
    }
};

TEST_P(Rules2_2, TheSameEventsAgainAnswerWithTheFirstResult) {
    accept(append_of({.stream = "a-1"}));
    const auto first = accept(two_events());
    expect_replay(append(two_events()), first);
    EXPECT_EQ(end(), first.last_position);
    accept(append_of({.stream = "a-1"}));
    expect_replay(append(two_events()), first);
}

TEST_P(Rules2_2, ReplayIsLookedForBeforeEveryCheck) {
    const auto create = expecting(two_events(), "a-1", model::ExpectedRevision::no_stream());
    const auto first = accept(create);
    expect_replay(append(create), first);

    const TestAppend exact = expecting(
        append_of({.stream = "a-1", .id = id_of(3)}),
        "a-1",
        model::ExpectedRevision::exactly(Revision(0))
    );
    const auto second = accept(exact);
    expect_replay(append(exact), second);

    const TestAppend by_query = unless(
        append_of({.stream = "c-1", .id = id_of(4), .tags = {"t:1"}}), by_tag("t:1"), ""
    );
    const auto third = accept(by_query);
    expect_replay(append(by_query), third);
}

TEST_P(Rules2_2, AReplayIsFoundAfterReopening) {
    const auto first = accept(two_events());
    reopen();
    expect_replay(append(two_events()), first);
}

TEST_P(Rules2_2, AReplayIsFoundAfterTheIndexWasDeleted) {
    const auto first = accept(two_events());
    for (int i = 0; i < 50; ++i) accept(append_of({.stream = "a-1"}));
    reopen_without_index();
    EXPECT_EQ(end(), Position(52));
    expect_replay(append(two_events()), first);
}

TEST_P(Rules2_2, AReplayIsFoundAYearLater) {
    const auto first = accept(two_events());
    for (int i = 0; i < 100; ++i) {
        clock_.pass(kYearNs / 100);
        accept(append_of({.stream = "b-1"}));
    }
    expect_replay(append(two_events()), first);
    reopen();
    expect_replay(append(two_events()), first);
}

TEST_P(Rules2_2, OtherContentUnderAnIdIsAConflict) {
    accept(two_events());
    for (int field = 0; field < 5; ++field) {
        TestAppend changed = two_events();
        TestEvent& event = changed.events[0];
        if (field == 0) event.data = "other";
        if (field == 1) event.type = "other";
        if (field == 2) event.metadata = "other";
        if (field == 3) event.tags.emplace_back("z:3");
        if (field == 4) event.tags.clear();
        expect_code(changed, ErrorCode::kIdConflict);
    }
    EXPECT_EQ(end(), Position(2));
}

TEST_P(Rules2_2, TheFingerprintLeavesOutActorAndOrderOfTags) {
    const auto first = accept(two_events());
    TestAppend same = two_events();
    same.events[0].actor = "somebody else";
    std::swap(same.events[0].tags[0], same.events[0].tags[1]);
    expect_replay(append(same), first);
}

TEST_P(Rules2_2, TheSameIdInTwoStreamsIsTwoEvents) {
    accept(append_of({.stream = "a-1", .id = id_of(1), .data = "one"}));
    const auto second = accept(append_of({.stream = "b-1", .id = id_of(1), .data = "other"}));
    EXPECT_FALSE(second.is_replay);
    const auto both = accept(append_of_all({
        {.stream = "c-1", .id = id_of(7)},
        {.stream = "d-1", .id = id_of(7)},
    }));
    EXPECT_EQ(both.last_position, Position(4));
}

TEST_P(Rules2_2, SomeIdsKnownAndOthersNewIsAConflict) {
    accept(two_events());
    TestAppend longer = two_events();
    longer.events.push_back({.stream = "a-1", .id = id_of(3)});
    expect_code(longer, ErrorCode::kIdConflict);
    TestAppend with_server_id = two_events();
    with_server_id.events.push_back({.stream = "a-1"});
    expect_code(with_server_id, ErrorCode::kIdConflict);
    EXPECT_EQ(end(), Position(2));
}

TEST_P(Rules2_2, TheSameEventsInAnotherGroupingAreAConflict) {
    accept(append_of({.stream = "a-1", .id = id_of(1)}));
    accept(append_of({.stream = "a-1", .id = id_of(2)}));
    expect_code(
        append_of_all({{.stream = "a-1", .id = id_of(1)}, {.stream = "a-1", .id = id_of(2)}}),
        ErrorCode::kIdConflict
    );
    const TestAppend pair = append_of_all(
        {{.stream = "b-1", .id = id_of(3)}, {.stream = "b-1", .id = id_of(4)}}
    );
    accept(pair);
    expect_code(append_of_all({pair.events[1], pair.events[0]}), ErrorCode::kIdConflict);
    expect_code(append_of(pair.events[0]), ErrorCode::kIdConflict);
}

TEST_P(Rules2_2, AnIdTwiceInOneAppendAndStreamIsRefused) {
    expect_code(
        append_of_all({{.stream = "a-1", .id = id_of(1)}, {.stream = "a-1", .id = id_of(1)}}),
        ErrorCode::kInvalidArgument
    );
    std::vector<TestEvent> many;
    many.reserve(100);
    for (std::uint64_t i = 0; i < 100; ++i) many.push_back({.stream = "a-1", .id = id_of(i)});
    many.push_back({.stream = "a-1", .id = id_of(50)});
    expect_code(append_of_all(many), ErrorCode::kInvalidArgument);
    EXPECT_EQ(end(), Position(0));
}

TEST_P(Rules2_2, AFulfilledExactExpectationProvesThatItIsNoRetry) {
    const auto at = [](const TestAppend& append, std::uint64_t revision) {
        return expecting(append, "a-1", model::ExpectedRevision::exactly(Revision(revision)));
    };
    const TestAppend first = append_of({.stream = "a-1", .id = id_of(1)});
    const auto answer = accept(first);
    // So what bears a known id is another event, and an id names one, whatever the content.
    expect_code(at(first, 0), ErrorCode::kIdConflict);
    expect_code(
        at(append_of({.stream = "a-1", .id = id_of(1), .data = "other"}), 0), ErrorCode::kIdConflict
    );
    accept(at(append_of({.stream = "a-1", .id = id_of(2)}), 0));
    expect_code(at(first, 1), ErrorCode::kIdConflict);
    EXPECT_EQ(end(), Position(2));
    // The first is what it was, with and without an expectation that has passed.
    expect_replay(append(first), answer);
    expect_replay(append(at(first, 0)), answer);
    reopen();
    expect_code(at(first, 1), ErrorCode::kIdConflict);
    expect_replay(append(first), answer);
    reopen_without_index();
    expect_code(at(first, 1), ErrorCode::kIdConflict);
    expect_replay(append(at(first, 0)), answer);
    EXPECT_EQ(end(), Position(2));
}

TEST_P(Rules2_2, NoIdIsTwiceInAStreamWhateverIsExpected) {
    using model::ExpectedRevision;
    constexpr std::uint64_t kRounds = 40;
    for (std::uint64_t round = 0; round < kRounds; ++round) {
        // All of them meet the revision that they expect, were it not for the id.
        const auto revision = ExpectedRevision::exactly(Revision(round));
        accept(append_of({.stream = "a-1", .id = id_of(2 * round)}));
        std::vector<std::future<Answer>> answers;
        for (const std::string data : {"{}", "other"}) {
            for (const std::uint64_t id : {2 * round, std::uint64_t{0}}) {
                answers.push_back(submit(
                    *orderer_,
                    expecting(
                        append_of({.stream = "a-1", .id = id_of(id), .data = data}), "a-1", revision
                    )
                ));
            }
        }
        for (auto& answer : answers) EXPECT_EQ(code_of(answer.get()), ErrorCode::kIdConflict);
    }
    EXPECT_EQ(end(), Position(kRounds));
}

TEST_P(Rules2_2, ConcurrentDuplicatesAreStoredOnce) {
    for (std::uint64_t round = 0; round < 20; ++round) {
        const TestAppend append = append_of_all({
            {.stream = "a-1", .id = id_of(2 * round)},
            {.stream = "b-1", .id = id_of(2 * round + 1)},
        });
        std::vector<std::future<Answer>> answers;
        answers.reserve(8);
        for (int i = 0; i < 8; ++i) answers.push_back(submit(*orderer_, append));
        int accepted = 0;
        for (auto& answer : answers) {
            const Answer got = answer.get();
            ASSERT_TRUE(got) << got.error().to_string();
            EXPECT_EQ(got->first_position, Position(2 * round + 1));
            EXPECT_EQ(got->streams[0].first, Revision(round));
            if (!got->is_replay) ++accepted;
        }
        EXPECT_EQ(accepted, 1);
    }
    EXPECT_EQ(end(), Position(40));
}

TEST_P(Rules2_2, ManyIdsInOneStreamAreAllRemembered) {
    std::vector<model::AppendResult> firsts;
    const auto numbered = [](std::uint64_t i) {
        return append_of({.stream = "a-1", .id = id_of(i), .data = std::to_string(i)});
    };
    firsts.reserve(300);
    for (std::uint64_t i = 0; i < 300; ++i) firsts.push_back(accept(numbered(i)));
    for (std::uint64_t i = 0; i < 300; i += 7) expect_replay(append(numbered(i)), firsts[i]);
    reopen();
    for (std::uint64_t i = 0; i < 300; i += 7) expect_replay(append(numbered(i)), firsts[i]);
    for (std::uint64_t i = 300; i < 310; ++i) firsts.push_back(accept(numbered(i)));
    for (std::uint64_t i = 290; i < 310; ++i) expect_replay(append(numbered(i)), firsts[i]);
}

TEST_P(Rules2_2, AnIdThatTheServerGaveIsKnownWhenAClientSendsIt) {
    accept(append_of({.stream = "a-1", .data = "x"}));
    log::LogReader reader = orderer_->log().reader();
    const auto stored = reader.at(Position(1));
    ASSERT_TRUE(stored);
    model::RecordedEvent read;
    ASSERT_TRUE(model::decode_event_fields(stored->envelope, read));
    const Answer same = append(append_of({.stream = "a-1", .id = read.id, .data = "x"}));
    ASSERT_TRUE(same);
    EXPECT_TRUE(same->is_replay);
    expect_code(append_of({.stream = "a-1", .id = read.id, .data = "y"}), ErrorCode::kIdConflict);
}

// ---- 1.5 idempotency keys ----

// NOLINTNEXTLINE(readability-identifier-naming): the rule has this number
class Rules1_5 : public OrdererContract {};

TEST_P(Rules1_5, AnIdempotencyKeyAloneMakesTheSameAppendAReplay) {
    const TestAppend append_once = keyed(
        append_of_all({{.stream = "a-1"}, {.stream = "b-1"}}), "k1"
    );
    const auto first = accept(append_once);
    expect_replay(append(append_once), first);
    clock_.pass(kYearNs);
    reopen_without_index();
    expect_replay(append(append_once), first);
}

TEST_P(Rules1_5, OtherContentUnderTheKeyIsAConflict) {
    accept(keyed(append_of_all({{.stream = "a-1"}, {.stream = "a-1"}}), "k1"));
    TestAppend changed = keyed(append_of_all({{.stream = "a-1"}, {.stream = "a-1"}}), "k1");
    changed.events[0].data = "other";
    expect_code(changed, ErrorCode::kIdConflict);
    expect_code(keyed(append_of({.stream = "a-1"}), "k1"), ErrorCode::kIdConflict);
}

TEST_P(Rules1_5, KeysOfTwoPrincipalsDoNotMeet) {
    TestAppend mine = keyed(append_of({.stream = "a-1"}), "k1");
    accept(mine);
    mine.principal = "somebody else";
    EXPECT_FALSE(accept(mine).is_replay);
    EXPECT_FALSE(accept(keyed(append_of({.stream = "a-1"}), "k2")).is_replay);
}

TEST_P(Rules1_5, AConcurrentDuplicateUnderAKeyWaitsAndIsAReplay) {
    const TestAppend append = keyed(append_of({.stream = "a-1"}), "k1");
    std::vector<std::future<Answer>> answers;
    answers.reserve(16);
    for (int i = 0; i < 16; ++i) answers.push_back(submit(*orderer_, append));
    int accepted = 0;
    for (auto& answer : answers) {
        const Answer got = answer.get();
        ASSERT_TRUE(got) << got.error().to_string();
        EXPECT_EQ(got->first_position, Position(1));
        if (!got->is_replay) ++accepted;
    }
    EXPECT_EQ(accepted, 1);
}

}  // namespace annals::conformance
