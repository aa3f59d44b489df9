// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// What an append answers, as tests of the orderer's contract.
#include <future>
#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annals/commit/testing/test_append.hpp"

#include "orderer_fixture.hpp"

namespace annals::conformance {

// ---- what an append answers ----

class AppendAnswer : public OrdererContract {};

TEST_P(AppendAnswer, HasDensePositionsAndRevisionsInOrderOfFirstMention) {
    const auto first = accept(
        append_of_all({{.stream = "b-1"}, {.stream = "a-1"}, {.stream = "b-1"}})
    );
    EXPECT_EQ(first.first_position, Position(1));
    EXPECT_EQ(first.last_position, Position(3));
    EXPECT_EQ(
        first.streams,
        (std::vector<model::StreamRevisions>{
            {"b-1", Revision(0), Revision(1)},
            {"a-1", Revision(0), Revision(0)},
        })
    );
    const auto second = accept(append_of_all({{.stream = "a-1"}, {.stream = "b-1"}}));
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
    const TestAppend named = append_of_all({{.stream = ""}, {.stream = "other-1"}});
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
    TestAppend traced = append_of_all({{.stream = "s-1"}, {.stream = "s-1"}});
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
    accept(append_of_all({{.stream = "s-1"}, {.stream = "s-1"}}));
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
    events.reserve(5'000);
    for (int i = 0; i < 5'000; ++i) {
        events.push_back({.stream = "s-" + std::to_string(i % 700), .id = id_of(std::uint64_t(i))});
    }
    const TestAppend large = append_of_all(events);
    const auto result = accept(large);
    EXPECT_EQ(result.streams.size(), 700u);
    EXPECT_EQ(result.last_position, Position(5'000));
    expect_dense_log();
    expect_replay(append(large), result);
}

}  // namespace annals::conformance
