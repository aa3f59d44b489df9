// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Reading around damage: up to the hole and behind it, or over it where damage is accepted.
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annals/streams/filtered_events.hpp"
#include "annals/streams/stream_reader.hpp"
#include "annals/streams/testing/fake_orderer.hpp"

namespace annals::streams {
namespace {

using api::Direction;
using api::FromPosition;
using api::FromRevision;
using testing::FakeOrderer;
using testing::TestEvent;
using Numbers = std::vector<std::uint64_t>;

std::string data_of(std::uint64_t number) {
    return "{\"number\":\"" + std::to_string(number) + "\"}";
}

/// `count` events in turn of a-1 (odd positions) and b-1 (even ones), of types "odd" and "even";
/// `lost` are damaged.
void make(FakeOrderer& orderer, std::uint64_t count, const Numbers& lost) {
    for (std::uint64_t n = 1; n <= count; ++n) {
        TestEvent event;
        event.stream = n % 2 == 1 ? "a-1" : "b-1";
        event.type = n % 2 == 1 ? "odd" : "even";
        event.data = data_of(n);
        orderer.append_one(std::move(event));
    }
    for (const std::uint64_t n : lost) orderer.damage(data_of(n));
}

Numbers positions_of(const api::ReadPage& page) {
    Numbers positions;
    const auto events = page.events.decode();
    EXPECT_TRUE(events.has_value());
    for (const model::RecordedEvent& event : *events) positions.push_back(event.position.value);
    return positions;
}

/// All pages, until the end or an error.
struct Pages {
    Numbers positions;
    ErrorCode error = ErrorCode::kInternal;
    bool has_ended = false;
};

Pages read_all(StreamReader& reader, api::ReadRequest request) {
    Pages all;
    for (int page_number = 0; page_number < 100; ++page_number) {
        const Result<api::ReadPage> page = reader.read({}, request);
        if (!page) {
            all.error = page.error().code();
            return all;
        }
        for (const std::uint64_t position : positions_of(*page)) all.positions.push_back(position);
        all.has_ended = page->is_end;
        if (page->is_end) return all;
        request.start = api::AfterToken{page->next};
    }
    ADD_FAILURE() << "it never ends";
    return all;
}

model::Filter type_filter(const std::string& type) {
    model::Filter filter;
    filter.types = {type};
    return filter;
}

TEST(DamagedReads, APageEndsBeforeTheHoleAndOnlyWhatBeginsThereFails) {
    FakeOrderer orderer;
    make(orderer, 10, {4, 5});
    StreamReader reader(orderer);
    const Pages forwards = read_all(reader, {});
    EXPECT_EQ(forwards.positions, (Numbers{1, 2, 3}));
    EXPECT_EQ(forwards.error, ErrorCode::kDataLoss);
    const Pages backwards = read_all(reader, {.direction = Direction::kBackwards});
    EXPECT_EQ(backwards.positions, (Numbers{10, 9, 8, 7, 6}));
    EXPECT_EQ(backwards.error, ErrorCode::kDataLoss);
    const Pages behind = read_all(reader, {.start = FromPosition{Position(6)}});
    EXPECT_EQ(behind.positions, (Numbers{6, 7, 8, 9, 10}));
    EXPECT_TRUE(behind.has_ended);
    const Result<api::ReadPage> at_it = reader.read({}, {.start = FromPosition{Position(4)}});
    ASSERT_FALSE(at_it.has_value());
    EXPECT_EQ(at_it.error().code(), ErrorCode::kDataLoss);
    EXPECT_FALSE(at_it.error().field("segment").empty());
    EXPECT_NE(at_it.error().field("offset"), "0");
}

TEST(DamagedReads, AStreamEndsBeforeItsHoleAndAnotherIsWhole) {
    FakeOrderer orderer;
    make(orderer, 10, {5});
    StreamReader reader(orderer);
    const Pages a = read_all(reader, {.stream = "a-1"});
    EXPECT_EQ(a.positions, (Numbers{1, 3}));
    EXPECT_EQ(a.error, ErrorCode::kDataLoss);
    const Pages up = read_all(reader, {.stream = "a-1", .start = FromRevision{Revision(3)}});
    EXPECT_EQ(up.positions, (Numbers{7, 9}));
    const Pages down = read_all(reader, {.stream = "a-1", .direction = Direction::kBackwards});
    EXPECT_EQ(down.positions, (Numbers{9, 7}));
    EXPECT_EQ(down.error, ErrorCode::kDataLoss);
    const Pages b = read_all(reader, {.stream = "b-1"});
    EXPECT_EQ(b.positions, (Numbers{2, 4, 6, 8, 10}));
    EXPECT_TRUE(b.has_ended);
    // Beginning beside a hole of another stream.
    const Pages beside = read_all(reader, {.stream = "b-1", .start = FromPosition{Position(6)}});
    EXPECT_EQ(beside.positions, (Numbers{6, 8, 10}));
}

TEST(DamagedReads, AcceptedDamageIsPassedOverHoweverSmallThePages) {
    FakeOrderer orderer(true);
    make(orderer, 12, {1, 4, 5, 6, 12});
    StreamReader reader(orderer);
    for (const std::uint32_t limit : {1u, 2u, 3u, 100u}) {
        const Pages forwards = read_all(reader, {.limit = limit});
        EXPECT_EQ(forwards.positions, (Numbers{2, 3, 7, 8, 9, 10, 11})) << limit;
        EXPECT_TRUE(forwards.has_ended);
        const Pages backwards = read_all(
            reader, {.direction = Direction::kBackwards, .limit = limit}
        );
        EXPECT_EQ(backwards.positions, (Numbers{11, 10, 9, 8, 7, 3, 2})) << limit;
        const Pages a = read_all(reader, {.stream = "a-1", .limit = limit});
        EXPECT_EQ(a.positions, (Numbers{3, 7, 9, 11})) << limit;
        EXPECT_TRUE(a.has_ended);
        const Pages b = read_all(
            reader, {.stream = "b-1", .direction = Direction::kBackwards, .limit = limit}
        );
        EXPECT_EQ(b.positions, (Numbers{10, 8, 2})) << limit;
        const Pages odd = read_all(reader, {.filter = type_filter("odd"), .limit = limit});
        EXPECT_EQ(odd.positions, (Numbers{3, 7, 9, 11})) << limit;
    }
    EXPECT_EQ(orderer.log().damage_count(), 3u);
}

/// Far from the end a filter asks the index.
TEST(DamagedReads, AFilterThatAsksTheIndexPassesOverItOrEndsBeforeItToo) {
    constexpr std::uint64_t kMany = 2 * FilteredEvents::kScannedDirectly;
    for (const bool accepts : {false, true}) {
        FakeOrderer orderer(accepts);
        make(orderer, kMany, {501});
        StreamReader reader(orderer);
        const Pages odd = read_all(reader, {.filter = type_filter("odd"), .limit = 4'096});
        EXPECT_EQ(odd.positions.size(), accepts ? kMany / 2 - 1 : 250u);
        EXPECT_EQ(odd.has_ended, accepts);
        if (!accepts) EXPECT_EQ(odd.error, ErrorCode::kDataLoss);
        const Pages even = read_all(reader, {.filter = type_filter("even"), .limit = 4'096});
        EXPECT_EQ(even.positions.size(), kMany / 2) << "not concerned";
    }
}

TEST(DamagedReads, AnEventByItsIdIsGivenUnlessItIsTheOne) {
    FakeOrderer orderer;
    std::vector<TestEvent> events(2);
    events[0].stream = events[1].stream = "a-1";
    events[0].data = data_of(1);
    events[1].data = data_of(2);
    orderer.append(events);
    orderer.damage(data_of(2));
    StreamReader reader(orderer);
    EXPECT_TRUE(reader.get_event(events[0].id).has_value());
    const auto lost = reader.get_event(events[1].id);
    ASSERT_FALSE(lost.has_value());
    EXPECT_EQ(lost.error().code(), ErrorCode::kDataLoss);
}

}  // namespace
}  // namespace annals::streams
