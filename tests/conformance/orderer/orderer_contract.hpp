// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// The contract of commit::Orderer: every rule of log-and-rules 2, and what 1.4 and 1.5 say of
// answers, as a test named after it. A body of the port is one more line in a test file:
//
//     ANNALS_ORDERER_CONTRACT(LocalOnDisk, local_on_disk());

#include <atomic>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annals/commit/testing/hand_clock.hpp"
#include "annals/commit/testing/random_append.hpp"
#include "annals/commit/testing/rules_model.hpp"
#include "annals/commit/testing/test_append.hpp"

#include "orderer_host.hpp"

namespace annals::conformance {

using namespace commit::testing;

inline constexpr std::int64_t kYearNs = 365ll * 86'400 * 1'000'000'000;

/// One log with an orderer on it.
class OrdererContract : public ::testing::TestWithParam<OrdererBody> {
  protected:
    OrdererContract() : host_(GetParam().make_host()) {
        options_.clock = &clock_;
        open();
    }
    ~OrdererContract() override {
        if (orderer_) close();
    }

    void open() {
        orderer_ = host_->open(options_);
        ASSERT_NE(orderer_, nullptr);
    }
    void close() {
        const Status closed = orderer_->close();
        EXPECT_TRUE(closed) << (closed ? "" : closed.error().to_string());
        orderer_.reset();
    }
    void reopen() {
        close();
        open();
    }
    void reopen_without_index() {
        close();
        host_->delete_index();
        open();
    }

    Answer append(const TestAppend& append) { return append_to(*orderer_, append); }
    /// Must be accepted.
    model::AppendResult accept(const TestAppend& append) {
        Answer answer = append_to(*orderer_, append);
        EXPECT_TRUE(answer) << (answer ? "" : answer.error().to_string());
        return answer ? *answer : model::AppendResult{};
    }
    void expect_code(const TestAppend& refused, ErrorCode code) {
        const Answer answer = append(refused);
        ASSERT_FALSE(answer) << "accepted at " << answer->first_position.value;
        EXPECT_EQ(answer.error().code(), code) << answer.error().to_string();
    }
    std::string token(const model::AppendResult& result) const {
        return token_of(*orderer_, result);
    }
    [[nodiscard]] Position end() const { return orderer_->visible_end().get(); }

    static void expect_replay(const Answer& answer, const model::AppendResult& first) {
        ASSERT_TRUE(answer) << answer.error().to_string();
        EXPECT_TRUE(answer->is_replay);
        EXPECT_EQ(answer->first_position, first.first_position);
        EXPECT_EQ(answer->last_position, first.last_position);
        EXPECT_EQ(answer->chain_bits, first.chain_bits);
        EXPECT_EQ(answer->recorded_time, first.recorded_time);
        EXPECT_EQ(answer->streams, first.streams);
    }

    /// Every position up to the end is there, revisions of each stream are dense and in order.
    void expect_dense_log() const {
        std::map<std::string, std::uint64_t> next;
        log::LogReader reader = orderer_->log().reader();
        const Position last = orderer_->visible_end().get();
        for (Position position(1); position <= last; ++position) {
            const auto stored = reader.at(position);
            ASSERT_TRUE(stored) << stored.error().to_string();
            model::RecordedEvent event;
            ASSERT_TRUE(model::decode_event_fields(stored->envelope, event));
            EXPECT_EQ(stored->revision.value, next[std::string(event.stream)]++);
        }
    }

    HandClock clock_;
    HostOptions options_;
    std::unique_ptr<OrdererHost> host_;
    std::unique_ptr<commit::Orderer> orderer_;
};

// ---- what an append answers ----

class AppendAnswer : public OrdererContract {};

TEST_P(AppendAnswer, HasDensePositionsAndRevisionsInOrderOfFirstMention) {
    const auto first = accept(append_of({{.stream = "b-1"}, {.stream = "a-1"}, {.stream = "b-1"}}));
    EXPECT_EQ(first.first_position, Position(1));
    EXPECT_EQ(first.last_position, Position(3));
    EXPECT_EQ(
        first.streams,
        (std::vector<model::StreamRevisions>{
            {"b-1", Revision(0), Revision(1)},
            {"a-1", Revision(0), Revision(0)},
        })
    );
    const auto second = accept(append_of({{.stream = "a-1"}, {.stream = "b-1"}}));
    EXPECT_EQ(second.first_position, Position(4));
    EXPECT_EQ(
        second.streams,
        (std::vector<model::StreamRevisions>{
            {"a-1", Revision(1), Revision(1)},
            {"b-1", Revision(2), Revision(2)},
        })
    );
    EXPECT_FALSE(second.is_replay);
    expect_dense_log();
}

TEST_P(AppendAnswer, GivesEventsWithoutAStreamTheAppendsOwn) {
    const TestAppend named = append_of({{.stream = ""}, {.stream = "other-1"}});
    const Answer answer = named.as_request([&](const auto& context, model::AppendRequest request) {
        request.stream = "own-1";
        std::promise<Answer> promise;
        orderer_->submit(context, request, [&](Answer result) {
            promise.set_value(std::move(result));
        });
        return promise.get_future().get();
    });
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->streams.size(), 2u);
    EXPECT_EQ(answer->streams[0].stream, "own-1");
    EXPECT_EQ(answer->streams[1].stream, "other-1");
}

