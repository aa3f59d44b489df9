// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "damage_contract.hpp"

namespace annals::conformance {

TEST_P(DamagedContract, AReadGivesWhatLiesBeforeAndThenNamesThePlace) {
    for (const std::uint32_t limit : {1u, 3u, 100u}) {
        api::ReadRequest request = read_of("");
        request.limit = limit;
        const Pages up = pages(request);
        EXPECT_EQ(up.positions, (Numbers{1, 2, 3, 4})) << limit;
        ASSERT_TRUE(up.error);
        expect_place(*up.error);
        request = read_back("");
        request.limit = limit;
        const Pages down = pages(request);
        EXPECT_EQ(down.positions, (Numbers{10, 9, 8, 7, 6})) << limit;
        ASSERT_TRUE(down.error);
        expect_place(*down.error);
    }
}

TEST_P(DamagedContract, WhatLiesBehindIsReadAsEver) {
    // The token of the damaged event is good: whoever had it has read it.
    const Pages behind = pages(read_of("", api::AfterToken{tokens_[kDamaged - 1]}));
    EXPECT_EQ(behind.positions, (Numbers{6, 7, 8, 9, 10}));
    EXPECT_FALSE(behind.error);
    const Pages by_position = pages(read_of("", api::FromPosition{Position(kDamaged + 1)}));
    EXPECT_EQ(by_position.positions, (Numbers{6, 7, 8, 9, 10}));
    EXPECT_FALSE(by_position.error);
}

TEST_P(DamagedContract, ItsStreamStopsThereAndOthersAreWhole) {
    const Pages a = pages(read_of("a-1"));
    EXPECT_EQ(a.positions, (Numbers{1, 3}));
    ASSERT_TRUE(a.error);
    expect_place(*a.error);
    const Pages rest = pages(read_of("a-1", api::FromRevision{Revision(3)}));
    EXPECT_EQ(rest.positions, (Numbers{7, 9}));
    EXPECT_FALSE(rest.error);
    const Pages b = pages(read_of("b-1"));
    EXPECT_EQ(b.positions, (Numbers{2, 4, 6, 8, 10}));
    EXPECT_FALSE(b.error);
}

TEST_P(DamagedContract, ASubscriptionGivesWhatLiesBeforeAndThenNamesThePlace) {
    const Pages all = frames(subscribe_to(""));
    EXPECT_EQ(all.positions, (Numbers{1, 2, 3, 4}));
    ASSERT_TRUE(all.error);
    expect_place(*all.error);
    const Pages a = frames(subscribe_to("a-1"));
    EXPECT_EQ(a.positions, (Numbers{1, 3}));
    ASSERT_TRUE(a.error);
    expect_place(*a.error);
}

TEST_P(DamagedContract, ASubscriptionBehindItGoesOnLive) {
    const auto subscription = subscribe(subscribe_to("", api::AfterToken{tokens_[kDamaged - 1]}));
    Numbers given;
    while (given.size() < 5 && !HasFailure()) {
        const Numbers part = positions_of(must(subscription->next(kForever)).events);
        given.insert(given.end(), part.begin(), part.end());
    }
    EXPECT_EQ(given, (Numbers{6, 7, 8, 9, 10}));
    accept("b-1", {event_of()});
    while (given.size() < 6 && !HasFailure()) {
        const Numbers part = positions_of(must(subscription->next(kForever)).events);
        given.insert(given.end(), part.begin(), part.end());
    }
    EXPECT_EQ(given.back(), 11u);
}

TEST_P(DamagedContract, AppendsAreDecidedOnWhatIsKnownOfIt) {
    // The stream goes on behind the damaged event's revision; nothing of it is given again.
    const api::AppendResponse next = must(
        append_expecting("a-1", model::ExpectedRevision::exactly(Revision(4)))
    );
    ASSERT_EQ(next.streams.size(), 1u);
    EXPECT_EQ(next.streams.front().first, Revision(5));
}

}  // namespace annals::conformance
