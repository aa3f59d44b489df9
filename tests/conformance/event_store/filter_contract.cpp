// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "filter_contract.hpp"

namespace annals::conformance {

TEST_P(FilterContract, AStreamIsReadThroughAFilter) {
    for (const std::uint32_t limit : {1u, 2u, 100u}) {
        api::ReadRequest request = read_of("a-1");
        request.limit = limit;
        request.filter.types = {"rare", "never"};
        EXPECT_EQ(all_positions(request), (Numbers{5, 15, 25, 35}));
        request.start = api::FromRevision{Revision(3)};
        EXPECT_EQ(all_positions(request), (Numbers{15, 25, 35})) << "revision 2 is position 5";
        request.start = {};
        request.filter.types.clear();
        request.filter.type_pattern = "^r";
        EXPECT_EQ(all_positions(request), (Numbers{5, 15, 25, 35}));
        request.filter.type_pattern.clear();
        request.filter.tags = {"of:five"};
        EXPECT_EQ(all_positions(request), (Numbers{5, 15, 25, 35}));
        request.filter.tags = {"of:six"};
        EXPECT_EQ(all_positions(request), Numbers{});
        api::ReadRequest back = read_back("a-1");
        back.limit = limit;
        back.filter.types = {"rare"};
        EXPECT_EQ(all_positions(back), (Numbers{35, 25, 15, 5}));
    }
}

TEST_P(FilterContract, APageOfAFilteredStreamSaysTheStreamsLastRevision) {
    api::ReadRequest request = read_of("a-1");
    request.filter.types = {"never"};
    const api::ReadPage page = read(request);
    EXPECT_TRUE(page.events.empty());
    EXPECT_TRUE(page.is_end);
    EXPECT_EQ(page.last_revision, Revision(kEvents / 2 - 1));
    EXPECT_TRUE(page.removed.empty()) << "what a filter passes over is not gone";
}

TEST_P(FilterContract, RecordedTimesSelect) {
    const std::vector<TimeNs> times{
        TimeNs(),
        TimeNs(1),
        time_of(1),
        time_of(2),
        time_of(17),
        time_of(40),
        TimeNs(time_of(40).value + 1),
        TimeNs(time_of(40).value + 3'600'000'000'000)
    };
    for (const std::string stream : {"", "a-1"}) {
        for (const TimeNs since : times) {
            for (const TimeNs until : times) {
                if (until.value != 0 && until <= since) continue;
                SCOPED_TRACE(
                    stream + " " + std::to_string(since.value) + " " + std::to_string(until.value)
                );
                api::ReadRequest request = read_of(stream);
                request.filter.recorded_since = since;
                request.filter.recorded_until = until;
                const Numbers expected = within(stream, since, until);
                EXPECT_EQ(all_positions(request), expected);
                request.limit = 3;
                EXPECT_EQ(all_positions(request), expected);
                request.direction = api::Direction::kBackwards;
                EXPECT_EQ(all_positions(request), Numbers(expected.rbegin(), expected.rend()));
            }
        }
    }
}

TEST_P(FilterContract, APageEndsWhereItsTimesEnd) {
    for (const std::string stream : {"", "a-1"}) {
        api::ReadRequest request = read_of(stream);
        request.filter.recorded_until = time_of(9);
        const api::ReadPage page = read(request);
        EXPECT_FALSE(page.events.empty());
        EXPECT_TRUE(page.is_end) << stream;
    }
}

TEST_P(FilterContract, RecordedTimesGoTogetherWithAStartAndTypes) {
    api::ReadRequest request;
    request.filter.types = {"rare"};
    request.filter.recorded_since = time_of(7);
    request.filter.recorded_until = time_of(35);
    EXPECT_EQ(all_positions(request), (Numbers{10, 15, 20, 25, 30}));
    request.start = api::FromPosition{Position(16)};
    EXPECT_EQ(all_positions(request), (Numbers{20, 25, 30}));
    request.stream = "a-1";
    EXPECT_EQ(all_positions(request), Numbers{25});
}

TEST_P(FilterContract, ASubscriptionToAStreamTakesAFilter) {
    api::SubscribeRequest request = subscribe_to("a-1");
    request.filter.types = {"rare"};
    request.filter.recorded_since = time_of(6);
    const auto subscription = subscribe(request);
    EXPECT_EQ(positions_of(next_events(*subscription).events), (Numbers{15, 25, 35}));
    EXPECT_EQ(next_mark(*subscription).mark, api::SubscriptionMark::kCaughtUp);
    accept("a-1", {event_of("usual")});
    accept("b-1", {event_of("rare")});
    accept("a-1", {event_of("rare")});
    EXPECT_EQ(positions_of(next_events(*subscription).events), Numbers{kEvents + 3});
}

TEST_P(FilterContract, ASubscriptionByTimeHearsOfWhatIsRecordedWithin) {
    model::Filter filter;
    filter.recorded_since = time_of(38);
    const auto open_ended = subscribe(subscribe_with(filter));
    EXPECT_EQ(positions_of(next_events(*open_ended).events), (Numbers{38, 39, 40}));
    filter.recorded_until = time_of(40);
    api::SubscribeRequest closed = subscribe_with(filter);
    closed.checkpoint_interval = 10;
    const auto bounded = subscribe(closed);
    EXPECT_EQ(positions_of(next_events(*bounded).events), (Numbers{38, 39}));
    EXPECT_EQ(next_mark(*bounded).mark, api::SubscriptionMark::kCaughtUp);
    accept("a-1", std::vector<model::NewEvent>(20, event_of()));
    EXPECT_EQ(next_events(*open_ended).events.size(), 20u);
    const api::SubscriptionFrame mark = next_mark(*bounded);
    EXPECT_EQ(mark.mark, api::SubscriptionMark::kCheckpoint) << "nothing more matches, ever";
    EXPECT_EQ(model::parse_token(mark.position)->position, Position(kEvents + 20));
}

TEST_P(FilterContract, WhatMetadataHideFromAFilteredReadIsToldAsUncertain) {
    must(store().truncate_stream({}, {"a-1", Revision(4), {}}));
    api::ReadRequest request = read_of("a-1");
    request.filter.types = {"rare"};
    const api::ReadPage page = read(request);
    EXPECT_EQ(positions_of(page.events), (Numbers{15, 25, 35}));
    ASSERT_EQ(page.removed.size(), 1u);
    EXPECT_TRUE(page.removed.front().is_uncertain);
    EXPECT_EQ(page.removed.front().events, 0u);
    EXPECT_EQ(page.removed.front().first_revision, Revision(0));
    EXPECT_EQ(page.removed.front().last_revision, Revision(3));
}

}  // namespace annals::conformance
