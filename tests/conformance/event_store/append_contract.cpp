// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
// Part of the contract of api::EventStore: what append() promises.

#include <atomic>
#include <thread>

#include "event_store_fixture.hpp"

namespace annals::conformance {

TEST_P(EventStoreContract, AnAppendAnswersWithPlacesTimeAndToken) {
    const std::int64_t before = system_clock().now().value;
    const api::AppendResponse first = accept("order-1", {event_of(), event_of()});
    EXPECT_EQ(first.first_position, Position(1));
    EXPECT_EQ(first.last_position, Position(2));
    EXPECT_GE(first.recorded_time.value, before);
    EXPECT_FALSE(first.is_replay);
    EXPECT_TRUE(first.is_durable);
    EXPECT_EQ(
        first.streams, (std::vector<model::StreamRevisions>{{"order-1", Revision(0), Revision(1)}})
    );
    const api::AppendResponse second = accept("order-1", {event_of()});
    EXPECT_EQ(second.streams.front().first, Revision(2));
    EXPECT_NE(first.position, second.position);
    EXPECT_EQ(model::parse_token(second.position)->position, Position(3));
}

TEST_P(EventStoreContract, AnAppendOverManyStreamsIsAllOrNothing) {
    const api::AppendResponse both = must(
        append("", {event_in("a-1"), event_in("b-1"), event_in("a-1")})
    );
    EXPECT_EQ(
        both.streams,
        (std::vector<model::StreamRevisions>{
            {"a-1", Revision(0), Revision(1)}, {"b-1", Revision(0), Revision(0)}
        })
    );
    const auto refused = append(
        "",
        {event_in("a-1"), event_in("c-1")},
        {model::StreamCheck{"b-1", model::ExpectedRevision::no_stream()}}
    );
    expect_error(refused, ErrorCode::kConflict);
    EXPECT_EQ(positions(read_of("a-1")), (Numbers{1, 3}));
    expect_error(store().read({}, read_of("c-1")), ErrorCode::kStreamNotFound, "stream", "c-1");
}

TEST_P(EventStoreContract, ExpectedRevisionsAreWhatTheySay) {
    using Expected = model::ExpectedRevision;
    expect_error(append_expecting("a-1", Expected::exists()), ErrorCode::kConflict);
    expect_error(append_expecting("a-1", Expected::exactly(Revision(0))), ErrorCode::kConflict);
    must(append_expecting("a-1", Expected::no_stream()));
    expect_error(append_expecting("a-1", Expected::no_stream()), ErrorCode::kConflict);
    must(append_expecting("a-1", Expected::exists()));
    expect_error(append_expecting("a-1", Expected::exactly(Revision(0))), ErrorCode::kConflict);
    must(append_expecting("a-1", Expected::exactly(Revision(1))));
    must(append_expecting("a-1", Expected::any()));
    EXPECT_EQ(positions(read_of("a-1")).size(), 4u);
}

TEST_P(EventStoreContract, AConflictNamesEveryCheckThatFailedWithWhatItMet) {
    accept("a-1", {event_of(), event_of()});
    model::NewEvent tagged = event_of("seated");
    tagged.tags = {"seat:12"};
    accept("hall-1", {tagged});
    const model::Query seat{{{{"seated"}, {"seat:12"}}}};
    const auto refused = append(
        "a-1",
        {event_of()},
        {model::StreamCheck{"a-1", model::ExpectedRevision::exactly(Revision(0))},
         model::StreamCheck{"b-1", model::ExpectedRevision::any()},
         model::QueryCheck{seat, ""},
         model::StreamCheck{"c-1", model::ExpectedRevision::exists()}}
    );
    expect_error(refused, ErrorCode::kConflict);
    const auto* details = refused.error().details<model::ConflictDetails>();
    ASSERT_NE(details, nullptr);
    ASSERT_EQ(details->failed_checks.size(), 3u);
    const model::FailedCheck& revision = details->failed_checks[0];
    EXPECT_EQ(revision.kind, model::FailedCheck::Kind::kStream);
    EXPECT_EQ(revision.check_index, 0u);
    EXPECT_EQ(revision.stream, "a-1");
    EXPECT_EQ(revision.expected, model::ExpectedRevision::exactly(Revision(0)));
    EXPECT_EQ(revision.current_revision, Revision(1));
    const model::FailedCheck& query = details->failed_checks[1];
    EXPECT_EQ(query.kind, model::FailedCheck::Kind::kQuery);
    EXPECT_EQ(query.check_index, 2u);
    EXPECT_EQ(query.matching_position, Position(3));
    const model::FailedCheck& absent = details->failed_checks[2];
    EXPECT_EQ(absent.check_index, 3u);
    EXPECT_EQ(absent.stream, "c-1");
    EXPECT_EQ(absent.current_revision, std::nullopt);
}

TEST_P(EventStoreContract, AQueryCheckLooksBehindItsPositionOnly) {
    model::NewEvent tagged = event_of("seated");
    tagged.tags = {"seat:12"};
    const api::AppendResponse first = accept("hall-1", {tagged});
    const model::Query seat{{{{}, {"seat:12"}}}};
    must(append("hall-2", {event_of()}, {model::QueryCheck{seat, first.position}}));
    accept("hall-3", {tagged});
    expect_error(
        append("hall-2", {event_of()}, {model::QueryCheck{seat, first.position}}),
        ErrorCode::kConflict
    );
    const model::Query other{{{{}, {"seat:13"}}}};
    must(append("hall-2", {event_of()}, {model::QueryCheck{other, ""}}));
}

TEST_P(EventStoreContract, AQueryCheckAfterAForeignOrFutureTokenIsAnError) {
    const std::string token = accept("a-1", {event_of()}).position;
    const model::Query query{{{{"happened"}, {}}}};
    const std::string future = forged(token, [](auto& t) { t.position = Position(50); });
    const std::string foreign = forged(token, [](auto& t) { t.log_id_bits ^= 1u; });
    expect_error(
        append("a-1", {event_of()}, {model::QueryCheck{query, future}}),
        ErrorCode::kTokenBeyondEnd,
        "field",
        "checks[0].after"
    );
    const auto refused = append("a-1", {event_of()}, {model::QueryCheck{query, foreign}});
    expect_error(refused, ErrorCode::kTokenUnknown, "field", "checks[0].after");
    const std::string message(refused.error().message());
    EXPECT_NE(message.find("start again from a token of this log"), std::string::npos) << message;
}

TEST_P(EventStoreContract, TheSameEventsAgainAreAReplay) {
    model::NewEvent event = event_of();
    event.id = make_uuid_v4();
    const api::AppendResponse first = accept("a-1", {event});
    accept("a-1", {event_of()});
    const api::AppendResponse again = accept("a-1", {event});
    EXPECT_TRUE(again.is_replay);
    EXPECT_EQ(again.first_position, first.first_position);
    EXPECT_EQ(again.last_position, first.last_position);
    EXPECT_EQ(again.position, first.position);
    EXPECT_EQ(again.streams, first.streams);
    EXPECT_EQ(again.recorded_time, first.recorded_time);
    event.data = "{\"other\":1}";
    expect_error(append("a-1", {event}), ErrorCode::kIdConflict);
    const api::AppendResponse elsewhere = accept("b-1", {event});
    EXPECT_FALSE(elsewhere.is_replay) << "an id is one event within its stream";
}

TEST_P(EventStoreContract, AnIdempotencyKeyAloneMakesAReplay) {
    model::AppendRequest request;
    request.stream = "a-1";
    request.events = {event_of(), event_of("closed")};
    request.idempotency_key = "key-1";
    const api::AppendResponse first = must(store().append_and_wait({}, request));
    const api::AppendResponse again = must(store().append_and_wait({}, request));
    EXPECT_TRUE(again.is_replay);
    EXPECT_EQ(again.position, first.position);
    request.events[1].data = "[]";
    expect_error(
        store().append_and_wait({}, request), ErrorCode::kIdConflict, "field", "idempotency_key"
    );
    request.events.resize(1);
    expect_error(
        store().append_and_wait({}, request), ErrorCode::kIdConflict, "field", "idempotency_key"
    );
    EXPECT_EQ(positions(read_of("a-1")), (Numbers{1, 2}));
}

/// log-and-rules 2.2: an id is one of its stream.
TEST_P(EventStoreContract, AnIdempotencyKeyStandsWithinTheStreamsOfTheAppend) {
    model::AppendRequest request;
    request.stream = "a-1";
    request.events = {event_of()};
    request.idempotency_key = "key-1";
    must(store().append_and_wait({}, request));
    request.stream = "b-1";
    EXPECT_FALSE(must(store().append_and_wait({}, request)).is_replay);
    request.stream = {};
    request.events = {event_in("a-1"), event_in("c-1")};
    expect_error(
        store().append_and_wait({}, request), ErrorCode::kIdConflict, "field", "idempotency_key"
    );
    EXPECT_EQ(positions(read_of("")), (Numbers{1, 2}));
}

TEST_P(EventStoreContract, TrackingRisesForEachConsumerAndKey) {
    model::AppendRequest request;
    request.stream = "a-1";
    request.events = {event_of()};
    request.tracking = model::Tracking{"orders", "billing", "7", 10};
    const api::AppendResponse first = must(store().append_and_wait({}, request));
    request.tracking->position = 9;
    expect_error(store().append_and_wait({}, request), ErrorCode::kAlreadyTracked);
    request.tracking->position = 11;
    must(store().append_and_wait({}, request));
    request.tracking = model::Tracking{"orders", "billing", "8", 1};
    must(store().append_and_wait({}, request));
    request.tracking = model::Tracking{"orders", "shipping", "7", 1};
    EXPECT_EQ(must(store().append_and_wait({}, request)).last_position, Position(4));
}

TEST_P(EventStoreContract, AdmissionNamesTheFieldThatIsWrong) {
    model::NewEvent twice = event_of();
    twice.tags = {"a:1", "a:1"};
    expect_error(
        append("a-1", {event_of(), twice}),
        ErrorCode::kInvalidArgument,
        "field",
        "events[1].tags[1]"
    );
    expect_error(append("$a", {event_of()}), ErrorCode::kNotPermitted, "field", "stream");
    expect_error(append("a\n", {event_of()}), ErrorCode::kInvalidArgument, "field", "stream");
    expect_error(
        append("", {event_of()}), ErrorCode::kInvalidArgument, "field", "events[0].stream"
    );
    expect_error(append("a-1", {}), ErrorCode::kInvalidArgument, "field", "events");
    expect_error(
        append("a-1", {event_of("")}), ErrorCode::kInvalidArgument, "field", "events[0].type"
    );
    expect_error(
        append("a-1", {event_of()}, {model::QueryCheck{{}, ""}}),
        ErrorCode::kInvalidArgument,
        "field",
        "checks[0].query"
    );
    const std::string large(model::Limits::kMetadataBytesMax + 1, 'm');
    model::NewEvent heavy = event_of();
    heavy.metadata = large;
    expect_error(append("a-1", {heavy}), ErrorCode::kLimitExceeded, "field", "events[0].metadata");
    EXPECT_TRUE(read(read_of("")).events.empty()) << "nothing was stored";
}

TEST_P(EventStoreContract, TakesAnEventOfNearlyAllThatIsAllowed) {
    const std::string data(model::Limits::kEventBytesMax - (1u << 16u), 'x');
    accept("a-1", {event_of("large", data)});
    const api::ReadPage page = read(read_of("a-1"));
    const auto events = page.events.decode();
    ASSERT_EQ(events->size(), 1u);
    EXPECT_TRUE(events->front().data == data);
}

TEST_P(EventStoreContract, OfManyWritersOnOneRevisionExactlyOneWins) {
    constexpr int kRounds = 10;
    constexpr int kWriters = 8;
    for (int round = 0; round < kRounds; ++round) {
        const auto expected = round == 0 ? model::ExpectedRevision::no_stream()
                                         : model::ExpectedRevision::exactly(
                                               Revision(std::uint64_t(round) - 1)
                                           );
        std::atomic<int> wins = 0;
        std::atomic<int> conflicts = 0;
        std::vector<std::thread> writers;
        writers.reserve(kWriters);
        for (int writer = 0; writer < kWriters; ++writer) {
            writers.emplace_back([&] {
                const auto answer = append_expecting("a-1", expected);
                if (answer) ++wins;
                if (!answer && answer.error().code() == ErrorCode::kConflict) ++conflicts;
            });
        }
        for (std::thread& writer : writers) writer.join();
        EXPECT_EQ(wins, 1);
        EXPECT_EQ(conflicts, kWriters - 1);
    }
}

TEST_P(EventStoreContract, OfManyWritersOnOneQueryExactlyOneWins) {
    constexpr int kWriters = 8;
    std::atomic<int> wins = 0;
    std::vector<std::thread> writers;
    writers.reserve(kWriters);
    for (int writer = 0; writer < kWriters; ++writer) {
        writers.emplace_back([&, writer] {
            const std::string stream = "seat-" + std::to_string(writer);
            model::NewEvent event = event_of("seated");
            event.tags = {"seat:1"};
            const model::Query taken{{{{"seated"}, {"seat:1"}}}};
            if (append(stream, {event}, {model::QueryCheck{taken, ""}})) ++wins;
        });
    }
    for (std::thread& writer : writers) writer.join();
    EXPECT_EQ(wins, 1);
}

}  // namespace annals::conformance
