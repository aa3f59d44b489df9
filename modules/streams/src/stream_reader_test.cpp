// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/streams/stream_reader.hpp"

#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

#include "annals/model/limits.hpp"
#include "annals/streams/testing/fake_orderer.hpp"
#include "annals/streams/testing/random_events.hpp"

namespace annals::streams {
namespace {

using api::AfterToken;
using api::Direction;
using api::FromPosition;
using api::FromRevision;
using api::FromTime;
using testing::RandomEvents;
using testing::TestEvent;

TestEvent event_of(
    std::string stream, std::string type = "happened", std::vector<std::string> tags = {}
) {
    TestEvent event;
    event.stream = std::move(stream);
    event.type = std::move(type);
    event.tags = std::move(tags);
    return event;
}

class StreamReaderTest : public ::testing::Test {
  protected:
    void append(TestEvent event) {
        std::vector<TestEvent> events;
        events.push_back(std::move(event));
        orderer_.append(events);
        all_.push_back(events.front());
        orderer_.clock.pass(1'000);
    }
    api::ReadPage read(const api::ReadRequest& request) {
        Result<api::ReadPage> page = reader_.read({}, request);
        if (!page) ADD_FAILURE() << page.error().to_string();
        return page ? std::move(*page) : api::ReadPage();
    }
    ErrorCode error_of(const api::ReadRequest& request) {
        const Result<api::ReadPage> page = reader_.read({}, request);
        EXPECT_FALSE(page.has_value());
        return page ? ErrorCode::kInternal : page.error().code();
    }
    static std::vector<std::uint64_t> positions(const api::ReadPage& page) {
        std::vector<std::uint64_t> positions;
        const auto events = page.events.decode();
        EXPECT_TRUE(events.has_value());
        for (const model::RecordedEvent& event : *events) positions.push_back(event.position.value);
        return positions;
    }
    std::string token(Position position) {
        Tokens tokens(orderer_);
        return *tokens.at(position);
    }

    testing::FakeOrderer orderer_;
    StreamReader reader_{orderer_};
    std::vector<TestEvent> all_;
};

using Numbers = std::vector<std::uint64_t>;

TEST_F(StreamReaderTest, GivesWhatWasStored) {
    TestEvent placed = event_of("order-1", "placed", {"customer:7"});
    placed.data = R"({"total":3})";
    append(placed);
    const api::ReadPage page = read({.stream = "order-1"});
    const auto events = page.events.decode();
    ASSERT_EQ(events->size(), 1u);
    const model::RecordedEvent& event = events->front();
    EXPECT_EQ(event.stream, "order-1");
    EXPECT_EQ(event.type, "placed");
    EXPECT_EQ(event.data, R"({"total":3})");
    EXPECT_EQ(event.tags.front(), "customer:7");
    EXPECT_EQ(event.id, all_.front().id);
    EXPECT_EQ(event.position, Position(1));
    EXPECT_EQ(event.revision, Revision(0));
    EXPECT_EQ(event.recorded_time, all_.front().recorded_time);
}

TEST_F(StreamReaderTest, ReadsAStreamFromAnyStartInBothDirections) {
    for (const char* stream : {"a-1", "b-1", "a-1", "b-1", "a-1"}) append(event_of(stream));
    // a-1 has 1, 3 and 5.
    const auto from = [&](api::ReadStart start, Direction direction) {
        return positions(read({.stream = "a-1", .direction = direction, .start = std::move(start)})
        );
    };
    const auto up = Direction::kForwards;
    const auto down = Direction::kBackwards;
    EXPECT_EQ(from({}, up), (Numbers{1, 3, 5}));
    EXPECT_EQ(from({}, down), (Numbers{5, 3, 1}));
    EXPECT_EQ(from(FromRevision{Revision(1)}, up), (Numbers{3, 5}));
    EXPECT_EQ(from(FromRevision{Revision(1)}, down), (Numbers{3, 1}));
    EXPECT_EQ(from(FromRevision{Revision(9)}, up), Numbers{});
    EXPECT_EQ(from(FromRevision{Revision(9)}, down), (Numbers{5, 3, 1}));
    EXPECT_EQ(from(FromPosition{Position(2)}, up), (Numbers{3, 5}));
    EXPECT_EQ(from(FromPosition{Position(3)}, up), (Numbers{3, 5}));
    EXPECT_EQ(from(FromPosition{Position(4)}, down), (Numbers{3, 1}));
    EXPECT_EQ(from(FromPosition{Position(3)}, down), (Numbers{3, 1}));
    EXPECT_EQ(from(AfterToken{token(Position(3))}, up), (Numbers{5}));
    EXPECT_EQ(from(AfterToken{token(Position(2))}, up), (Numbers{3, 5}));
    EXPECT_EQ(from(AfterToken{token(Position(0))}, up), (Numbers{1, 3, 5}));
    EXPECT_EQ(from(AfterToken{token(Position(3))}, down), (Numbers{1}));
    EXPECT_EQ(from(AfterToken{token(Position(1))}, down), Numbers{});
    EXPECT_EQ(from(AfterToken{token(Position(0))}, down), Numbers{});
    EXPECT_EQ(from(AfterToken{token(Position(5))}, up), Numbers{});
    EXPECT_EQ(from(FromTime{all_[1].recorded_time}, up), (Numbers{3, 5}));
    EXPECT_EQ(from(FromTime{all_[2].recorded_time}, up), (Numbers{3, 5}));
    EXPECT_EQ(from(FromTime{all_[2].recorded_time}, down), (Numbers{1}));
    EXPECT_EQ(from(FromTime{TimeNs(all_[4].recorded_time.value + 1)}, up), Numbers{});
    EXPECT_EQ(from(FromTime{TimeNs(0)}, down), Numbers{});
}

TEST_F(StreamReaderTest, SaysWhereAStreamEnds) {
    for (int i = 0; i < 3; ++i) append(event_of("a-1"));
    append(event_of("b-1"));
    api::ReadPage page = read({.stream = "a-1", .limit = 2});
    EXPECT_FALSE(page.is_end);
    EXPECT_EQ(page.next, token(Position(2)));
    EXPECT_EQ(page.last_revision, Revision(2));
    EXPECT_EQ(page.position, token(Position(4)));
    page = read({.stream = "a-1", .start = AfterToken{page.next}, .limit = 1});
    EXPECT_TRUE(page.is_end) << "the limit and the end fall together";
    EXPECT_EQ(page.next, "");
}

TEST_F(StreamReaderTest, KnowsNoStreamThatNeverWas) {
    append(event_of("a-1"));
    const Result<api::ReadPage> page = reader_.read({}, {.stream = "a-2"});
    ASSERT_FALSE(page.has_value());
    EXPECT_EQ(page.error().code(), ErrorCode::kStreamNotFound);
    EXPECT_EQ(page.error().field("stream"), "a-2");
    EXPECT_EQ(reader_.get_stream("a-2").error().code(), ErrorCode::kStreamNotFound);
}

TEST_F(StreamReaderTest, ShowsNothingBeyondTheVisibleEnd) {
    append(event_of("a-1"));
    std::vector<TestEvent> hidden = {event_of("a-1"), event_of("c-1")};
    orderer_.append(hidden, false);
    EXPECT_EQ(positions(read({.stream = "a-1"})), (Numbers{1}));
    EXPECT_EQ(positions(read({.stream = "a-1", .direction = Direction::kBackwards})), (Numbers{1}));
    EXPECT_EQ(read({.stream = "a-1"}).last_revision, Revision(0));
    EXPECT_EQ(positions(read({})), (Numbers{1}));
    EXPECT_EQ(error_of({.stream = "c-1"}), ErrorCode::kStreamNotFound);
    EXPECT_EQ(reader_.get_stream("a-1")->events, 1u);
    EXPECT_EQ(reader_.get_event(hidden.back().id).error().code(), ErrorCode::kEventNotFound);
    orderer_.show_all();
    EXPECT_EQ(positions(read({.stream = "a-1"})), (Numbers{1, 2}));
    EXPECT_EQ(positions(read({})), (Numbers{1, 2, 3}));
}

TEST_F(StreamReaderTest, HidesStreamsOfTheServerUnlessAsked) {
    append(event_of("$settings-1"));
    append(event_of("a-1"));
    EXPECT_EQ(positions(read({})), (Numbers{2}));
    model::Filter with_system;
    with_system.include_system = true;
    EXPECT_EQ(positions(read({.filter = with_system})), (Numbers{1, 2}));
    EXPECT_EQ(positions(read({.stream = "$settings-1"})), (Numbers{1}));
    EXPECT_EQ(reader_.list_streams({})->streams.size(), 1u);
    EXPECT_EQ(reader_.list_streams({.prefix = "$"})->streams.size(), 1u);
    EXPECT_EQ(reader_.list_categories({})->categories.size(), 1u);
}

TEST_F(StreamReaderTest, RefusesAStartThatIsNotOfThisLog) {
    append(event_of("a-1"));
    model::PositionToken foreign = *model::parse_token(token(Position(1)));
    foreign.log_id_bits ^= 1u;
    EXPECT_EQ(
        error_of({.start = AfterToken{model::format_token(foreign)}}), ErrorCode::kTokenUnknown
    );
    model::PositionToken other_life = *model::parse_token(token(Position(1)));
    other_life.chain_bits ^= 1u;
    EXPECT_EQ(
        error_of({.start = AfterToken{model::format_token(other_life)}}), ErrorCode::kTokenUnknown
    );
    model::PositionToken future = *model::parse_token(token(Position(1)));
    future.position = Position(99);
    EXPECT_EQ(
        error_of({.start = AfterToken{model::format_token(future)}}), ErrorCode::kTokenBeyondEnd
    );
    EXPECT_EQ(error_of({.start = AfterToken{"no token"}}), ErrorCode::kInvalidArgument);
    EXPECT_EQ(error_of({.start = FromPosition{Position(3)}}), ErrorCode::kTokenBeyondEnd);
    EXPECT_EQ(error_of({.start = FromRevision{Revision(0)}}), ErrorCode::kInvalidArgument);
    EXPECT_EQ(read({.start = FromPosition{Position(2)}}).events.size(), 0u)
        << "where the next event will be";
    const Result<api::ReadPage> page = reader_.read(
        {}, {.start = AfterToken{model::format_token(future)}}
    );
    EXPECT_EQ(page.error().field("field"), "after");
    EXPECT_EQ(page.error().field("end"), "1");
}

TEST_F(StreamReaderTest, RefusesRequestsOutsideOfTheLimits) {
    append(event_of("a-1"));
    EXPECT_EQ(error_of({.limit = model::Limits::kReadEventsMax + 1}), ErrorCode::kLimitExceeded);
    EXPECT_EQ(error_of({.stream = "a\n"}), ErrorCode::kInvalidArgument);
    model::Filter filter;
    filter.stream_prefixes = {"a"};
    EXPECT_EQ(error_of({.stream = "a-1", .filter = filter}), ErrorCode::kInvalidArgument);
    filter.tags = {"no-colon"};
    EXPECT_EQ(error_of({.filter = filter}), ErrorCode::kInvalidArgument);
    EXPECT_EQ(read({.limit = 0}).events.size(), 1u) << "0 stands for 100";
}

TEST_F(StreamReaderTest, WaitsForTheMinimumPosition) {
    append(event_of("a-1"));
    std::vector<TestEvent> hidden = {event_of("a-1")};
    orderer_.append(hidden, false);
    const std::string second = model::format_token(model::make_token(
        orderer_.log().identity(), Position(2), *orderer_.log().chain_bits_at(Position(2))
    ));
    const Result<api::ReadPage> early = reader_.read({}, {.stream = "a-1", .min_position = second});
    EXPECT_EQ(early.error().code(), ErrorCode::kPositionNotReached);
    EXPECT_EQ(early.error().field("field"), "min_position");
    EXPECT_FALSE(reader_.try_read({}, {.stream = "a-1", .min_position = second}).has_value());
    std::thread shower([&] { orderer_.show_all(); });
    EXPECT_EQ(
        positions(read({.stream = "a-1", .min_position = second, .max_wait_ms = 60'000})),
        (Numbers{1, 2})
    );
    shower.join();
    model::PositionToken foreign = *model::parse_token(second);
    foreign.log_id_bits ^= 1u;
    foreign.position = Position(1'000);
    EXPECT_EQ(
        error_of({.min_position = model::format_token(foreign), .max_wait_ms = 60'000}),
        ErrorCode::kTokenUnknown
    ) << "at once";
}

TEST_F(StreamReaderTest, StopsAPageAtItsBytesButNeverInAnEvent) {
    TestEvent large = event_of("a-1");
    large.data.assign(model::Limits::kReadBytesMax + 100, 'x');
    TestEvent half = event_of("a-1");
    half.data.assign(model::Limits::kReadBytesMax / 2, 'x');
    for (const TestEvent& event : {half, half, large, half}) append(event);
    for (const std::string stream : {"a-1", ""}) {
        api::ReadRequest request{.stream = stream};
        std::vector<Numbers> pages;
        while (true) {
            const api::ReadPage page = read(request);
            if (!page.events.empty()) pages.push_back(positions(page));
            if (page.is_end) break;
            request.start = AfterToken{page.next};
        }
        EXPECT_EQ(pages, (std::vector<Numbers>{{1}, {2}, {3}, {4}})) << stream;
    }
}

TEST_F(StreamReaderTest, GivesAnEmptyPageWhereAFilterMeetsNothingForLong) {
    std::vector<TestEvent> many(50'000, event_of("a-1"));
    for (int i = 0; i < 5; ++i) {
        for (TestEvent& event : many) event.id = {};
        orderer_.append(many);
    }
    append(event_of("b", "rare"));
    model::Filter scanned;
    scanned.stream_prefixes = {"b"};
    for (const Direction direction : {Direction::kForwards, Direction::kBackwards}) {
        api::ReadRequest request{.filter = scanned, .direction = direction};
        std::size_t pages = 0;
        std::size_t found = 0;
        while (true) {
            const api::ReadPage page = read(request);
            ++pages;
            found += page.events.size();
            ASSERT_FALSE(page.next.empty());
            if (page.is_end) break;
            request.start = AfterToken{page.next};
        }
        EXPECT_GE(pages, 3u);
        EXPECT_EQ(found, 1u);
    }
    model::Filter looked_up;
    looked_up.types = {"rare"};
    EXPECT_TRUE(read({.filter = looked_up}).is_end) << "the index needs one look";
}

TEST_F(StreamReaderTest, FindsAnEventByItsIdInEveryStream) {
    append(event_of("a-1"));
    TestEvent twin = event_of("b-1");
    twin.id = all_.front().id;
    append(twin);
    const Result<api::ReadPage> page = reader_.get_event(twin.id);
    EXPECT_EQ(positions(*page), (Numbers{1, 2}));
    const Uuid unknown = make_uuid_v4();
    const Result<api::ReadPage> none = reader_.get_event(unknown);
    EXPECT_EQ(none.error().code(), ErrorCode::kEventNotFound);
    EXPECT_EQ(none.error().field("id"), unknown.to_string());
}

TEST_F(StreamReaderTest, ListsNamesInPages) {
    for (const char* stream : {"b-2", "$x", "a-1", "b-1", "!first", "$y-1", "b-1"})
        append(event_of(stream));
    Numbers counts;
    std::vector<std::string> names;
    api::ListRequest request{.limit = 2};
    while (true) {
        const api::StreamList list = *reader_.list_streams(request);
        for (const api::StreamSummary& stream : list.streams) {
            names.push_back(stream.name);
            counts.push_back(stream.events);
        }
        if (list.streams.size() < 2) break;
        request.after = list.streams.back().name;
    }
    EXPECT_EQ(names, (std::vector<std::string>{"!first", "a-1", "b-1", "b-2"}));
    EXPECT_EQ(counts, (Numbers{1, 1, 2, 1}));
    const api::CategoryList categories = *reader_.list_categories({.prefix = "b"});
    ASSERT_EQ(categories.categories.size(), 1u);
    EXPECT_EQ(categories.categories.front().streams, 2u);
    EXPECT_EQ(categories.categories.front().events, 3u);
    EXPECT_EQ(categories.categories.front().last_position, Position(7));
    EXPECT_EQ(reader_.list_types({})->streams.front().events, 7u);
    EXPECT_EQ(reader_.list_streams({.limit = 5'000}).error().code(), ErrorCode::kLimitExceeded);
}

TEST_F(StreamReaderTest, DescribesAStream) {
    for (int i = 0; i < 3; ++i) append(event_of("a-1"));
    const api::StreamInfo info = *reader_.get_stream("a-1");
    EXPECT_EQ(info.events, 3u);
    EXPECT_EQ(info.first_revision, Revision(0));
    EXPECT_EQ(info.last_revision, Revision(2));
    EXPECT_EQ(info.last_position, Position(3));
    EXPECT_EQ(info.first_time, all_[0].recorded_time);
    EXPECT_EQ(info.last_time, all_[2].recorded_time);
}

TEST_F(StreamReaderTest, ReadsAnEmptyLog) {
    for (const Direction direction : {Direction::kForwards, Direction::kBackwards}) {
        const api::ReadPage page = read({.direction = direction});
        EXPECT_TRUE(page.is_end);
        EXPECT_EQ(page.next, token(Position(0)));
        EXPECT_EQ(page.position, token(Position(0)));
        EXPECT_TRUE(read({.direction = direction, .start = AfterToken{page.next}}).is_end);
    }
}

TEST_F(StreamReaderTest, TryReadGivesTheSameAnswerOrNone) {
    for (int i = 0; i < 10; ++i) append(event_of("a-" + std::to_string(i % 3)));
    const auto quick = reader_.try_read({}, {.stream = "a-1"});
    ASSERT_TRUE(quick.has_value());
    EXPECT_EQ(positions(**quick), positions(read({.stream = "a-1"})));
    EXPECT_EQ(positions(**reader_.try_read({}, {})), positions(read({})));
    EXPECT_EQ(reader_.try_read({}, {.stream = "z"})->error().code(), ErrorCode::kStreamNotFound);
    EXPECT_FALSE(reader_.try_read({}, {.limit = 4'096}).has_value());
}

/// Random logs, random requests, paged to the end: exactly what the reference selects.
TEST_F(StreamReaderTest, PropertyPagesHoldExactlyWhatMatches) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        testing::FakeOrderer log;
        StreamReader reads(log);
        Tokens tokens(log);
        RandomEvents random(seed);
        std::vector<TestEvent> events;
        const std::uint64_t size = random.below(1'500) + 1;
        while (events.size() < size) {
            std::vector<TestEvent> one(random.below(5) + 1);
            for (TestEvent& event : one) event = random.event();
            log.append(one);
            log.clock.pass(static_cast<std::int64_t>(random.below(3)));
            events.insert(events.end(), one.begin(), one.end());
        }
        for (int round = 0; round < 150; ++round) {
            api::ReadRequest request;
            if (random.chance(2)) request.stream = random.stream();
            if (request.stream.empty()) request.filter = random.filter();
            request.direction = random.chance(2) ? Direction::kForwards : Direction::kBackwards;
            request.limit = static_cast<std::uint32_t>(random.below(40) + 1);
            const bool is_forwards = request.direction == Direction::kForwards;

            std::vector<TestEvent> expected = testing::select(
                events, request.stream, request.filter
            );
            if (!request.stream.empty() && expected.empty()) continue;
            const Position pivot(random.below(events.size()) + 1);
            const TimeNs time = events[pivot.value - 1].recorded_time;
            const Revision revision(random.below(30));
            const std::uint64_t kind = random.below(request.stream.empty() ? 4 : 5);
            if (kind == 1) request.start = AfterToken{*tokens.at(pivot)};
            if (kind == 2) request.start = FromPosition{pivot};
            if (kind == 3) request.start = FromTime{time};
            if (kind == 4) request.start = FromRevision{revision};
            const auto is_out = [&](const TestEvent& event) {
                switch (kind) {
                    case 1:
                        return is_forwards ? event.position <= pivot : event.position >= pivot;
                    case 2:
                        return is_forwards ? event.position < pivot : event.position > pivot;
                    case 3:
                        return is_forwards ? event.recorded_time < time
                                           : event.recorded_time >= time;
                    case 4:
                        return is_forwards ? event.revision < revision : event.revision > revision;
                    default:
                        return false;
                }
            };
            std::erase_if(expected, is_out);
            if (!is_forwards) std::reverse(expected.begin(), expected.end());

            Numbers got;
            for (int pages = 0;; ++pages) {
                ASSERT_LT(pages, 3'000) << "pages make progress";
                Result<api::ReadPage> page = reads.read({}, request);
                ASSERT_TRUE(page.has_value()) << page.error().to_string();
                ASSERT_LE(page->events.size(), request.limit);
                const Numbers part = positions(*page);
                got.insert(got.end(), part.begin(), part.end());
                if (page->is_end) break;
                request.start = AfterToken{page->next};
            }
            Numbers wanted;
            for (const TestEvent& event : expected) wanted.push_back(event.position.value);
            ASSERT_EQ(got, wanted)
                << "seed " << seed << " round " << round << " stream " << request.stream << " kind "
                << kind << (is_forwards ? " up" : " down");
        }
    }
}

}  // namespace
}  // namespace annals::streams
