// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/index/index.hpp"

#include <atomic>
#include <fstream>
#include <limits>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "block.hpp"
#include "keys.hpp"
#include "memory.hpp"
#include "naive_index.hpp"
#include "store.hpp"

namespace annals::index {
namespace {

namespace fs = std::filesystem;
using testing::chain_at;
using testing::EventSource;
using testing::feed;
using testing::NaiveIndex;
using testing::TestEvent;
using testing::TestFolder;

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t kSmallBudget = 8u << 20u;

bool agrees(const IndexMark& mark) { return mark.chain == chain_at(mark.position); }

struct Opened {
    std::unique_ptr<Index> index;
    std::string discarded;
};

Opened open(const std::string& path, IndexMemory& memory, const IndexOptions& options) {
    Opened opened;
    auto index = Index::open(path, options, memory, agrees, opened.discarded);
    EXPECT_TRUE(index) << (index ? "" : index.error().to_string());
    if (index) opened.index = std::move(*index);
    return opened;
}

IndexOptions small_windows(std::size_t events = 16, bool is_in_memory = false) {
    IndexOptions options;
    options.window_events_max = events;
    options.is_in_memory = is_in_memory;
    return options;
}

/// Adds `count` events to both, in batches of up to `batch`.
void grow(
    NaiveIndex& naive, Index& index, EventSource& source, std::size_t count, std::size_t batch
) {
    while (count > 0) {
        const std::size_t n = std::min(count, 1 + source.below(batch));
        const std::size_t begin = naive.events.size();
        for (std::size_t i = 0; i < n; ++i) naive.events.push_back(source.next());
        feed(index, naive.events, begin, naive.events.size());
        count -= n;
    }
}

void feed_missing(const NaiveIndex& naive, Index& index) {
    feed(index, naive.events, index.position().value, naive.events.size());
}

// ---- comparisons with the naive index ----

void compare_streams(const NaiveIndex& naive, const Index& index, EventSource& source) {
    std::set<std::string> names = naive.streams();
    names.insert("absent-1");
    for (const std::string& name : names) {
        const auto all = naive.stream(name, 0, Direction::kForwards, kMax);
        auto head = index.head(name);
        ASSERT_TRUE(head);
        ASSERT_EQ(head->has_value(), !all.empty()) << name;
        if (!all.empty()) {
            const TestEvent& first = naive.events[all.front().value - 1];
            const TestEvent& last = naive.events[all.back().value - 1];
            EXPECT_EQ((*head)->last, last.revision);
            EXPECT_EQ((*head)->last_position, last.position);
            EXPECT_EQ((*head)->last_time, last.time);
            EXPECT_EQ((*head)->first_time, first.time);
        }
        const auto without_disk = index.head_without_disk(name);
        if (without_disk) {
            ASSERT_EQ(without_disk->has_value(), !all.empty());
            if (!all.empty()) {
                EXPECT_EQ((*without_disk)->last_position, all.back());
            }
        }
        for (int round = 0; round < 4; ++round) {
            const Direction direction = source.below(2) == 0 ? Direction::kForwards
                                                             : Direction::kBackwards;
            const std::uint64_t from = source.below(5) == 0 ? kMax : source.below(all.size() + 3);
            const std::size_t limit = source.below(3) == 0 ? 1000 : source.below(8);
            std::vector<Position> found;
            ASSERT_TRUE(index.stream_positions(name, Revision(from), direction, limit, found));
            EXPECT_EQ(found, naive.stream(name, from, direction, limit))
                << name << " from " << from << " limit " << limit
                << (direction == Direction::kForwards ? " up" : " down");
        }
        auto hashes = index.stream_id_hashes(name, all.size());
        ASSERT_TRUE(hashes);
        ASSERT_TRUE(hashes->has_value());
        ASSERT_EQ((*hashes)->size(), all.size());
        for (std::size_t i = 0; i < all.size(); ++i) {
            EXPECT_EQ((**hashes)[i], Index::id_hash(naive.events[all[i].value - 1].id));
        }
        if (!all.empty()) {
            auto too_many = index.stream_id_hashes(name, all.size() - 1);
            ASSERT_TRUE(too_many);
            EXPECT_FALSE(too_many->has_value());
        }
    }
}

void compare_queries(const NaiveIndex& naive, const Index& index, EventSource& source) {
    const std::uint64_t end = naive.events.size();
    for (int round = 0; round < 24; ++round) {
        const bool is_up = source.below(2) == 0;
        const Direction direction = is_up ? Direction::kForwards : Direction::kBackwards;
        const std::uint64_t low = source.below(3) == 0 ? 0 : source.below(end + 2);
        const std::uint64_t high = source.below(3) == 0 ? kMax : source.below(end + 2);
        const std::uint64_t from = is_up ? low : high;
        const std::uint64_t to = is_up ? high : low;
        const std::size_t limit = source.below(2) == 0 ? 1000 : source.below(9);
        model::Query query;
        for (std::size_t n = 1 + source.below(3); n > 0; --n) {
            model::QueryItem item;
            for (std::size_t t = source.below(3); t > 0; --t)
                item.types.push_back("type" + std::to_string(source.below(5)));
            for (std::size_t t = source.below(3); t > 0; --t)
                item.tags.push_back("tag:" + std::to_string(source.below(10)));
            if (item.types.empty() && item.tags.empty()) item.tags.emplace_back("tag:1");
            query.items.push_back(std::move(item));
        }
        std::vector<Position> found;
        ASSERT_TRUE(
            index.query_positions(query, Position(from), Position(to), direction, limit, found)
        );
        EXPECT_EQ(found, naive.matching(query, from, to, direction, limit))
            << "from " << from << " to " << to << " limit " << limit << (is_up ? " up" : " down");

        model::Filter filter;
        for (std::size_t n = source.below(3); n > 0; --n)
            filter.categories.push_back("cat" + std::to_string(source.below(4)));
        for (std::size_t n = source.below(3); n > 0; --n)
            filter.types.push_back("type" + std::to_string(source.below(5)));
        for (std::size_t n = source.below(3); n > 0; --n)
            filter.tags.push_back("tag:" + std::to_string(source.below(10)));
        found.clear();
        auto is_answered = index.filter_positions(
            filter, Position(from), Position(to), direction, limit, found
        );
        ASSERT_TRUE(is_answered);
        ASSERT_EQ(*is_answered, !filter.is_everything());
        if (*is_answered) {
            EXPECT_EQ(found, naive.matching(filter, from, to, direction, limit));
        }
    }
}

void compare_ids(const NaiveIndex& naive, const Index& index, EventSource& source) {
    for (int round = 0; round < 12 && !naive.events.empty(); ++round) {
        const TestEvent& event = naive.events[source.below(naive.events.size())];
        std::vector<Position> everywhere;
        ASSERT_TRUE(index.find_id(event.id, everywhere));
        std::sort(everywhere.begin(), everywhere.end());
        EXPECT_EQ(everywhere, naive.with_id(event.id));
        std::vector<IdMatch> matches;
        ASSERT_TRUE(index.find_id_in_stream(event.stream, event.id, matches));
        std::vector<Position> in_stream;
        for (const IdMatch& match : matches) {
            in_stream.push_back(match.position);
            EXPECT_EQ(naive.events[match.position.value - 1].revision, match.revision);
        }
        std::vector<Position> expected = naive.with_id(event.id);
        std::erase_if(expected, [&](Position p) {
            return naive.events[p.value - 1].stream != event.stream;
        });
        EXPECT_EQ(in_stream, expected);
    }
    std::vector<Position> none;
    ASSERT_TRUE(index.find_id(Uuid{}, none));
    EXPECT_TRUE(none.empty());
}

template <typename List, typename Summaries>
void list_in_pages(List list, std::size_t page, Summaries& all) {
    std::string after;
    while (true) {
        auto part = list(after, page);
        ASSERT_TRUE(part);
        if (part->empty()) break;
        after = part->back().name;
        for (auto& one : *part) all.push_back(std::move(one));
    }
}

void compare_lists(const NaiveIndex& naive, const Index& index, EventSource& source) {
    const std::string prefix = source.below(2) == 0 ? "" : "cat" + std::to_string(source.below(4));
    struct Total {
        std::uint64_t events = 0;
        std::set<std::string> streams;
        Position last_position;
        TimeNs last_time;
    };
    std::map<std::string, Total> streams;
    std::map<std::string, Total> categories;
    std::map<std::string, Total> types;
    const auto count =
        [&](std::map<std::string, Total>& totals, const std::string& name, const TestEvent& event) {
            Total& total = totals[name];
            ++total.events;
            total.streams.insert(event.stream);
            total.last_position = event.position;
            total.last_time = event.time;
        };
    for (const TestEvent& event : naive.events) {
        if (event.stream.starts_with(prefix)) count(streams, event.stream, event);
        if (!event.category().empty() && event.category().starts_with(prefix))
            count(categories, event.category(), event);
        count(types, event.type, event);
    }
    const std::size_t page = 1 + source.below(5);
    std::vector<StreamSummary> found;
    list_in_pages(
        [&](auto after, auto n) { return index.list_streams(prefix, after, n); }, page, found
    );
    ASSERT_EQ(found.size(), streams.size());
    auto expected = streams.begin();
    for (const StreamSummary& one : found) {
        EXPECT_EQ(one.name, expected->first);
        EXPECT_EQ(one.events, expected->second.events);
        EXPECT_EQ(one.last_position, expected->second.last_position);
        EXPECT_EQ(one.last_time, expected->second.last_time);
        ++expected;
    }
    std::vector<CategorySummary> found_categories;
    list_in_pages(
        [&](auto after, auto n) { return index.list_categories(prefix, after, n); },
        page,
        found_categories
    );
    ASSERT_EQ(found_categories.size(), categories.size());
    expected = categories.begin();
    for (const CategorySummary& one : found_categories) {
        EXPECT_EQ(one.name, expected->first);
        EXPECT_EQ(one.events, expected->second.events);
        EXPECT_EQ(one.streams, expected->second.streams.size());
        EXPECT_EQ(one.last_position, expected->second.last_position);
        EXPECT_EQ(one.last_time, expected->second.last_time);
        ++expected;
    }
    std::vector<StreamSummary> found_types;
    list_in_pages(
        [&](auto after, auto n) { return index.list_types("", after, n); }, page, found_types
    );
    ASSERT_EQ(found_types.size(), types.size());
    expected = types.begin();
    for (const StreamSummary& one : found_types) {
        EXPECT_EQ(one.name, expected->first);
        EXPECT_EQ(one.events, expected->second.events);
        ++expected;
    }
}

void compare(const NaiveIndex& naive, const Index& index, EventSource& source) {
    compare_streams(naive, index, source);
    compare_queries(naive, index, source);
    compare_ids(naive, index, source);
    compare_lists(naive, index, source);
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
        ASSERT_TRUE(opened.index->find_id_in_stream("order-2", id, matches));
        ASSERT_EQ(matches.size(), 1u);
        EXPECT_EQ(matches[0].position, Position(2));
        EXPECT_EQ(matches[0].revision, Revision(0));
        std::vector<Position> everywhere;
        ASSERT_TRUE(opened.index->find_id(id, everywhere));
        EXPECT_THAT(everywhere, ::testing::ElementsAre(Position(1), Position(2)));
    }
}

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
