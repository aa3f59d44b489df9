// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/commit/stream_table.hpp"

#include <atomic>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annals/codec/checksum.hpp"
#include "annals/runtime/thread.hpp"

namespace annals::commit {
namespace {

StreamEntry* pin(StreamTable& table, const std::string& name) {
    return table.pin(name, codec::hash64(name));
}

TEST(StreamTable, HasOneEntryForAName) {
    StreamTable table(1u << 20u);
    StreamEntry* a = pin(table, "a-1");
    StreamEntry* b = pin(table, "b-1");
    EXPECT_NE(a, b);
    EXPECT_EQ(pin(table, "a-1"), a);
    EXPECT_EQ(a->name, "a-1");
    EXPECT_FALSE(a->is_loaded);
    EXPECT_EQ(table.size(), 2u);
    for (StreamEntry* entry : {a, a, b}) StreamTable::unpin(*entry);
}

TEST(StreamTable, TellsNamesOfOneHashApart) {
    StreamTable table(1u << 20u);
    StreamEntry* a = table.pin("a-1", 42);
    StreamEntry* b = table.pin("b-1", 42);
    EXPECT_NE(a, b);
    EXPECT_EQ(table.pin("a-1", 42), a);
    EXPECT_EQ(table.pin("b-1", 42), b);
    for (StreamEntry* entry : {a, a, b, b}) StreamTable::unpin(*entry);
}

TEST(StreamTable, KeepsItsBoundByDroppingWhatNobodyPins) {
    constexpr std::size_t kBytes = 1u << 20u;
    StreamTable table(kBytes);
    StreamEntry* kept = pin(table, "kept-1");
    kept->event_count = 7;
    for (int i = 0; i < 100'000; ++i) {
        StreamTable::unpin(*pin(table, "stream-" + std::to_string(i)));
    }
    EXPECT_LT(table.bytes(), kBytes + kBytes / 8);
    EXPECT_GT(table.size(), 1'000u);
    EXPECT_EQ(pin(table, "kept-1"), kept);
    EXPECT_EQ(kept->event_count, 7u);
    StreamTable::unpin(*kept);
    StreamTable::unpin(*kept);
}

TEST(StreamTable, HoldsMoreThanItsBoundWhileAllIsPinned) {
    StreamTable table(1);
    std::vector<StreamEntry*> pinned;
    pinned.reserve(1'000);
    for (int i = 0; i < 1'000; ++i) pinned.push_back(pin(table, "s-" + std::to_string(i)));
    EXPECT_EQ(table.size(), 1'000u);
    for (StreamEntry* entry : pinned) StreamTable::unpin(*entry);
    for (int i = 0; i < 1'000; ++i) StreamTable::unpin(*pin(table, "t-" + std::to_string(i)));
    EXPECT_LT(table.size(), 300u);
}

TEST(StreamTable, CountsIdsThatAreKept) {
    StreamTable table(1u << 20u);
    StreamEntry* entry = pin(table, "a-1");
    const std::size_t before = table.bytes();
    for (std::uint32_t hash = 0; hash < 1'000; ++hash) entry->ids.insert(hash);
    table.count_ids(*entry, 0);
    EXPECT_GE(table.bytes(), before + 4'000);
    EXPECT_FALSE(table.are_long_ids_too_many());
    std::size_t counted = entry->ids.bytes();
    for (std::uint32_t hash = 0; hash < 300'000; ++hash) entry->ids.insert(hash);
    table.count_ids(*entry, counted);
    EXPECT_TRUE(table.are_long_ids_too_many());
    counted = entry->ids.bytes();
    entry->ids = {};
    table.count_ids(*entry, counted);
    EXPECT_EQ(table.bytes(), before);
    EXPECT_FALSE(table.are_long_ids_too_many());
    StreamTable::unpin(*entry);
}

TEST(StreamTable, CountsRightlyWhileManyThreadsPinAndDrop) {
    StreamTable table(64u << 10u);
    std::atomic<std::uint64_t> visits = 0;
    std::vector<runtime::Thread> threads;
    threads.reserve(4);
    for (unsigned t = 0; t < 4; ++t) {
        threads.emplace_back("pinner", [&, t] {
            std::mt19937 random(t);
            for (int i = 0; i < 5'000; ++i) {
                StreamEntry* entry = pin(table, "s-" + std::to_string(random() % 2'000));
                entry->event_count.fetch_add(1);
                ++visits;
                StreamTable::unpin(*entry);
            }
        });
    }
    threads.clear();
    EXPECT_EQ(visits, 20'000u);
    EXPECT_LT(table.size(), 2'000u);
}

}  // namespace
}  // namespace annals::commit