TEST_P(AppendAnswer, IsReadableTheMomentItComes) {
    for (int i = 0; i < 20; ++i) {
        const auto result = accept(append_of({.stream = "s-1", .data = std::to_string(i)}));
        EXPECT_GE(end(), result.last_position);
        EXPECT_GE(orderer_->index().position(), result.last_position);
        std::vector<Position> found;
        ASSERT_TRUE(orderer_->index().stream_positions(
            "s-1", result.streams[0].last, index::Direction::kForwards, 1, found
        ));
        EXPECT_EQ(found, std::vector<Position>{result.last_position});
    }
}

TEST_P(AppendAnswer, StoresWhatWasSubmitted) {
    TestEvent event{.stream = "s-1", .id = id_of(1), .type = "made", .data = "some bytes"};
    event.tags = {"a:1", "b:2"};
    event.metadata = "{\"x\":1}";
    event.actor = "ann";
    const auto result = accept(append_of(event));
    log::LogReader reader = orderer_->log().reader();
    const auto stored = reader.at(result.first_position);
    ASSERT_TRUE(stored);
    model::RecordedEvent read;
    ASSERT_TRUE(model::decode_event_fields(stored->envelope, read));
    ASSERT_TRUE(model::decode_event_fields(stored->payload, read));
    EXPECT_EQ(read.id, event.id);
    EXPECT_EQ(read.type, "made");
    EXPECT_EQ(read.data, "some bytes");
    EXPECT_EQ(read.metadata, event.metadata);
    EXPECT_EQ(read.actor, "ann");
    ASSERT_EQ(read.tags.size(), 2u);
    EXPECT_EQ(stored->chain_bits, result.chain_bits);
    const auto append = reader.append_of(*stored);
    ASSERT_TRUE(append);
    EXPECT_EQ(append->principal, "tester");
    EXPECT_EQ(append->rules_version, 1u);
}

TEST_P(AppendAnswer, CarriesTheTraceContextOfTheCallToEventsThatBringNone) {
    TestAppend traced = append_of({{.stream = "s-1"}, {.stream = "s-1"}});
    traced.as_request([&](commit::SubmitContext context, model::AppendRequest request) {
        context.traceparent = "00-of-the-call-01";
        request.events[1].traceparent = "00-of-the-event-01";
        std::promise<Answer> promise;
        orderer_->submit(context, request, [&](Answer result) {
            promise.set_value(std::move(result));
        });
        EXPECT_TRUE(promise.get_future().get());
        return 0;
    });
    log::LogReader reader = orderer_->log().reader();
    for (const auto& [position, expected] :
         {std::pair(1u, "00-of-the-call-01"), std::pair(2u, "00-of-the-event-01")}) {
        const auto stored = reader.at(Position(position));
        ASSERT_TRUE(stored);
        model::RecordedEvent read;
        ASSERT_TRUE(model::decode_event_fields(stored->envelope, read));
        EXPECT_EQ(read.traceparent, expected);
    }
}

TEST_P(AppendAnswer, GivesIdsOfItsOwnWhereNoneAreGiven) {
    accept(append_of({{.stream = "s-1"}, {.stream = "s-1"}}));
    log::LogReader reader = orderer_->log().reader();
    std::set<Uuid> ids;
    for (std::uint64_t i = 1; i <= 2; ++i) {
        const auto stored = reader.at(Position(i));
        ASSERT_TRUE(stored);
        model::RecordedEvent read;
        ASSERT_TRUE(model::decode_event_fields(stored->envelope, read));
        EXPECT_EQ(read.id.bytes[6] >> 4u, 7u);
        ids.insert(read.id);
    }
    EXPECT_EQ(ids.size(), 2u);
}

TEST_P(AppendAnswer, RefusesAnAppendWithoutEvents) {
    expect_code(TestAppend{}, ErrorCode::kInvalidArgument);
}

