// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/commit/recent_events.hpp"

#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace annals::commit {
namespace {

HashedQuery query_of(std::vector<TermHash> types, std::vector<TermHash> tags) {
    HashedQuery query;
    HashedItem& item = query.items.emplace_back();
    item.types.assign(types.begin(), types.end());
    item.tags.assign(tags.begin(), tags.end());
    return query;
}

RecentEvent of_type(TermHash type) {
    RecentEvent event;
    event.type = type;
    return event;
}

TEST(RecentEvents, HoldWhatIsNotVisibleAndSomeMore) {
    RecentEvents recent(Position(100), 10);
    for (TermHash i = 0; i < 1'000; ++i) recent.push(of_type(i), {});
    recent.trim(Position(100));
    EXPECT_EQ(recent.begin(), Position(100));
    recent.trim(Position(600));
    EXPECT_EQ(recent.begin(), Position(600));
    recent.trim(Position(1'100));
    EXPECT_EQ(recent.begin(), Position(1'090));
    EXPECT_EQ(recent.end(), Position(1'100));
    EXPECT_TRUE(recent.holds(Position(1'091)));
    EXPECT_FALSE(recent.holds(Position(1'090)));
    EXPECT_FALSE(recent.holds(Position(1'101)));
    EXPECT_EQ(recent.at(Position(1'095)).type, 994u);
}

TEST(RecentEvents, FindTheFirstMatchAfterAPosition) {
    RecentEvents recent(Position(0), 100);
    const std::vector<TermHash> tags = {7, 8};
    recent.push(of_type(1), tags);
    recent.push(of_type(2), {});
    recent.push(of_type(1), tags);
    EXPECT_EQ(recent.find_match(query_of({}, {7}), Position(0)), Position(1));
    EXPECT_EQ(recent.find_match(query_of({}, {7}), Position(1)), Position(3));
    EXPECT_EQ(recent.find_match(query_of({}, {7}), Position(3)), std::nullopt);
    EXPECT_EQ(recent.find_match(query_of({2}, {}), Position(0)), Position(2));
    EXPECT_EQ(recent.find_match(query_of({2}, {7}), Position(0)), std::nullopt);
    EXPECT_EQ(recent.find_match(query_of({}, {7, 9}), Position(0)), std::nullopt);
}

TEST(RecentEvents, FindEventsFromBeforeTheFirstQuery) {
    RecentEvents recent(Position(0), 100);
    recent.push(of_type(1), {});
    EXPECT_EQ(recent.find_match(query_of({1}, {}), Position(0)), Position(1));
    EXPECT_EQ(recent.find_match(query_of({3}, {}), Position(0)), std::nullopt);
    recent.push(of_type(3), {});
    EXPECT_EQ(recent.find_match(query_of({3}, {}), Position(0)), Position(2));
    EXPECT_EQ(recent.find_match(query_of({3}, {}), Position(1)), Position(2));
}

/// Against a list, with so many terms that the table of last positions collides.
TEST(RecentEvents, FollowATagPastOthersOfItsTableSlot) {
    // The tables look at the low bits alone: all these share a slot, two of them on one event.
    constexpr TermHash kHigh = TermHash{1} << 40u;
    RecentEvents recent(Position(0), 100);
    EXPECT_EQ(recent.find_match(query_of({}, {7}), Position(0)), std::nullopt);
    recent.push(of_type(1), std::vector<TermHash>{7});
    recent.push(of_type(1), std::vector<TermHash>{7 + kHigh, 7 + 2 * kHigh});
    recent.push(of_type(7), {});
    recent.push(of_type(1), std::vector<TermHash>{7 + kHigh});
    EXPECT_EQ(recent.find_match(query_of({}, {7}), Position(0)), Position(1));
    EXPECT_EQ(recent.find_match(query_of({}, {7}), Position(1)), std::nullopt);
    EXPECT_EQ(recent.find_match(query_of({}, {7 + 2 * kHigh}), Position(0)), Position(2));
    EXPECT_EQ(recent.find_match(query_of({}, {7 + kHigh}), Position(2)), Position(4));
}

TEST(RecentEvents, FindAPairOfTagsThatAreEachOnMostEvents) {
    RecentEvents recent(Position(0), 10'000);
    for (TermHash i = 0; i < 5'000; ++i) {
        recent.push(of_type(1), std::vector<TermHash>{i % 2 == 0 ? TermHash{7} : TermHash{8}});
    }
    recent.push(of_type(1), std::vector<TermHash>{7, 8});
    EXPECT_EQ(recent.find_match(query_of({}, {7, 8}), Position(0)), Position(5'001));
    EXPECT_EQ(recent.find_match(query_of({}, {8, 7}), Position(5'000)), Position(5'001));
    EXPECT_EQ(recent.find_match(query_of({}, {7}), Position(1)), Position(3));
}

TEST(RecentEventsProperty, AgreeWithASearchThroughAll) {
    struct Pushed {
        TermHash type;
        std::vector<TermHash> tags;
    };
    std::mt19937_64 random(1);
    RecentEvents recent(Position(0), 500);
    std::vector<Pushed> all;
    for (int step = 0; step < 5'000; ++step) {
        Pushed pushed{random() % 5 << 16u, {}};
        for (std::uint64_t i = random() % 4; i != 0; --i)
            pushed.tags.push_back(random() % 400 << 12u);
        recent.push(of_type(pushed.type), pushed.tags);
        all.push_back(pushed);
        if (step % 10 == 0) recent.trim(recent.end());
        if (step % 7 != 0) continue;
        HashedQuery query = query_of({random() % 6 << 16u}, {random() % 400 << 12u});
        const HashedQuery other = query_of({}, {random() % 400 << 12u});
        query.items.push_back(other.items[0]);
        const std::uint64_t held = recent.end().value - recent.begin().value;
        const Position after(recent.begin().value + random() % (held + 1));
        std::optional<Position> expected;
        for (Position p = after.next(); p <= recent.end() && !expected; ++p) {
            const Pushed& event = all[p.value - 1];
            if (matches(query, event.type, event.tags)) expected = p;
        }
        ASSERT_EQ(recent.find_match(query, after), expected);
    }
}

}  // namespace
}  // namespace annals::commit
