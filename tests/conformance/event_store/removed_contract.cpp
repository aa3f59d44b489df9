// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "removed_contract.hpp"

namespace annals::conformance {

TEST_P(RemovedContract, PagesTellOfEachOnceWhateverTheirSize) {
    const Removed all{gone(1, 2, 2), gone(4, 4, 1)};
    for (const std::uint32_t limit : {1u, 2u, 3u, 100u}) {
        api::ReadRequest request = read_of("");
        request.limit = limit;
        EXPECT_EQ(told(request), all) << limit;
        request = read_back("");
        request.limit = limit;
        EXPECT_EQ(told(request), Removed(all.rbegin(), all.rend())) << limit;
    }
    const api::ReadPage page = read(read_of(""));
    ASSERT_FALSE(page.removed.empty());
    EXPECT_GT(page.removed.front().removed_time, TimeNs(0)) << "when, as long as it is known";
}

TEST_P(RemovedContract, AReadThatBeginsAmongThemIsToldOfTheRest) {
    EXPECT_EQ(told(read_of("", api::AfterToken{first_})), (Removed{gone(2, 2, 1), gone(4, 4, 1)}));
    EXPECT_EQ(told(read_back("", api::FromPosition{Position(1)})), Removed{gone(1, 1, 1)});
}

TEST_P(RemovedContract, NothingIsToldOfWhatLiesOutside) {
    EXPECT_EQ(told(read_of("", api::FromPosition{Position(5)})), Removed{});
    EXPECT_EQ(told(read_of("b-1")), Removed{});
    EXPECT_EQ(told(read_of("a-1", api::FromRevision{Revision(3)})), Removed{});
    api::ReadRequest request = read_of("");
    request.filter.categories = {"b"};
    EXPECT_EQ(told(request), Removed{});
    EXPECT_TRUE(history(subscribe_to("", api::FromEnd{})).removed.empty());
}

TEST_P(RemovedContract, ASelectionIsToldOfItsOwn) {
    api::ReadRequest request = read_of("");
    request.filter.categories = {"a"};
    EXPECT_EQ(told(request), Removed{gone(1, 4, 3)});
    request.filter = {};
    request.filter.tags = {"of:a"};
    EXPECT_EQ(told(request), Removed{gone(1, 4, 3)});
    request.filter.tags = {"of:b"};
    EXPECT_EQ(told(request), Removed{});
}

TEST_P(RemovedContract, AStreamTellsOfItsRevisions) {
    // Where they lie is bounded.
    const Removed all{gone_of_stream(1, 5, 0, 3)};
    EXPECT_EQ(told(read_of("a-1")), all);
    EXPECT_EQ(told(read_back("a-1")), all);
    EXPECT_EQ(
        told(read_of("a-1", api::FromRevision{Revision(1)})), Removed{gone_of_stream(1, 5, 1, 2)}
    );
    EXPECT_EQ(told(read_of("a-1", api::AfterToken{first_})), Removed{gone_of_stream(2, 5, 1, 2)});
    const Removed first = told(read_back("a-1", api::FromRevision{Revision(1)}));
    ASSERT_EQ(first.size(), 1u);
    EXPECT_EQ(first.front().events, 2u);
    EXPECT_EQ(first.front().last_revision, Revision(1));
}

TEST_P(RemovedContract, ASubscriptionTellsOfThemInTheirPlace) {
    for (const std::uint32_t events_max : {1u, 100u}) {
        api::SubscribeRequest request = subscribe_to("");
        request.batch_events_max = events_max;
        const History all = history(request);
        EXPECT_EQ(all.removed, (Removed{gone(1, 2, 2), gone(4, 4, 1)})) << events_max;
        EXPECT_EQ(all.given, (Numbers{3, 5, 6}));
        request.start = api::AfterToken{first_};
        EXPECT_EQ(history(request).removed, (Removed{gone(2, 2, 1), gone(4, 4, 1)}))
            << "begun among them";
        request.stream = "a-1";
        EXPECT_EQ(history(request).removed, Removed{gone_of_stream(2, 5, 1, 2)});
        request.start = {};
        EXPECT_EQ(history(request).removed, Removed{gone_of_stream(1, 5, 0, 3)});
    }
}

TEST_P(RemovedContract, ASubscriptionIsToldWithTheMarkWhenNoEventFollows) {
    must(store().delete_stream({}, {"a-1", {}, ""}));
    free_space();
    const History all = history(subscribe_to("a-1"));
    EXPECT_TRUE(all.given.empty());
    ASSERT_EQ(all.removed.size(), 1u);
    EXPECT_EQ(all.removed.front().events, 4u);
    EXPECT_EQ(all.removed.front().last_revision, Revision(3));
    EXPECT_GE(all.removed.front().last_position, Position(6));
    api::SubscribeRequest of_a = subscribe_to("");
    of_a.filter.categories = {"a"};
    EXPECT_EQ(history(of_a).removed, Removed{gone(1, 6, 4)});
}

}  // namespace annals::conformance
