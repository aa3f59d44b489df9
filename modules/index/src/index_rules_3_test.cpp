// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
// Each sentence of log-and-rules.md section 3 that concerns the index, as a test.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/perf_context.h>
#include <rocksdb/perf_level.h>

#include "block.hpp"
#include "index_comparison.hpp"
#include "index_test_support.hpp"
#include "keys.hpp"
#include "store.hpp"

namespace annals::index {
namespace {

namespace fs = std::filesystem;

// ---- log-and-rules 3.1 ----

TEST(IndexRules3_1, KeepsThePositionAndTheChainThatItHasReached) {
    const TestFolder folder("mark");
    IndexMemory memory(kSmallBudget);
    EventSource source(2);
    NaiveIndex naive;
    {
        Opened opened = open(folder.path(), memory, small_windows());
        grow(naive, *opened.index, source, 100, 10);
        ASSERT_TRUE(opened.index->flush());
        EXPECT_EQ(opened.index->ingested(), (IndexMark{Position(100), chain_at(Position(100))}));
    }
    std::vector<IndexMark> seen;
    std::string discarded;
    auto index = Index::open(
        folder.path(),
        small_windows(),
        memory,
        [&](const IndexMark& mark) {
            seen.push_back(mark);
            return true;
        },
        discarded
    );
    ASSERT_TRUE(index);
    EXPECT_EQ(discarded, "");
    EXPECT_THAT(seen, ::testing::ElementsAre(IndexMark{Position(100), chain_at(Position(100))}));
    EXPECT_EQ((*index)->position(), Position(100));
    compare(naive, **index, source);
}

TEST(IndexRules3_1, IsThrownAwayWhereTheLogDisagrees) {
    const TestFolder folder("disagree");
    IndexMemory memory(kSmallBudget);
    EventSource source(3);
    NaiveIndex naive;
    {
        Opened opened = open(folder.path(), memory, small_windows());
        grow(naive, *opened.index, source, 100, 10);
        ASSERT_TRUE(opened.index->flush());
    }
    std::string discarded;
    const auto never = [](const IndexMark&) { return false; };
    auto index = Index::open(folder.path(), small_windows(), memory, never, discarded);
    ASSERT_TRUE(index);
    EXPECT_NE(discarded, "");
    EXPECT_EQ((*index)->position(), Position(0));
    feed_missing(naive, **index);
    compare(naive, **index, source);
}

TEST(IndexRules3_1, IsThrownAwayWhenItsFilesAreDamaged) {
    for (const std::string_view damaged : {"CURRENT", ".sst", "MANIFEST"}) {
        const TestFolder folder("damaged");
        IndexMemory memory(kSmallBudget);
        EventSource source(4);
        NaiveIndex naive;
        {
            Opened opened = open(folder.path(), memory, small_windows());
            grow(naive, *opened.index, source, 100, 10);
            ASSERT_TRUE(opened.index->flush());
        }
        for (const auto& file : fs::directory_iterator(folder.path() + "/db")) {
            if (file.path().filename().string().find(damaged) == std::string::npos) continue;
            std::ofstream(file.path(), std::ios::binary | std::ios::trunc) << "garbage";
        }
        Opened opened = open(folder.path(), memory, small_windows());
        EXPECT_NE(opened.discarded, "") << damaged;
        feed_missing(naive, *opened.index);
        compare(naive, *opened.index, source);
    }
}

TEST(IndexRules3_1, DamageFoundWhileReadingIsNotedAndHealedByTheNextOpening) {
    const TestFolder folder("rot");
    EventSource source(5, 5000);
    NaiveIndex naive;
    {
        IndexMemory memory(kSmallBudget);
        Opened opened = open(folder.path(), memory, small_windows(10'000));
        grow(naive, *opened.index, source, 5000, 100);
        ASSERT_TRUE(opened.index->flush());
    }
    for (const auto& file : fs::directory_iterator(folder.path() + "/db")) {
        if (file.path().extension() != ".sst") continue;
        std::fstream data(file.path(), std::ios::binary | std::ios::in | std::ios::out);
        data.seekp(40);
        data << "rotten";
    }
    {
        IndexMemory memory(kSmallBudget);
        const Opened opened = open(folder.path(), memory, small_windows());
        ASSERT_EQ(opened.discarded, "");
        const auto listed = opened.index->list_categories("", "", 10);
        ASSERT_FALSE(listed);
        EXPECT_EQ(listed.error().code(), ErrorCode::kDataLoss);
    }
    IndexMemory memory(kSmallBudget);
    const Opened opened = open(folder.path(), memory, small_windows());
    EXPECT_NE(opened.discarded, "");
    feed_missing(naive, *opened.index);
    compare_lists(naive, *opened.index, source);
    compare_queries(naive, *opened.index, source);
}

TEST(IndexRules3_1, IsThrownAwayWhenItsFormatIsUnknown) {
    const TestFolder folder("format");
    IndexMemory memory(kSmallBudget);
    std::string mark;
    encode_mark(mark, {Position(5), chain_at(Position(5))});
    mark[0] = 2;
    {
        const auto cache = rocksdb::NewLRUCache(1u << 20u);
        auto store = Store::open(folder.path(), IndexOptions{}, cache);
        ASSERT_TRUE(store);
        rocksdb::WriteOptions write;
        ASSERT_TRUE((*store)->db().Put(write, "m", mark).ok());
    }
    const Opened opened = open(folder.path(), memory, small_windows());
    EXPECT_NE(opened.discarded, "");
    EXPECT_EQ(opened.index->position(), Position(0));
}

TEST(IndexRules3_1, AFolderInUseIsRefusedAndNotThrownAway) {
    const TestFolder folder("locked");
    IndexMemory memory(kSmallBudget);
    EventSource source(6);
    NaiveIndex naive;
    const Opened opened = open(folder.path(), memory, small_windows());
    grow(naive, *opened.index, source, 100, 10);
    std::string discarded;
    const auto second = Index::open(folder.path(), small_windows(), memory, agrees, discarded);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code(), ErrorCode::kDirectoryLocked);
    EXPECT_EQ(discarded, "");
    compare(naive, *opened.index, source);
}

// ---- log-and-rules 3.2 ----

TEST(IndexRules3_2, WhatIsIngestedIsAPrefixOfTheLogWithItsMarkHoweverItEnds) {
    const TestFolder folder("prefix");
    IndexMemory memory(kSmallBudget);
    EventSource source(8);
    NaiveIndex naive;
    for (int round = 0; round < 12; ++round) {
        Opened opened = open(folder.path(), memory, small_windows(20));
        ASSERT_EQ(opened.discarded, "");
        const std::uint64_t reached = opened.index->position().value;
        ASSERT_LE(reached, naive.events.size());
        NaiveIndex known;
        known.events.assign(
            naive.events.begin(), naive.events.begin() + static_cast<std::ptrdiff_t>(reached)
        );
        compare(known, *opened.index, source);
        feed_missing(naive, *opened.index);
        grow(naive, *opened.index, source, 50 + source.below(100), 15);
        // Ends in the middle of whatever the background is doing.
    }
}

TEST(IndexRules3_2, TheWindowIsBoundedInEvents) {
    const TestFolder folder("bounded");
    IndexMemory memory(kSmallBudget);
    EventSource source(9);
    NaiveIndex naive;
    const Opened opened = open(folder.path(), memory, small_windows(50));
    for (int i = 0; i < 60; ++i) {
        grow(naive, *opened.index, source, 10, 10);
        const std::uint64_t waiting = opened.index->position().value -
                                      opened.index->ingested().position.value;
        EXPECT_LE(waiting, 2u * 60u);
    }
}

TEST(IndexRules3_2, TheWindowIsBoundedInBytes) {
    const TestFolder folder("bytes");
    IndexMemory memory;
    EventSource source(10, 100'000);
    NaiveIndex naive;
    IndexOptions options;
    options.window_bytes_max = 1u << 20u;
    const Opened opened = open(folder.path(), memory, options);
    std::uint64_t most = 0;
    for (int i = 0; i < 60; ++i) {
        grow(naive, *opened.index, source, 500, 500);
        most = std::max(most, opened.index->stats().window_bytes);
    }
    EXPECT_GT(opened.index->ingested().position.value, 0u);
    EXPECT_LT(most, 5u << 20u);
}

TEST(IndexRules3_2, OfAllWindowsOfAServerTheLargestIsIngestedFirst) {
    const TestFolder large_folder("large");
    const TestFolder small_folder("small");
    IndexMemory memory(16u << 20u);  // windows together: 2 MiB
    EventSource large_source(11, 100'000);
    EventSource small_source(12, 100'000);
    NaiveIndex large_naive;
    NaiveIndex small_naive;
    const Opened large = open(large_folder.path(), memory, IndexOptions{});
    const Opened small = open(small_folder.path(), memory, IndexOptions{});
    const auto bytes = [&] {
        return large.index->stats().window_bytes + small.index->stats().window_bytes;
    };
    while (large.index->stats().window_bytes < 1'500'000)
        grow(large_naive, *large.index, large_source, 50, 50);
    ASSERT_EQ(large.index->ingested().position.value, 0u);
    while (bytes() <= (2u << 20u)) grow(small_naive, *small.index, small_source, 50, 50);
    ASSERT_LT(small.index->stats().window_bytes, 1'200'000u);
    while (large.index->ingested().position.value == 0) std::this_thread::yield();
    EXPECT_EQ(small.index->ingested().position.value, 0u);
}

TEST(IndexRules3_2, MemoryStaysWithinItsBudget) {
    const TestFolder folder("budget");
    IndexMemory memory(kSmallBudget);
    EventSource source(13, 20'000);
    NaiveIndex naive;
    const Opened opened = open(folder.path(), memory, IndexOptions{});
    std::size_t most = 0;
    for (int i = 0; i < 100; ++i) {
        grow(naive, *opened.index, source, 1000, 100);
        for (int k = 0; k < 200; ++k) {
            std::vector<Position> found;
            const std::string stream = EventSource::stream_name(source.below(20'000));
            ASSERT_TRUE(opened.index->stream_positions(
                stream, Revision(0), Direction::kForwards, 100, found
            ));
        }
        most = std::max(most, memory.used_bytes());
    }
    ASSERT_TRUE(opened.index->flush());
    EXPECT_LE(most, kSmallBudget);
    EXPECT_GT(opened.index->stats().files, 0u);
}

TEST(IndexRules3_2, AFailingDiskIsReportedAndHealsWhileAddGoesOn) {
    const TestFolder folder("failing");
    IndexMemory memory(kSmallBudget);
    EventSource source(14);
    NaiveIndex naive;
    const Opened opened = open(folder.path(), memory, small_windows(50));
    grow(naive, *opened.index, source, 120, 10);
    ASSERT_TRUE(opened.index->flush());
    const fs::path building = fs::path(folder.path()) / "building";
    fs::remove_all(building);
    std::ofstream(building) << "in the way";
    grow(naive, *opened.index, source, 200, 10);
    EXPECT_FALSE(opened.index->flush());
    EXPECT_NE(opened.index->background_error(), "");
    grow(naive, *opened.index, source, 60, 10);
    compare(naive, *opened.index, source);
    fs::remove(building);
    fs::create_directory(building);
    EXPECT_TRUE(opened.index->flush());
    EXPECT_EQ(opened.index->background_error(), "");
    EXPECT_EQ(opened.index->ingested().position, Position(naive.events.size()));
    compare(naive, *opened.index, source);
}

/// Keeps every thread that RocksDB compacts with busy, as a machine would that never gives it a
/// turn.
class HeldCompaction {
  public:
    HeldCompaction() {
        for (int i = 0; i < threads_; ++i) {
            env_.Schedule(&HeldCompaction::hold, this, rocksdb::Env::LOW);
        }
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return holding_ == threads_; });
    }
    HeldCompaction(const HeldCompaction&) = delete;
    HeldCompaction& operator=(const HeldCompaction&) = delete;
    ~HeldCompaction() {
        release();
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return holding_ == 0; });
    }
    void release() {
        const std::lock_guard lock(mutex_);
        is_released_ = true;
        changed_.notify_all();
    }

  private:
    static void hold(void* self) { static_cast<HeldCompaction*>(self)->wait(); }
    void wait() {
        std::unique_lock lock(mutex_);
        ++holding_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return is_released_; });
        --holding_;
        changed_.notify_all();
    }

    rocksdb::Env& env_ = *rocksdb::Env::Default();
    const int threads_ = env_.GetBackgroundThreads(rocksdb::Env::LOW);
    std::mutex mutex_;
    std::condition_variable changed_;
    int holding_ = 0;
    bool is_released_ = false;
};

TEST(IndexRules3_2, SortedRunsAreBoundedWhenCompactionIsHeldBackAndAllIsWellAfterwards) {
    constexpr std::size_t kWindow = 16;
    constexpr std::size_t kWindows = 60;
    const TestFolder folder("held_runs");
    IndexMemory memory(kSmallBudget);
    IndexOptions options = small_windows(kWindow);
    options.runs_max = 12;
    Opened opened = open(folder.path(), memory, options);
    EventSource source(5);
    NaiveIndex naive;
    for (std::size_t i = 0; i < kWindows * kWindow; ++i) naive.events.push_back(source.next());
    HeldCompaction held;
    std::atomic<bool> is_written{false};
    std::thread writer([&] {
        for (std::size_t i = 0; i < naive.events.size(); ++i) {
            feed(*opened.index, naive.events, i, i + 1);
        }
        is_written = true;
    });
    // Twelve runs, a frozen window, one more that waits with the writer; the growing one is empty.
    const auto is_full = [&] { return opened.index->position().value == (12 + 2) * kWindow; };
    while (!is_written && !(opened.index->stats().is_held && is_full())) std::this_thread::yield();
    EXPECT_FALSE(is_written) << "nothing held it";
    EXPECT_EQ(opened.index->stats().runs, 12u);
    EXPECT_EQ(opened.index->ingested().position.value, 12 * kWindow);
    std::vector<Position> found;
    const std::string& stream = naive.events.front().stream;
    ASSERT_TRUE(opened.index->stream_positions(stream, Revision(0), Direction::kForwards, 1, found))
        << "reads go on";
    EXPECT_EQ(found.front(), Position(1));
    EXPECT_TRUE(is_full()) << "the writer waits";

    held.release();
    writer.join();
    ASSERT_TRUE(opened.index->flush());
    const IndexStats stats = opened.index->stats();
    EXPECT_EQ(stats.position, Position(kWindows * kWindow));
    EXPECT_GE(stats.add_waits, 1u);
    EXPECT_GT(stats.add_waited_ns, 0);
    compare(naive, *opened.index, source);
}

TEST(IndexRules3_2, ACleanEndDoesNotWaitForACompactionThatIsHeldBack) {
    const TestFolder folder("held_end");
    IndexMemory memory(kSmallBudget);
    IndexOptions options = small_windows(16);
    options.runs_max = 12;
    Opened opened = open(folder.path(), memory, options);
    EventSource source(6);
    NaiveIndex naive;
    for (std::size_t i = 0; i < 13 * 16; ++i) naive.events.push_back(source.next());
    const HeldCompaction held;
    feed(*opened.index, naive.events, 0, 8);
    for (std::size_t i = 8; i < naive.events.size(); ++i) {
        feed(*opened.index, naive.events, i, i + 1);
    }
    ASSERT_TRUE(opened.index->flush());
    EXPECT_EQ(opened.index->ingested().position, Position(naive.events.size()));
}

TEST(IndexRules3_2, ReadersSeeEachPositionOnceWhileWindowsMoveToDisk) {
    const TestFolder folder("readers");
    IndexMemory memory(kSmallBudget);
    const Opened opened = open(folder.path(), memory, small_windows(100));
    const Index& index = *opened.index;
    constexpr std::uint64_t kEvents = 20'000;
    constexpr std::size_t kStreams = 5;
    std::atomic<bool> is_done{false};
    // Event n is in stream n % kStreams and has the tags all and odd or even.
    const auto write = [&] {
        NaiveIndex naive;
        std::map<std::string, std::uint64_t> revisions;
        for (std::uint64_t n = 1; n <= kEvents; ++n) {
            const std::string stream = "cat-" + std::to_string(n % kStreams);
            const std::string half = n % 2 == 0 ? "even" : "odd";
            naive.events.push_back(
                {Position(n),
                 Revision(revisions[stream]++),
                 TimeNs(static_cast<std::int64_t>(n)),
                 Uuid{},
                 stream,
                 half,
                 {"all", half}}
            );
            if (n % 7 == 0 || n == kEvents) {
                feed(
                    *opened.index, naive.events, opened.index->position().value, naive.events.size()
                );
            }
        }
        is_done = true;
    };
    const auto read = [&](std::uint32_t seed) {
        std::mt19937 random(seed);
        while (!is_done) {
            const std::uint64_t known = index.position().value;
            const std::uint64_t from = 1 + random() % (known + 1);
            const bool is_up = random() % 2 == 0;
            std::vector<Position> found;
            const model::Query query{{{{"even"}, {"all"}}}};
            ASSERT_TRUE(index.query_positions(
                query,
                is_up ? Position(from) : Position(kMax),
                is_up ? Position(kMax) : Position(from),
                is_up ? Direction::kForwards : Direction::kBackwards,
                kEvents,
                found
            ));
            if (!is_up) std::reverse(found.begin(), found.end());
            std::uint64_t next = from + from % 2;
            for (const Position position : found) {
                ASSERT_EQ(position.value, next);
                next += 2;
            }
            ASSERT_GT(next + 1, known);
            const std::uint64_t stream = random() % kStreams;
            found.clear();
            const std::string name = "cat-" + std::to_string(stream);
            ASSERT_TRUE(
                index.stream_positions(name, Revision(0), Direction::kForwards, kEvents, found)
            );
            next = stream == 0 ? kStreams : stream;
            for (const Position position : found) {
                ASSERT_EQ(position.value, next);
                next += kStreams;
            }
            ASSERT_GT(next, known);
            const auto head = index.head(name);
            ASSERT_TRUE(head);
            if (head->has_value()) {
                ASSERT_GE((*head)->last_position.value + kStreams, known);
            }
        }
    };
    std::thread writer(write);
    std::thread first([&] { read(1); });
    std::thread second([&] { read(2); });
    writer.join();
    first.join();
    second.join();
    auto categories = index.list_categories("", "", 10);
    ASSERT_TRUE(categories);
    ASSERT_EQ(categories->size(), 1u);
    EXPECT_EQ(categories->front().events, kEvents);
    EXPECT_EQ(categories->front().streams, kStreams);
}

// ---- log-and-rules 3.3 ----

TEST(IndexRules3_3, PostingsAreBlocksPerTermAndWindowAndNotKeysPerEvent) {
    const TestFolder folder("keys");
    IndexMemory memory(kSmallBudget);
    EventSource source(15, 3);
    NaiveIndex naive;
    {
        Opened opened = open(folder.path(), memory, small_windows(100'000));
        grow(naive, *opened.index, source, 10'000, 100);
        ASSERT_TRUE(opened.index->flush());
    }
    auto store = Store::open(folder.path(), IndexOptions{}, rocksdb::NewLRUCache(1u << 20u));
    ASSERT_TRUE(store);
    rocksdb::ReadOptions options;
    options.total_order_seek = true;
    const std::unique_ptr<rocksdb::Iterator> iterator((*store)->db().NewIterator(options));
    std::map<char, std::size_t> keys;
    for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) ++keys[iterator->key()[0]];
    EXPECT_LE(keys['s'], 3u * 5u);
    EXPECT_LE(keys['t'], 4u * 4u);
    EXPECT_LE(keys['g'], 9u * 4u);
    EXPECT_EQ(keys['h'], 3u);
    EXPECT_EQ(keys['m'], 1u);
}

// ---- log-and-rules 3.4 ----

TEST(IndexRules3_4, AStreamThatIsSpreadOverTheLogCostsSmallReads) {
    constexpr std::size_t kWindows = 20;
    constexpr std::size_t kWindow = 4'000;
    constexpr std::uint64_t kBlockBytesMax = 16u << 10u;
    const TestFolder folder("spread");
    EventSource source(16, 3'000);
    {
        IndexMemory memory(kSmallBudget);
        const Opened opened = open(folder.path(), memory, small_windows(kWindow));
        NaiveIndex naive;
        for (std::size_t window = 0; window < kWindows; ++window) {
            for (std::size_t i = 1; i < kWindow; ++i) {
                naive.events.push_back(source.next());
                naive.events.back().position = Position(naive.events.size());
            }
            TestEvent spread = source.next();
            spread.position = Position(naive.events.size() + 1);
            spread.stream = "spread-1";
            spread.revision = Revision(window);
            naive.events.push_back(std::move(spread));
            feed(*opened.index, naive.events, naive.events.size() - kWindow, naive.events.size());
        }
        ASSERT_TRUE(opened.index->flush());
    }
    // Opened anew: nothing is in memory but, once one stream was read, indexes and filters.
    IndexMemory memory(kSmallBudget);
    const Opened opened = open(folder.path(), memory, small_windows());
    std::vector<Position> found;
    const auto read = [&](const std::string& stream) {
        found.clear();
        EXPECT_TRUE(
            opened.index->stream_positions(stream, Revision(0), Direction::kForwards, 100, found)
        );
    };
    read(EventSource::stream_name(1));
    rocksdb::SetPerfLevel(rocksdb::PerfLevel::kEnableCount);
    rocksdb::PerfContext& counted = *rocksdb::get_perf_context();
    counted.Reset();
    read("spread-1");
    const std::uint64_t blocks = counted.block_read_count;
    const std::uint64_t bytes = counted.block_read_byte;
    rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
    ASSERT_EQ(found.size(), kWindows);
    EXPECT_GE(blocks, 1u) << "it was on disk";
    EXPECT_LE(blocks, kWindows + opened.index->stats().files);
    EXPECT_LE(bytes, blocks * kBlockBytesMax);
}

}  // namespace
}  // namespace annals::index
