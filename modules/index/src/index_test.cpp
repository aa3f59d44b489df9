// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/index/index.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "block.hpp"
#include "index_comparison.hpp"
#include "index_test_support.hpp"

namespace annals::index {
namespace {

namespace fs = std::filesystem;

TEST(IndexMemory, CountsWhatItsCachesAreAskedAndHave) {
    const TestFolder folder("counts");
    IndexMemory memory(kSmallBudget);
    EventSource source(5);
    NaiveIndex naive;
    const Opened opened = open(folder.path(), memory, small_windows());
    grow(naive, *opened.index, source, 100, 10);
    ASSERT_TRUE(opened.index->flush());
    const auto read = [&] {
        std::vector<Position> found;
        ASSERT_TRUE(opened.index->stream_positions(
            naive.events.front().stream, Revision(0), Direction::kForwards, 100, found
        ));
        ASSERT_FALSE(found.empty());
    };
    const IndexCacheCounts before = memory.cache_counts();
    read();
    const IndexCacheCounts first = memory.cache_counts();
    EXPECT_EQ(first.stream_hits, before.stream_hits);
    EXPECT_EQ(first.stream_misses, before.stream_misses + 1);
    EXPECT_GT(first.block_hits + first.block_misses, before.block_hits + before.block_misses);
    read();
    const IndexCacheCounts second = memory.cache_counts();
    EXPECT_EQ(second.stream_hits, first.stream_hits + 1);
    EXPECT_EQ(second.stream_misses, first.stream_misses);
    EXPECT_EQ(second.block_hits, first.block_hits);
    EXPECT_EQ(second.block_misses, first.block_misses);
}

// ---- properties ----

RC_GTEST_PROP(IndexProperty, AnswersLikeALoopOverAllEvents, (std::uint32_t seed)) {
    const TestFolder folder("property");
    IndexMemory memory(kSmallBudget);
    EventSource source(seed);
    NaiveIndex naive;
    const IndexOptions options = small_windows(3 + source.below(60));
    Opened opened = open(folder.path(), memory, options);
    for (std::size_t round = 0; round < 4; ++round) {
        grow(naive, *opened.index, source, source.below(250), 1 + source.below(30));
        compare(naive, *opened.index, source);
        if (source.below(3) == 0) RC_ASSERT(opened.index->flush().has_value());
        if (source.below(2) == 0) {
            opened.index.reset();
            opened = open(folder.path(), memory, options);
            RC_ASSERT(opened.discarded == "");
            feed_missing(naive, *opened.index);
        }
        compare(naive, *opened.index, source);
        RC_ASSERT(!::testing::Test::HasFailure());
    }
}

RC_GTEST_PROP(IndexProperty, AnswersTheSameInMemory, (std::uint32_t seed)) {
    IndexMemory memory(kSmallBudget);
    EventSource source(seed);
    NaiveIndex naive;
    Opened opened = open("", memory, small_windows(3 + source.below(60), true));
    grow(naive, *opened.index, source, source.below(600), 20);
    compare(naive, *opened.index, source);
    RC_ASSERT(opened.index->flush().has_value());
    compare(naive, *opened.index, source);
    RC_ASSERT(!::testing::Test::HasFailure());
}

RC_GTEST_PROP(IndexProperty, AnswersLikeALoopWhileSeveralWindowsWait, (std::uint32_t seed)) {
    const TestFolder folder("waiting");
    IndexMemory memory(kSmallBudget);
    EventSource source(seed);
    NaiveIndex naive;
    const Opened opened = open(folder.path(), memory, small_windows(30));
    grow(naive, *opened.index, source, source.below(200), 10);
    RC_ASSERT(opened.index->flush().has_value());
    compare(naive, *opened.index, source);
    const fs::path building = fs::path(folder.path()) / "building";
    fs::remove_all(building);
    std::ofstream(building) << "in the way";
    grow(naive, *opened.index, source, source.below(200), 10);
    compare(naive, *opened.index, source);
    fs::remove(building);
    fs::create_directory(building);
    RC_ASSERT(opened.index->flush().has_value());
    compare(naive, *opened.index, source);
    RC_ASSERT(!::testing::Test::HasFailure());
}

TEST(Index, ShortStreamsThatWereReadStayRightWhileTheyGrow) {
    const TestFolder folder("short");
    IndexMemory memory(kSmallBudget);
    const Opened opened = open(folder.path(), memory, small_windows(200));
    const Index& index = *opened.index;
    constexpr std::uint64_t kEvents = 20'000;
    constexpr std::uint64_t kStreams = 400;  // 50 events each, round and round
    std::atomic<bool> is_done{false};
    const auto write = [&] {
        NaiveIndex naive;
        for (std::uint64_t n = 0; n < kEvents; ++n) {
            const TimeNs time(static_cast<std::int64_t>(n));
            const std::string stream = "short-" + std::to_string(n % kStreams);
            naive.events.push_back(
                {Position(n + 1), Revision(n / kStreams), time, Uuid{}, stream, "t", {}}
            );
            if (n % 10 == 9)
                feed(
                    *opened.index, naive.events, opened.index->position().value, naive.events.size()
                );
        }
        is_done = true;
    };
    const auto read = [&](std::uint32_t seed) {
        std::mt19937 random(seed);
        while (!is_done) {
            const std::uint64_t known = index.position().value;
            const std::uint64_t stream = random() % kStreams;
            const bool is_up = random() % 2 == 0;
            std::vector<Position> found;
            ASSERT_TRUE(index.stream_positions(
                "short-" + std::to_string(stream),
                Revision(is_up ? 0 : kMax),
                is_up ? Direction::kForwards : Direction::kBackwards,
                1000,
                found
            ));
            if (!is_up) std::reverse(found.begin(), found.end());
            std::uint64_t next = stream + 1;
            for (const Position position : found) {
                ASSERT_EQ(position.value, next);
                next += kStreams;
            }
            ASSERT_GT(next, known);
        }
    };
    std::thread writer(write);
    std::thread first([&] { read(1); });
    std::thread second([&] { read(2); });
    writer.join();
    first.join();
    second.join();
}

TEST(Index, LongPostingsAreCutIntoBlocksAndReadWhole) {
    const TestFolder folder("blocks");
    IndexMemory memory(kSmallBudget);
    EventSource source(7, 2);
    NaiveIndex naive;
    Opened opened = open(folder.path(), memory, small_windows(9000));
    grow(naive, *opened.index, source, 30'000, 500);
    ASSERT_TRUE(opened.index->flush());
    const std::string stream = EventSource::stream_name(0);
    for (const Direction direction : {Direction::kForwards, Direction::kBackwards}) {
        for (const std::uint64_t from :
             {std::uint64_t{0}, std::uint64_t{1023}, std::uint64_t{1024}, std::uint64_t{9999}, kMax
             }) {
            std::vector<Position> found;
            ASSERT_TRUE(
                opened.index->stream_positions(stream, Revision(from), direction, 100'000, found)
            );
            EXPECT_EQ(found, naive.stream(stream, from, direction, 100'000));
        }
    }
    compare_queries(naive, *opened.index, source);
}

TEST(IndexMetadata, IsKnownOfAStreamFromItsFirstEventAndAfterAnOpening) {
    const TestFolder folder("metadata");
    const auto hash = [](std::string_view name) { return codec::hash64(name); };
    {
        IndexMemory memory(kSmallBudget);
        Opened opened = open(folder.path(), memory, small_windows());
        EXPECT_FALSE(opened.index->may_have_metadata(hash("order-1")));
        IndexedEvent event;
        event.position = Position(1);
        const std::string name = "$$order-1";
        event.stream = {name, hash(name)};
        event.type = {"$metadata", hash("$metadata")};
        opened.index->add({&event, 1}, chain_at(Position(1)));
        EXPECT_TRUE(opened.index->may_have_metadata(hash("order-1")));
        EXPECT_FALSE(opened.index->may_have_metadata(hash("order-2")));
        ASSERT_TRUE(opened.index->flush());
    }
    IndexMemory memory(kSmallBudget);
    const Opened opened = open(folder.path(), memory, small_windows());
    EXPECT_TRUE(opened.index->may_have_metadata(hash("order-1")));
    EXPECT_FALSE(opened.index->may_have_metadata(hash("order-2")));
    EXPECT_FALSE(opened.index->may_have_metadata(hash("$$order-1")));
}

TEST(Index, TheMarkOfAFolderIsReadWithoutOpeningIt) {
    const TestFolder folder("mark");
    IndexMemory memory(kSmallBudget);
    ASSERT_TRUE(Index::mark_in(folder.path(), memory));
    EXPECT_EQ(*Index::mark_in(folder.path(), memory), IndexMark()) << "there is none";
    NaiveIndex naive;
    EventSource source(3);
    {
        const Opened opened = open(folder.path(), memory, small_windows());
        grow(naive, *opened.index, source, 40, 8);
        ASSERT_TRUE(opened.index->flush());
    }
    const auto mark = Index::mark_in(folder.path(), memory);
    ASSERT_TRUE(mark) << mark.error().to_string();
    EXPECT_EQ(mark->position, Position(40));
    EXPECT_TRUE(agrees(*mark));
    EXPECT_EQ(open(folder.path(), memory, small_windows()).discarded, "") << "nothing was harmed";
}

TEST(Index, DeletedFolderIsBuiltAnewWithTheSameAnswers) {
    const TestFolder folder("deleted");
    IndexMemory memory(kSmallBudget);
    EventSource source(16);
    NaiveIndex naive;
    {
        Opened opened = open(folder.path(), memory, small_windows());
        grow(naive, *opened.index, source, 500, 10);
        ASSERT_TRUE(opened.index->flush());
    }
    fs::remove_all(folder.path());
    const Opened opened = open(folder.path(), memory, small_windows());
    EXPECT_EQ(opened.discarded, "");
    EXPECT_EQ(opened.index->position(), Position(0));
    feed_missing(naive, *opened.index);
    compare(naive, *opened.index, source);
}

}  // namespace
}  // namespace annals::index