TEST_P(AppendAnswer, TakesManyEventsOfManyStreamsAtOnce) {
    std::vector<TestEvent> events;
    for (int i = 0; i < 5'000; ++i) {
        events.push_back({.stream = "s-" + std::to_string(i % 700), .id = id_of(std::uint64_t(i))});
    }
    const TestAppend large = append_of(events);
    const auto result = accept(large);
    EXPECT_EQ(result.streams.size(), 700u);
    EXPECT_EQ(result.last_position, Position(5'000));
    expect_dense_log();
    expect_replay(append(large), result);
}

// ---- 2.2 identity ----

class Rules2_2 : public OrdererContract {
  protected:
    static TestAppend two_events() {
        return append_of({
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
        if (field == 3) event.tags.push_back("z:3");
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
    const auto both = accept(append_of({
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
        append_of({{.stream = "a-1", .id = id_of(1)}, {.stream = "a-1", .id = id_of(2)}}),
        ErrorCode::kIdConflict
    );
    const TestAppend pair = append_of(
        {{.stream = "b-1", .id = id_of(3)}, {.stream = "b-1", .id = id_of(4)}}
    );
    accept(pair);
    expect_code(append_of({pair.events[1], pair.events[0]}), ErrorCode::kIdConflict);
    expect_code(append_of(pair.events[0]), ErrorCode::kIdConflict);
}

TEST_P(Rules2_2, AnIdTwiceInOneAppendAndStreamIsRefused) {
    expect_code(
        append_of({{.stream = "a-1", .id = id_of(1)}, {.stream = "a-1", .id = id_of(1)}}),
        ErrorCode::kInvalidArgument
    );
    std::vector<TestEvent> many;
    for (std::uint64_t i = 0; i < 100; ++i) many.push_back({.stream = "a-1", .id = id_of(i)});
    many.push_back({.stream = "a-1", .id = id_of(50)});
    expect_code(append_of(many), ErrorCode::kInvalidArgument);
    EXPECT_EQ(end(), Position(0));
}

TEST_P(Rules2_2, AFulfilledExactExpectationProvesThatItIsNoRetry) {
    accept(append_of({.stream = "a-1", .id = id_of(1)}));
    const auto again = accept(expecting(
        append_of({.stream = "a-1", .id = id_of(1)}),
        "a-1",
        model::ExpectedRevision::exactly(Revision(0))
    ));
    EXPECT_FALSE(again.is_replay);
    EXPECT_EQ(again.streams[0].last, Revision(1));
}

TEST_P(Rules2_2, ConcurrentDuplicatesAreStoredOnce) {
    for (std::uint64_t round = 0; round < 20; ++round) {
        const TestAppend append = append_of({
            {.stream = "a-1", .id = id_of(2 * round)},
            {.stream = "b-1", .id = id_of(2 * round + 1)},
        });
        std::vector<std::future<Answer>> answers;
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

class Rules1_5 : public OrdererContract {};

TEST_P(Rules1_5, AnIdempotencyKeyAloneMakesTheSameAppendAReplay) {
    const TestAppend append_once = keyed(append_of({{.stream = "a-1"}, {.stream = "b-1"}}), "k1");
    const auto first = accept(append_once);
    expect_replay(append(append_once), first);
    clock_.pass(kYearNs);
    reopen_without_index();
    expect_replay(append(append_once), first);
}

TEST_P(Rules1_5, OtherContentUnderTheKeyIsAConflict) {
    accept(keyed(append_of({{.stream = "a-1"}, {.stream = "a-1"}}), "k1"));
    TestAppend changed = keyed(append_of({{.stream = "a-1"}, {.stream = "a-1"}}), "k1");
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

// ---- 2.3 tracking ----

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
            append_of({{.stream = "a-1", .data = data}, {.stream = "b-1", .data = data}}),
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

TEST_P(Rules2_3, ARefusedAppendTracksNothing) {
    expect_code(expecting(at(5), "a-1", model::ExpectedRevision::exists()), ErrorCode::kConflict);
    accept(at(5));
}

TEST_P(Rules2_3, ConcurrentDuplicatesAreProcessedOnce) {
    std::vector<std::future<Answer>> answers;
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

// ---- 2.4 checks ----

class Rules2_4 : public OrdererContract {};

TEST_P(Rules2_4, AnyIsAlwaysMet) {
    const auto any = model::ExpectedRevision::any();
    accept(expecting(append_of({.stream = "a-1"}), "a-1", any));
    accept(expecting(append_of({.stream = "a-1"}), "a-1", any));
}

TEST_P(Rules2_4, NoStreamIsMetUntilTheFirstEvent) {
    const auto none = model::ExpectedRevision::no_stream();
    accept(expecting(append_of({.stream = "a-1"}), "a-1", none));
    const Answer refused = append(expecting(append_of({.stream = "a-1"}), "a-1", none));
    EXPECT_EQ(code_of(refused), ErrorCode::kConflict);
    ASSERT_EQ(failed_checks_of(refused).size(), 1u);
    EXPECT_EQ(failed_checks_of(refused)[0].current_revision, Revision(0));
}

TEST_P(Rules2_4, ExistsIsMetFromTheFirstEvent) {
    const auto exists = model::ExpectedRevision::exists();
    const Answer refused = append(expecting(append_of({.stream = "a-1"}), "a-1", exists));
    EXPECT_EQ(code_of(refused), ErrorCode::kConflict);
    EXPECT_EQ(failed_checks_of(refused)[0].current_revision, std::nullopt);
    accept(append_of({.stream = "a-1"}));
    accept(expecting(append_of({.stream = "a-1"}), "a-1", exists));
}

TEST_P(Rules2_4, DeletedIsNotMetByALiveOrMissingStream) {
    const auto deleted = model::ExpectedRevision::deleted();
    expect_code(expecting(append_of({.stream = "a-1"}), "a-1", deleted), ErrorCode::kConflict);
    accept(append_of({.stream = "a-1"}));
    expect_code(expecting(append_of({.stream = "a-1"}), "a-1", deleted), ErrorCode::kConflict);
}

TEST_P(Rules2_4, ExactlyIsMetByTheLastRevisionAlone) {
    accept(append_of({{.stream = "a-1"}, {.stream = "a-1"}, {.stream = "a-1"}}));
    for (const std::uint64_t wrong : {0u, 1u, 3u, 100u}) {
        const Answer refused = append(expecting(
            append_of({.stream = "a-1"}), "a-1", model::ExpectedRevision::exactly(Revision(wrong))
        ));
        EXPECT_EQ(code_of(refused), ErrorCode::kConflict);
        EXPECT_EQ(failed_checks_of(refused)[0].current_revision, Revision(2));
    }
    accept(expecting(
        append_of({.stream = "a-1"}), "a-1", model::ExpectedRevision::exactly(Revision(2))
    ));
    expect_code(
        expecting(
            append_of({.stream = "none-1"}), "none-1", model::ExpectedRevision::exactly(Revision(0))
        ),
        ErrorCode::kConflict
    );
}

TEST_P(Rules2_4, HeadsAreRightAfterReopeningAndWithoutTheIndex) {
    for (int i = 0; i < 30; ++i) accept(append_of({.stream = "a-" + std::to_string(i % 3)}));
    const auto next = [this](int stream, std::uint64_t revision) {
        const std::string name = "a-" + std::to_string(stream);
        return accept(expecting(
            append_of({.stream = name}), name, model::ExpectedRevision::exactly(Revision(revision))
        ));
    };
    reopen();
    for (int stream = 0; stream < 3; ++stream) next(stream, 9);
    reopen_without_index();
    for (int stream = 0; stream < 3; ++stream) next(stream, 10);
    expect_dense_log();
}

TEST_P(Rules2_4, AStreamThatIsNotWrittenCanBeChecked) {
    accept(append_of({.stream = "a-1"}));
    accept(expecting(append_of({.stream = "b-1"}), "a-1", model::ExpectedRevision::exists()));
    accept(expecting(
        append_of({.stream = "b-1"}), "a-1", model::ExpectedRevision::exactly(Revision(0))
    ));
    expect_code(
        expecting(append_of({.stream = "b-1"}), "a-1", model::ExpectedRevision::no_stream()),
        ErrorCode::kConflict
    );
    accept(expecting(append_of({.stream = "b-1"}), "c-1", model::ExpectedRevision::no_stream()));
}

TEST_P(Rules2_4, AllFailingChecksComeBackWithCurrentValues) {
    accept(append_of({.stream = "a-1", .tags = {"t:1"}}));
    accept(append_of({.stream = "b-1", .type = "paid"}));
    TestAppend many = append_of({.stream = "a-1"});
    many = expecting(many, "a-1", model::ExpectedRevision::exactly(Revision(7)));
    many = unless(many, by_tag("t:1"), "");
    many = expecting(many, "b-1", model::ExpectedRevision::exists());
    many = expecting(many, "c-1", model::ExpectedRevision::exists());
    many = unless(many, by_type("never"), "");
    many = unless(many, by_type("paid"), "");
    many = expecting(many, "a-1", model::ExpectedRevision::no_stream());
    const Answer refused = append(many);
    ASSERT_EQ(code_of(refused), ErrorCode::kConflict);
    const auto failed = failed_checks_of(refused);
    ASSERT_EQ(failed.size(), 5u);
    const std::vector<std::uint32_t> indexes = {0, 1, 3, 5, 6};
    for (std::size_t i = 0; i < failed.size(); ++i) EXPECT_EQ(failed[i].check_index, indexes[i]);
    EXPECT_EQ(failed[0].stream, "a-1");
    EXPECT_EQ(failed[0].current_revision, Revision(0));
    EXPECT_EQ(failed[0].expected, model::ExpectedRevision::exactly(Revision(7)));
    EXPECT_EQ(failed[1].matching_position, Position(1));
    EXPECT_EQ(failed[2].stream, "c-1");
    EXPECT_EQ(failed[2].current_revision, std::nullopt);
    EXPECT_EQ(failed[3].matching_position, Position(2));
    EXPECT_EQ(end(), Position(2));
}

TEST_P(Rules2_4, AQueryMatchesEveryEventCommittedAfterItsPosition) {
    const auto first = accept(append_of({.stream = "a-1", .tags = {"t:1", "u:1"}}));
    const auto second = accept(append_of({.stream = "b-1", .type = "other"}));
    const auto refuses = [this](const model::Query& query, const std::string& after) {
        const Answer answer = append(
            unless(append_of({.stream = "c-1", .type = "try"}), query, after)
        );
        return code_of(answer) == ErrorCode::kConflict;
    };
    EXPECT_TRUE(refuses(by_tag("t:1"), ""));
    EXPECT_FALSE(refuses(by_tag("t:1"), token(first)));
    EXPECT_FALSE(refuses(by_tag("t:2"), ""));
    EXPECT_TRUE(refuses(by_type("other"), token(first)));
    EXPECT_FALSE(refuses(by_type("other"), token(second)));
    // All tags of an item, any of its types, any of the items.
    EXPECT_TRUE(refuses({{{.types = {}, .tags = {"t:1", "u:1"}}}}, ""));
    EXPECT_FALSE(refuses({{{.types = {}, .tags = {"t:1", "u:2"}}}}, ""));
    EXPECT_TRUE(refuses({{{.types = {"no", "happened"}, .tags = {"t:1"}}}}, ""));
    EXPECT_FALSE(refuses({{{.types = {"no"}, .tags = {"t:1"}}}}, ""));
    EXPECT_TRUE(refuses({{{.types = {"no"}, .tags = {}}, {.types = {}, .tags = {"u:1"}}}}, ""));
}

TEST_P(Rules2_4, AQueryIsAnsweredAlikeAfterReopeningAndWithoutTheIndex) {
    const auto first = accept(append_of({.stream = "a-1", .tags = {"t:1"}}));
    const auto second = accept(append_of({.stream = "a-1", .tags = {"t:2"}}));
    for (int round = 0; round < 2; ++round) {
        round == 0 ? reopen() : reopen_without_index();
        const Answer refused = append(
            unless(append_of({.stream = "c-1"}), by_tag("t:2"), token(first))
        );
        ASSERT_EQ(code_of(refused), ErrorCode::kConflict);
        EXPECT_EQ(failed_checks_of(refused)[0].matching_position, second.last_position);
        accept(unless(append_of({.stream = "c-1"}), by_tag("t:1"), token(first)));
        accept(unless(append_of({.stream = "c-1"}), by_tag("t:2"), token(second)));
    }
}

TEST_P(Rules2_4, ATokenBeyondTheEndIsAnErrorNotAPass) {
    const auto result = accept(append_of({.stream = "a-1"}));
    auto beyond = model::make_token(
        orderer_->log().identity(), result.last_position.plus(10), result.chain_bits
    );
    expect_code(
        unless(append_of({.stream = "a-1"}), by_tag("t:1"), model::format_token(beyond)),
        ErrorCode::kTokenBeyondEnd
    );
}

TEST_P(Rules2_4, ATokenOfAnotherHistoryIsUnknown) {
    const auto result = accept(append_of({.stream = "a-1"}));
    auto forked = model::make_token(
        orderer_->log().identity(), result.last_position, result.chain_bits ^ 1u
    );
    expect_code(
        unless(append_of({.stream = "a-1"}), by_tag("t:1"), model::format_token(forked)),
        ErrorCode::kTokenUnknown
    );
    auto foreign = model::make_token({}, result.last_position, result.chain_bits);
    expect_code(
        unless(append_of({.stream = "a-1"}), by_tag("t:1"), model::format_token(foreign)),
        ErrorCode::kTokenUnknown
    );
    expect_code(
        unless(append_of({.stream = "a-1"}), by_tag("t:1"), "no token"), ErrorCode::kInvalidArgument
    );
}

TEST_P(Rules2_4, AnAppendIsNotMetByItsOwnQuery) {
    const model::Query query = by_tag("name:ann");
    const TestAppend claim = unless(
        append_of({.stream = "user-1", .tags = {"name:ann"}}), query, ""
    );
    accept(claim);
    expect_code(claim, ErrorCode::kConflict);
}

// ---- races ----

class Races : public OrdererContract {
  protected:
    /// Submits from many threads at once; answers come in the order of `appends`.
    std::vector<Answer> all_at_once(const std::vector<TestAppend>& appends) {
        std::vector<std::optional<Answer>> answers(appends.size());
        std::vector<std::thread> threads;
        std::atomic<std::size_t> ready = 0;
        for (std::size_t i = 0; i < appends.size(); ++i) {
            threads.emplace_back([&, i] {
                ++ready;
                while (ready < appends.size()) std::this_thread::yield();
                answers[i] = append_to(*orderer_, appends[i]);
            });
        }
        for (std::thread& thread : threads) thread.join();
        std::vector<Answer> out;
        for (auto& answer : answers) out.push_back(std::move(*answer));
        return out;
    }

    static int accepted(const std::vector<Answer>& answers) {
        int count = 0;
        for (const Answer& answer : answers) {
            if (answer) {
                ++count;
            } else {
                EXPECT_EQ(answer.error().code(), ErrorCode::kConflict)
                    << answer.error().to_string();
            }
        }
        return count;
    }
};

TEST_P(Races, OfManyOnOneExpectedRevisionExactlyOneWins) {
    for (std::uint64_t round = 0; round < 10; ++round) {
        const auto expected = round == 0 ? model::ExpectedRevision::no_stream()
                                         : model::ExpectedRevision::exactly(Revision(round - 1));
        std::vector<TestAppend> appends;
        for (std::uint64_t i = 0; i < 8; ++i) {
            appends.push_back(expecting(
                append_of({.stream = "a-1", .id = id_of(round * 100 + i)}), "a-1", expected
            ));
        }
        EXPECT_EQ(accepted(all_at_once(appends)), 1);
    }
    EXPECT_EQ(end(), Position(10));
}

TEST_P(Races, OfManyOnOneQueryExactlyOneWins) {
    std::string after;
    for (int round = 0; round < 10; ++round) {
        std::vector<TestAppend> appends;
        for (int i = 0; i < 8; ++i) {
            appends.push_back(unless(
                append_of({.stream = "s-" + std::to_string(i), .tags = {"seat:7"}}),
                by_tag("seat:7"),
                after
            ));
        }
        const auto answers = all_at_once(appends);
        EXPECT_EQ(accepted(answers), 1);
        for (const Answer& answer : answers) {
            if (answer) after = token(*answer);
        }
    }
    EXPECT_EQ(end(), Position(10));
}

TEST_P(Races, DisjointQueriesNeverBlockEachOther) {
    std::vector<std::string> after(8);
    for (int round = 0; round < 20; ++round) {
        std::vector<TestAppend> appends;
        for (std::size_t i = 0; i < 8; ++i) {
            const std::string tag = "seat:" + std::to_string(i);
            appends.push_back(
                unless(append_of({.stream = "s-1", .tags = {tag}}), by_tag(tag), after[i])
            );
        }
        const auto answers = all_at_once(appends);
        EXPECT_EQ(accepted(answers), 8);
        for (std::size_t i = 0; i < 8; ++i) {
            if (answers[i]) after[i] = token(*answers[i]);
        }
    }
}

TEST_P(Races, AppendsOfOneCallerToOneStreamKeepTheirOrder) {
    for (int reopening = 0; reopening < 3; ++reopening) {
        std::vector<std::future<Answer>> answers;
        for (int i = 0; i < 200; ++i) {
            answers.push_back(submit(*orderer_, append_of({.stream = "s-" + std::to_string(i % 4)}))
            );
        }
        std::map<std::string, std::uint64_t> last;
        for (auto& answer : answers) {
            const Answer got = answer.get();
            ASSERT_TRUE(got) << got.error().to_string();
            const auto& stream = got->streams[0];
            if (last.contains(stream.stream)) {
                EXPECT_EQ(stream.first.value, last[stream.stream] + 1);
            }
            last[stream.stream] = stream.first.value;
        }
        reopen();
    }
}

TEST_P(Races, ManyStalledWritersAndAReaderThatSeesDensePositions) {
    constexpr int kWriters = 64;
    constexpr int kAppends = 30;
    std::atomic<int> running = kWriters;
    std::vector<std::thread> threads;
    std::atomic<std::uint64_t> stored = 0;
    for (int w = 0; w < kWriters; ++w) {
        threads.emplace_back([&, w] {
            std::mt19937 random(static_cast<unsigned>(w));
            for (int i = 0; i < kAppends; ++i) {
                std::vector<TestEvent> events(1 + random() % 4);
                for (TestEvent& event : events) event.stream = "s-" + std::to_string(random() % 20);
                const auto result = accept(append_of(events));
                stored += result.last_position.value - result.first_position.value + 1;
                for (unsigned stall = random() % 200; stall != 0; --stall) {
                    std::this_thread::yield();
                }
            }
            --running;
        });
    }
    // Reads everything as it becomes visible: no position may be missing or come later.
    std::map<std::string, std::uint64_t> next;
    Position seen;
    log::LogReader reader = orderer_->log().reader();
    while (running != 0 || seen < end()) {
        const Position visible = end();
        while (seen < visible) {
            ++seen;
            const auto event = reader.at(seen);
            ASSERT_TRUE(event) << event.error().to_string();
            model::RecordedEvent read;
            ASSERT_TRUE(model::decode_event_fields(event->envelope, read));
            EXPECT_EQ(event->revision.value, next[std::string(read.stream)]++);
        }
        std::this_thread::yield();
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(end().value, stored.load());
}

// ---- 2.6 time ----

class Rules2_6 : public OrdererContract {};

TEST_P(Rules2_6, AllEventsOfAnAppendHaveTheSameTime) {
    const auto result = accept(append_of({{.stream = "a-1"}, {.stream = "b-1"}}));
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
}

// ---- closing ----

class Closing : public OrdererContract {};

TEST_P(Closing, FinishesWhatWasSubmittedAndRefusesTheRest) {
    std::vector<std::future<Answer>> answers;
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

// ---- 2.7 and kurrentdb 5.4, 5.6: the life of a stream ----

class Rules2_7 : public OrdererContract {
  protected:
    static TestAppend change_of(const std::string& stream, std::string_view type) {
        TestEvent event{.stream = "$$" + stream, .type = std::string(type)};
        if (type == model::kDeletedType) event.tags = {model::deletion_tag_of(stream)};
        return append_of(std::move(event));
    }
    void remove(const std::string& stream) { accept(change_of(stream, model::kDeletedType)); }
    /// Which of the expectations the stream meets: any, no stream, exists, deleted, exactly.
    std::string met_by(const std::string& stream, Revision last) {
        using Expected = model::ExpectedRevision;
        std::string met;
        for (const auto& [name, expected] :
             {std::pair{'a', Expected::any()},
              {'n', Expected::no_stream()},
              {'e', Expected::exists()},
              {'d', Expected::deleted()},
              {'x', Expected::exactly(last)}}) {
            if (append(expecting(append_of({.stream = "other"}), stream, expected))) met += name;
        }
        return met;
    }
    /// After nothing, after a restart, after a restart with a new index.
    void in_all_ways(const std::function<void()>& check) {
        check();
        reopen();
        check();
        reopen_without_index();
        check();
    }
};

TEST_P(Rules2_7, ADeletedStreamGoesOnAtItsNextRevision) {
    accept(append_of({{.stream = "a"}, {.stream = "a"}}));
    remove("a");
    in_all_ways([this] { EXPECT_EQ(met_by("a", Revision(1)), "andx"); });
    const auto again = accept(
        expecting(append_of({.stream = "a"}), "a", model::ExpectedRevision::no_stream())
    );
    EXPECT_EQ(again.streams.front().first, Revision(2));
    in_all_ways([this] { EXPECT_EQ(met_by("a", Revision(2)), "aex"); });
}

TEST_P(Rules2_7, MetadataMakeADeletedStreamLiveAgain) {
    accept(append_of({.stream = "a"}));
    remove("a");
    accept(change_of("a", model::kMetadataType));
    in_all_ways([this] { EXPECT_EQ(met_by("a", Revision(0)), "aex"); });
}

TEST_P(Rules2_7, AStreamOfMetadataAloneExistsAndIsNoStream) {
    accept(change_of("a", model::kMetadataType));
    in_all_ways([this] { EXPECT_EQ(met_by("a", Revision(0)), "ane"); });
}

TEST_P(Rules2_7, ATombstoneIsForEver) {
    accept(append_of({.stream = "a"}));
    accept(change_of("a", model::kTombstonedType));
    accept(change_of("never", model::kTombstonedType));
    in_all_ways([this] {
        EXPECT_EQ(met_by("a", Revision(0)), "ad");
        expect_code(append_of({.stream = "a"}), ErrorCode::kStreamDeleted);
        expect_code(append_of({.stream = "never"}), ErrorCode::kStreamDeleted);
        for (const auto type :
             {model::kMetadataType, model::kDeletedType, model::kTombstonedType}) {
            expect_code(change_of("a", type), ErrorCode::kStreamDeleted);
        }
    });
}

TEST_P(Rules2_7, AStreamThatWasNeverWrittenCannotBeDeleted) {
    const auto any = model::ExpectedRevision::any();
    const TestAppend deletion = expecting(change_of("a", model::kDeletedType), "a", any);
    expect_code(deletion, ErrorCode::kConflict);
    const auto failed = failed_checks_of(append(deletion));
    ASSERT_EQ(failed.size(), 1u);
    EXPECT_EQ(failed.front().stream, "a");
    EXPECT_EQ(failed.front().current_revision, std::nullopt);
    accept(change_of("a", model::kMetadataType));
    expect_code(deletion, ErrorCode::kConflict);
    accept(append_of({.stream = "a"}));
    accept(deletion);
}

TEST_P(Rules2_7, ADeletionDecidedInOneGroupWithAppendsHidesWhatCameBefore) {
    // Nothing waits in between: the writer decides them one after the other, in one group or not.
    std::vector<std::future<Answer>> answers;
    for (int round = 0; round < 20; ++round) {
        answers.push_back(submit(*orderer_, append_of({{.stream = "a"}, {.stream = "a"}})));
        answers.push_back(submit(*orderer_, change_of("a", model::kDeletedType)));
    }
    std::uint64_t last_delete = 0;
    std::uint64_t last_event = 0;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const Answer answer = answers[i].get();
        if (!answer) continue;  // a delete that came before the first event
        (i % 2 == 0 ? last_event : last_delete) = answer->last_position.value;
    }
    const std::string expected = last_delete > last_event ? "andx" : "aex";
    in_all_ways([&] { EXPECT_EQ(met_by("a", Revision(39)), expected); });
}

TEST_P(Rules2_7, AReplayIsLookedForAlsoInADeletedStream) {
    const TestAppend first = append_of({.stream = "a", .id = id_of(1)});
    const auto result = accept(first);
    remove("a");
    in_all_ways([&] { expect_replay(append(first), result); });
}

TEST_P(Rules2_7, AMetadataStreamTakesOnlyEventsOfItsOwn) {
    expect_code(append_of({.stream = "$$a", .type = "other"}), ErrorCode::kInvalidArgument);
    TestAppend two = change_of("a", model::kMetadataType);
    two.events.push_back({.stream = "b"});
    expect_code(two, ErrorCode::kInvalidArgument);
    TestAppend untagged = change_of("a", model::kDeletedType);
    untagged.events.front().tags.clear();
    expect_code(untagged, ErrorCode::kInvalidArgument);
}

TEST_P(Rules2_7, SurvivesAStreamTableThatForgets) {
    options_.stream_table_bytes_max = 0;
    reopen();
    accept(append_of({.stream = "a"}));
    accept(append_of({.stream = "b"}));
    remove("a");
    accept(change_of("b", model::kTombstonedType));
    for (int i = 0; i < 2'000; ++i) accept(append_of({.stream = "s" + std::to_string(i)}));
    EXPECT_EQ(met_by("a", Revision(0)), "andx");
    expect_code(append_of({.stream = "b"}), ErrorCode::kStreamDeleted);
}

// ---- all rules together ----

class AgainstTheModel : public OrdererContract {
  protected:
    using Append = commit::testing::ModelAppend;

    [[nodiscard]] TestAppend as_test_append(const Append& append) const {
        TestAppend out;
        for (const auto& event : append.events) {
            TestEvent& test = out.events.emplace_back();
            test.stream = event.stream;
            if (event.is_id_given) test.id = event.id;
            test.type = event.type;
            test.tags = event.tags;
            test.data = std::to_string(event.content);
        }
        for (const auto& [stream, expected] : append.stream_checks) {
            out.checks.emplace_back(TestStreamCheck{stream, expected});
        }
        for (const auto& query : append.queries) {
            model::QueryItem item;
            if (query.type) item.types.push_back(*query.type);
            if (query.tag) item.tags.push_back(*query.tag);
            const Position after(query.after);
            const std::uint32_t chain_bits = *orderer_->log().chain_bits_at(after);
            out.checks.emplace_back(TestQueryCheck{
                {{item}},
                model::format_token(model::make_token(orderer_->log().identity(), after, chain_bits)
                )
            });
        }
        if (append.tracking) {
            out.tracking = TestTracking{"s", "c", append.tracking->key, append.tracking->position};
        }
        return out;
    }

    static commit::testing::ModelOutcome outcome_of(const Answer& answer, const Append& append) {
        commit::testing::ModelOutcome outcome;
        if (answer && answer->is_replay) {
            outcome.kind = commit::Decision::Kind::kReplay;
            outcome.replay_first = answer->first_position.value;
        } else if (answer) {
            std::map<std::string, std::uint64_t> next;
            for (const auto& stream : answer->streams) next[stream.stream] = stream.first.value;
            for (const auto& event : append.events)
                outcome.revisions.push_back(next[event.stream]++);
        } else {
            outcome.kind = commit::Decision::Kind::kRefused;
            outcome.code = answer.error().code();
            for (const auto& failed : failed_checks_of(answer)) {
                outcome.failed_checks.push_back(failed.check_index);
            }
        }
        return outcome;
    }
};

TEST_P(AgainstTheModel, RandomAppendsAreDecidedAlikeAcrossReopenings) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937_64 random(seed);
        const auto pick = [&random](std::uint64_t bound) { return random() % bound; };
        commit::testing::RulesModel model;
        close();
        host_ = GetParam().make_host();
        open();
        for (int step = 0; step < 300; ++step) {
            if (step % 60 == 59) step % 120 == 59 ? reopen() : reopen_without_index();
            const Append append = commit::testing::random_append(model, pick);
            const auto expected = model.judge(append);
            const auto actual = outcome_of(this->append(as_test_append(append)), append);
            ASSERT_EQ(actual.kind, expected.kind) << "step " << step;
            ASSERT_TRUE(actual == expected) << "step " << step;
            if (expected.kind == commit::Decision::Kind::kAccepted) model.store(append);
        }
        expect_dense_log();
    }
}

}  // namespace annals::conformance

#define ANNALS_ORDERER_CONTRACT_OF(Suite, Name, body)                                      \
    INSTANTIATE_TEST_SUITE_P(Name, Suite, ::testing::Values(body), [](const auto& param) { \
        return param.param.name;                                                           \
    })

/// All of the contract for one body.
#define ANNALS_ORDERER_CONTRACT(Name, body)                  \
    ANNALS_ORDERER_CONTRACT_OF(AppendAnswer, Name, body);    \
    ANNALS_ORDERER_CONTRACT_OF(AgainstTheModel, Name, body); \
    ANNALS_ORDERER_CONTRACT_OF(Rules1_4, Name, body);        \
    ANNALS_ORDERER_CONTRACT_OF(Rules1_5, Name, body);        \
    ANNALS_ORDERER_CONTRACT_OF(Rules2_2, Name, body);        \
    ANNALS_ORDERER_CONTRACT_OF(Rules2_3, Name, body);        \
    ANNALS_ORDERER_CONTRACT_OF(Rules2_4, Name, body);        \
    ANNALS_ORDERER_CONTRACT_OF(Rules2_6, Name, body);        \
    ANNALS_ORDERER_CONTRACT_OF(Rules2_7, Name, body);        \
    ANNALS_ORDERER_CONTRACT_OF(Races, Name, body);           \
    ANNALS_ORDERER_CONTRACT_OF(Closing, Name, body)
