// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
// Part of the contract of api::EventStore: what reads, lists and info promise.

#include "event_store_fixture.hpp"

namespace annals::conformance {

TEST_P(EventStoreContract, AnEventComesBackAsItWasGiven) {
    model::NewEvent given;
    given.id = make_uuid_v4();
    given.type = "größe-geändert";
    given.content_type = "application/cbor";
    given.valid_time = model::ValidTime{TimeNs(-5'000'000'000), -210};
    given.schema_id = 77;
    given.actor = "zoë";
    given.correlation_id = "correlation";
    given.causation_id = "causation";
    given.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    given.tracestate = "a=b";
    given.tags = {"customer:7", "region:eu"};
    given.dialect = {{"eskit.version", "001"}};
    given.metadata = std::string_view("\0meta\xFF", 6);
    given.data = std::string_view("\0data\xFF", 6);
    const api::AppendResponse stored = accept("order-1", {given});
    const api::ReadPage page = read(read_of("order-1"));
    const auto events = page.events.decode();
    ASSERT_EQ(events->size(), 1u);
    const model::RecordedEvent& event = events->front();
    EXPECT_EQ(event.stream, "order-1");
    EXPECT_EQ(event.id, given.id);
    EXPECT_EQ(event.type, given.type);
    EXPECT_EQ(event.content_type, given.content_type);
    EXPECT_EQ(event.valid_time, given.valid_time);
    EXPECT_EQ(event.schema_id, given.schema_id);
    EXPECT_EQ(event.actor, given.actor);
    EXPECT_EQ(event.correlation_id, given.correlation_id);
    EXPECT_EQ(event.causation_id, given.causation_id);
    EXPECT_EQ(event.traceparent, given.traceparent);
    EXPECT_EQ(event.tracestate, given.tracestate);
    EXPECT_EQ(event.tags, given.tags);
    EXPECT_EQ(event.dialect, given.dialect);
    EXPECT_EQ(event.metadata, given.metadata);
    EXPECT_EQ(event.data, given.data);
    EXPECT_EQ(event.position, Position(1));
    EXPECT_EQ(event.revision, Revision(0));
    EXPECT_EQ(event.recorded_time, stored.recorded_time);
}

TEST_P(EventStoreContract, AnEventWithoutAnIdGetsAUuid7) {
    accept("a-1", {event_of(), event_of()});
    const api::ReadPage page = read(read_of("a-1"));
    const auto events = page.events.decode();
    ASSERT_EQ(events->size(), 2u);
    for (const model::RecordedEvent& event : *events) EXPECT_EQ(event.id.bytes[6] >> 4u, 7);
    EXPECT_LT(events->front().id, events->back().id);
}

TEST_P(EventStoreContract, AStreamIsReadFromAnyStartInBothDirections) {
    accept_each({"a-1", "b-1", "a-1", "b-1", "a-1"});
    const auto at = [](std::uint64_t revision) { return api::FromRevision{Revision(revision)}; };
    EXPECT_EQ(positions(read_of("a-1")), (Numbers{1, 3, 5}));
    EXPECT_EQ(positions(read_back("a-1")), (Numbers{5, 3, 1}));
    EXPECT_EQ(positions(read_of("a-1", at(1))), (Numbers{3, 5}));
    EXPECT_EQ(positions(read_back("a-1", at(1))), (Numbers{3, 1}));
    EXPECT_EQ(positions(read_of("a-1", at(7))), Numbers{});
    EXPECT_EQ(positions(read_back("a-1", at(7))), (Numbers{5, 3, 1}));
    EXPECT_EQ(positions(read_of("a-1", api::FromPosition{Position(2)})), (Numbers{3, 5}));
    EXPECT_EQ(positions(read_back("a-1", api::FromPosition{Position(4)})), (Numbers{3, 1}));
    const std::string third = token_at(Position(3));
    EXPECT_EQ(positions(read_of("a-1", api::AfterToken{third})), Numbers{5});
    EXPECT_EQ(positions(read_back("a-1", api::AfterToken{third})), Numbers{1});
}

TEST_P(EventStoreContract, EverythingIsReadFromAnyStartInBothDirections) {
    accept_each({"a-1", "b-1", "a-2", "b-2", "a-3"});
    EXPECT_EQ(positions(read_of("")), (Numbers{1, 2, 3, 4, 5}));
    EXPECT_EQ(positions(read_back("")), (Numbers{5, 4, 3, 2, 1}));
    EXPECT_EQ(positions(read_of("", api::FromPosition{Position(4)})), (Numbers{4, 5}));
    EXPECT_EQ(positions(read_back("", api::FromPosition{Position(2)})), (Numbers{2, 1}));
    const std::string third = token_at(Position(3));
    EXPECT_EQ(positions(read_of("", api::AfterToken{third})), (Numbers{4, 5}));
    EXPECT_EQ(positions(read_back("", api::AfterToken{third})), (Numbers{2, 1}));
}

TEST_P(EventStoreContract, AReadBeginsAtATime) {
    const TimeNs first = accept("a-1", {event_of()}).recorded_time;
    // Recorded time never falls; wait until it has risen.
    TimeNs second = first;
    std::uint64_t position = 1;
    while (second == first) {
        second = accept("a-1", {event_of()}).recorded_time;
        ++position;
    }
    EXPECT_EQ(positions(read_of("a-1", api::FromTime{second})), Numbers{position});
    EXPECT_EQ(positions(read_of("", api::FromTime{second})), Numbers{position});
    EXPECT_EQ(positions(read_back("", api::FromTime{second})).front(), position - 1);
    EXPECT_EQ(positions(read_of("", api::FromTime{TimeNs(0)})).front(), 1u);
    EXPECT_EQ(positions(read_of("", api::FromTime{TimeNs(second.value + 1)})), Numbers{});
    EXPECT_EQ(positions(read_back("", api::FromTime{first})), Numbers{});
}

TEST_P(EventStoreContract, AFilterSelectsByCategoryTypePrefixAndTags) {
    const auto tagged = [](std::string_view stream, std::string_view type, std::string_view tag) {
        model::NewEvent event = event_in(stream, type);
        event.tags = {tag, "all:1"};
        return event;
    };
    must(append(
        "",
        {
            tagged("order-1", "placed", "customer:1"),
            tagged("order-2", "placed", "customer:2"),
            tagged("order-1", "paid", "customer:1"),
            tagged("cart-1", "placed", "customer:1"),
        }
    ));
    const auto matching = [&](auto change) {
        api::ReadRequest request;
        change(request.filter);
        return positions(request);
    };
    EXPECT_EQ(matching([](auto& f) { f.categories = {"order"}; }), (Numbers{1, 2, 3}));
    EXPECT_EQ(matching([](auto& f) { f.categories = {"order", "cart"}; }), (Numbers{1, 2, 3, 4}));
    EXPECT_EQ(matching([](auto& f) { f.types = {"paid", "unknown"}; }), Numbers{3});
    EXPECT_EQ(matching([](auto& f) { f.stream_prefixes = {"order-1", "c"}; }), (Numbers{1, 3, 4}));
    EXPECT_EQ(matching([](auto& f) { f.tags = {"customer:1", "all:1"}; }), (Numbers{1, 3, 4}));
    EXPECT_EQ(matching([](auto& f) { f.tags = {"customer:1", "customer:2"}; }), Numbers{});
    EXPECT_EQ(
        matching([](auto& f) {
            f.categories = {"order"};
            f.types = {"placed"};
            f.tags = {"customer:1"};
        }),
        Numbers{1}
    );
}

TEST_P(EventStoreContract, AFilterSelectsByPatternsOfStreamAndType) {
    must(append(
        "",
        {
            event_in("order-1", "placed"),
            event_in("order-20", "größe-geändert"),
            event_in("cart-1", "placed"),
        }
    ));
    const auto matching = [&](std::string stream, std::string type) {
        api::ReadRequest request;
        request.filter.stream_pattern = std::move(stream);
        request.filter.type_pattern = std::move(type);
        return positions(request);
    };
    EXPECT_EQ(matching("^order-[0-9]$", ""), Numbers{1});
    EXPECT_EQ(matching("-1", ""), (Numbers{1, 3}));
    EXPECT_EQ(matching("", "^gr.ße-"), Numbers{2});
    EXPECT_EQ(matching("r-", "place"), Numbers{1});
    EXPECT_EQ(matching("", "."), (Numbers{1, 2, 3}));
    api::ReadRequest both;
    both.filter.categories = {"order"};
    both.filter.stream_pattern = "0$";
    EXPECT_EQ(positions(both), Numbers{2});
}

TEST_P(EventStoreContract, APatternThatIsNoneOrTakesTooLongIsATypedError) {
    accept("long-" + std::string(200, 'a') + "!", {event_of()});
    api::ReadRequest request;
    request.filter.stream_pattern = "(";
    expect_error(
        store().read({}, request), ErrorCode::kInvalidArgument, "field", "filter.stream_pattern"
    );
    request.filter.stream_pattern = "^long-(a+)+$";
    expect_error(
        store().read({}, request), ErrorCode::kInvalidArgument, "field", "filter.stream_pattern"
    );
    expect_error(
        subscription_error(subscribe_with(request.filter)),
        ErrorCode::kInvalidArgument,
        "field",
        "filter.stream_pattern"
    );
}

TEST_P(EventStoreContract, PagesFollowEachOtherWithoutGapOrRepetition) {
    constexpr std::uint64_t kEvents = 57;
    Numbers all;
    Numbers in_stream;
    for (std::uint64_t i = 1; i <= kEvents; ++i) {
        accept(i % 3 == 0 ? "b-1" : "a-1", {event_of()});
        all.push_back(i);
        if (i % 3 == 0) in_stream.push_back(i);
    }
    for (const std::uint32_t limit : {1u, 7u, 19u, 57u, 100u}) {
        for (const bool is_forwards : {true, false}) {
            api::ReadRequest everything = is_forwards ? read_of("") : read_back("");
            api::ReadRequest stream = is_forwards ? read_of("b-1") : read_back("b-1");
            everything.limit = stream.limit = limit;
            Numbers expected = all;
            Numbers expected_in_stream = in_stream;
            if (!is_forwards) {
                expected.assign(all.rbegin(), all.rend());
                expected_in_stream.assign(in_stream.rbegin(), in_stream.rend());
            }
            EXPECT_EQ(all_positions(everything), expected);
            EXPECT_EQ(all_positions(stream), expected_in_stream);
        }
    }
}

TEST_P(EventStoreContract, APageSaysUpToWhereItSpeaksAndWhereToGoOn) {
    accept("a-1", {event_of(), event_of(), event_of()});
    const std::string end = accept("b-1", {event_of()}).position;
    api::ReadRequest request = read_of("a-1");
    request.limit = 2;
    const api::ReadPage first = read(request);
    EXPECT_EQ(first.position, end);
    EXPECT_FALSE(first.is_end);
    EXPECT_EQ(first.next, token_at(Position(2)));
    EXPECT_EQ(first.last_revision, Revision(2));
    request.start = api::AfterToken{first.next};
    const api::ReadPage last = read(request);
    EXPECT_TRUE(last.is_end);
    EXPECT_EQ(last.next, "") << "a stream's read is over";
    const api::ReadPage everything = read(read_of(""));
    EXPECT_TRUE(everything.is_end);
    EXPECT_EQ(everything.next, end) << "everything can be gone on with later";
    EXPECT_EQ(everything.last_revision, std::nullopt);
    accept("c-1", {event_of()});
    EXPECT_EQ(positions(read_of("", api::AfterToken{everything.next})), Numbers{5});
}

TEST_P(EventStoreContract, AReaderSeesItsOwnWrites) {
    for (int i = 0; i < 20; ++i) {
        const api::AppendResponse written = accept("a-1", {event_of()});
        api::ReadRequest request = read_back("a-1");
        request.limit = 1;
        request.min_position = written.position;
        request.max_wait_ms = 10'000;
        EXPECT_EQ(positions(request), Numbers{written.last_position.value});
        const api::ReadRequest without_wait = read_of("a-1");
        EXPECT_EQ(positions(without_wait).size(), std::size_t(i) + 1) << "an answer is visible";
    }
}

TEST_P(EventStoreContract, AMinimumPositionThatIsNotReachedIsATypedError) {
    const std::string token = accept("a-1", {event_of()}).position;
    api::ReadRequest request = read_of("a-1");
    request.min_position = forged(token, [](auto& t) { t.position = Position(9); });
    request.max_wait_ms = 20;
    expect_error(
        store().read({}, request), ErrorCode::kPositionNotReached, "field", "min_position"
    );
    request.min_position = forged(token, [](auto& t) { t.log_id_bits ^= 1u; });
    expect_error(store().read({}, request), ErrorCode::kTokenUnknown, "field", "min_position");
    request.min_position = "nonsense";
    expect_error(store().read({}, request), ErrorCode::kInvalidArgument, "field", "min_position");
}

TEST_P(EventStoreContract, ATokenThatIsNotOfThisLogIsATypedError) {
    const std::string token = accept("a-1", {event_of()}).position;
    const auto after = [&](const std::string& text) {
        return store().read({}, read_of("", api::AfterToken{text}));
    };
    expect_error(
        after(forged(token, [](auto& t) { t.log_id_bits ^= 1u; })),
        ErrorCode::kTokenUnknown,
        "field",
        "after"
    );
    expect_error(
        after(forged(token, [](auto& t) { t.chain_bits ^= 1u; })),
        ErrorCode::kTokenUnknown,
        "position",
        "1"
    );
    expect_error(
        after(forged(token, [](auto& t) { t.position = Position(5); })),
        ErrorCode::kTokenBeyondEnd,
        "end",
        "1"
    );
    expect_error(after("nonsense"), ErrorCode::kInvalidArgument, "field", "after");
    must(after(forged(token, [](auto& t) { t.incarnation += 1; })));
    expect_error(
        store().read({}, read_of("", api::FromPosition{Position(5)})), ErrorCode::kTokenBeyondEnd
    );
}

TEST_P(EventStoreContract, ARequestOutsideOfTheLimitsIsATypedError) {
    accept("a-1", {event_of()});
    api::ReadRequest request = read_of("a-1");
    request.limit = model::Limits::kReadEventsMax + 1;
    expect_error(store().read({}, request), ErrorCode::kLimitExceeded, "limit", "4096");
    request = read_of("a-1");
    request.filter.categories = {"a"};
    expect_error(
        store().read({}, request), ErrorCode::kInvalidArgument, "field", "filter.categories"
    );
    request = read_of("");
    request.filter.recorded_since = request.filter.recorded_until = TimeNs(1);
    expect_error(
        store().read({}, request), ErrorCode::kInvalidArgument, "field", "filter.recorded_until"
    );
    request = read_of("");
    request.filter.tags = {"no-colon"};
    expect_error(store().read({}, request), ErrorCode::kInvalidArgument, "field", "filter.tags");
    expect_error(store().read({}, read_of("a\n")), ErrorCode::kInvalidArgument, "field", "stream");
    expect_error(
        store().read({}, read_of("", api::FromRevision{Revision(0)})),
        ErrorCode::kInvalidArgument,
        "field",
        "from_revision"
    );
}

TEST_P(EventStoreContract, AStreamThatNeverWasIsNotFound) {
    expect_error(store().read({}, read_of("a-1")), ErrorCode::kStreamNotFound, "stream", "a-1");
    expect_error(store().read({}, read_back("a-1")), ErrorCode::kStreamNotFound, "stream", "a-1");
    expect_error(store().get_stream({}, "a-1"), ErrorCode::kStreamNotFound, "stream", "a-1");
}

TEST_P(EventStoreContract, TryReadGivesTheAnswerOfReadOrNone) {
    accept_each({"a-1", "b-1", "a-1"});
    for (const api::ReadRequest& request : {read_of("a-1"), read_back("a-1"), read_of("")}) {
        const auto quick = store().try_read({}, request);
        if (!quick) continue;
        EXPECT_EQ(positions_of(must(*quick).events), positions(request));
    }
}

TEST_P(EventStoreContract, AnEventIsFoundByItsId) {
    model::NewEvent event = event_of();
    event.id = make_uuid_v4();
    accept_each({"a-1"});
    accept("a-1", {event});
    accept("b-1", {event});
    EXPECT_EQ(positions_of(must(store().get_event({}, event.id)).events), (Numbers{2, 3}));
    const Uuid unknown = make_uuid_v4();
    expect_error(
        store().get_event({}, unknown), ErrorCode::kEventNotFound, "id", unknown.to_string()
    );
}

TEST_P(EventStoreContract, NamesAreListedInOrderWithCounts) {
    must(append(
        "",
        {
            event_in("order-2", "placed"),
            event_in("order-1", "placed"),
            event_in("cart-1", "opened"),
            event_in("order-2", "paid"),
            event_in("plain", "placed"),
        }
    ));
    std::vector<std::string> names;
    std::string after;
    while (true) {
        const api::StreamList list = must(store().list_streams({}, list_of("", after, 2)));
        EXPECT_FALSE(list.position.empty());
        for (const api::StreamSummary& stream : list.streams) names.push_back(stream.name);
        if (list.streams.size() < 2) break;
        after = list.streams.back().name;
    }
    EXPECT_EQ(names, (std::vector<std::string>{"cart-1", "order-1", "order-2", "plain"}));
    const api::StreamList orders = must(store().list_streams({}, list_of("order-")));
    ASSERT_EQ(orders.streams.size(), 2u);
    EXPECT_EQ(orders.streams[1].name, "order-2");
    EXPECT_EQ(orders.streams[1].events, 2u);
    EXPECT_EQ(orders.streams[1].last_position, Position(4));
    const api::CategoryList categories = must(store().list_categories({}, list_of("")));
    ASSERT_EQ(categories.categories.size(), 2u);
    EXPECT_EQ(categories.categories[1].name, "order");
    EXPECT_EQ(categories.categories[1].streams, 2u);
    EXPECT_EQ(categories.categories[1].events, 3u);
    EXPECT_EQ(categories.categories[1].last_position, Position(4));
    const api::StreamList types = must(store().list_types({}, list_of("p")));
    ASSERT_EQ(types.streams.size(), 2u);
    EXPECT_EQ(types.streams[1].name, "placed");
    EXPECT_EQ(types.streams[1].events, 3u);
    expect_error(
        store().list_streams({}, list_of("", "", 5'000)), ErrorCode::kLimitExceeded, "limit", "4096"
    );
}

TEST_P(EventStoreContract, AStreamIsDescribed) {
    const TimeNs first = accept("order-1", {event_of()}).recorded_time;
    const api::AppendResponse last = accept("order-1", {event_of(), event_of()});
    const api::StreamInfo info = must(store().get_stream({}, "order-1"));
    EXPECT_EQ(info.name, "order-1");
    EXPECT_EQ(info.events, 3u);
    EXPECT_EQ(info.first_revision, Revision(0));
    EXPECT_EQ(info.last_revision, Revision(2));
    EXPECT_EQ(info.last_position, Position(3));
    EXPECT_EQ(info.first_time, first);
    EXPECT_EQ(info.last_time, last.recorded_time);
    EXPECT_FALSE(info.is_deleted);
}

TEST_P(EventStoreContract, InfoSaysWhatTheServerIs) {
    const api::AppendResponse written = accept("a-1", {event_of()});
    const api::ServerInfo info = must(store().info({}));
    EXPECT_FALSE(info.version.empty());
    EXPECT_TRUE(Uuid::parse(info.log_id).has_value());
    EXPECT_GE(info.incarnation, 1u);
    EXPECT_EQ(info.last_position, Position(1));
    EXPECT_EQ(info.position, written.position);
    EXPECT_FALSE(info.durability.empty());
    EXPECT_FALSE(info.is_read_only);
    EXPECT_GT(info.started_time.value, 0);
}

}  // namespace annals::conformance
