// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
// log-and-rules.md 2.1 and 2.2, as far as they concern the index, as tests.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "index_test_support.hpp"

namespace annals::index {
namespace {

// ---- log-and-rules 2.1, 2.2 ----

TEST(IndexRules2_1, AColdHeadIsNotFetchedForTheOneWhoMustNotWait) {
    const TestFolder folder("cold");
    EventSource source(1, 5000);
    NaiveIndex naive;
    {
        IndexMemory memory(kSmallBudget);
        Opened opened = open(folder.path(), memory, small_windows(10'000));
        grow(naive, *opened.index, source, 5000, 100);
        ASSERT_TRUE(opened.index->flush());
    }
    IndexMemory memory(kSmallBudget);
    const Opened opened = open(folder.path(), memory, small_windows());
    const std::string stream = *naive.streams().begin();
    EXPECT_FALSE(opened.index->head_without_disk(stream).has_value());
    ASSERT_TRUE(opened.index->head(stream));
    const auto warm = opened.index->head_without_disk(stream);
    ASSERT_TRUE(warm.has_value());
    EXPECT_TRUE(warm->has_value());
}

TEST(IndexRules2_1, AHeadInAWindowIsKnownWithoutDisk) {
    const TestFolder folder("warm");
    IndexMemory memory(kSmallBudget);
    EventSource source(1);
    NaiveIndex naive;
    const Opened opened = open(folder.path(), memory, small_windows(1000));
    grow(naive, *opened.index, source, 100, 10);
    const auto head = opened.index->head_without_disk(naive.events.back().stream);
    ASSERT_TRUE(head && *head);
    EXPECT_EQ((*head)->last_position, naive.events.back().position);
}

TEST(IndexRules2_2, TheSameIdInTwoStreamsIsTwoEvents) {
    IndexMemory memory(kSmallBudget);
    const Opened opened = open("", memory, small_windows(1000, true));
    NaiveIndex naive;
    const Uuid id = make_uuid_v4();
    naive.events = {
        {Position(1), Revision(0), TimeNs(1), id, "order-1", "placed", {}},
        {Position(2), Revision(0), TimeNs(2), id, "order-2", "placed", {}},
    };
    for (const bool is_ingested : {false, true}) {
        if (!is_ingested) feed(*opened.index, naive.events, 0, 2);
        if (is_ingested) {
            ASSERT_TRUE(opened.index->flush());
        }
        std::vector<IdMatch> matches;
        ASSERT_TRUE(opened.index->find_ids_in_stream("order-2", {{Index::id_hash(id)}}, matches));
        ASSERT_EQ(matches.size(), 1u);
        EXPECT_EQ(matches[0].position, Position(2));
        EXPECT_EQ(matches[0].revision, Revision(0));
        std::vector<Position> everywhere;
        ASSERT_TRUE(opened.index->find_id(id, everywhere));
        EXPECT_THAT(everywhere, ::testing::ElementsAre(Position(1), Position(2)));
    }
}

}  // namespace
}  // namespace annals::index
