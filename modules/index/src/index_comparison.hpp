// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// Comparisons of an index with a loop over all events.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "index_test_support.hpp"

namespace annals::index {

inline void compare_streams(const NaiveIndex& naive, const Index& index, EventSource& source) {
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

inline void compare_queries(const NaiveIndex& naive, const Index& index, EventSource& source) {
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

inline void compare_ids(const NaiveIndex& naive, const Index& index, EventSource& source) {
    for (int round = 0; round < 12 && !naive.events.empty(); ++round) {
        const TestEvent& event = naive.events[source.below(naive.events.size())];
        std::vector<Position> everywhere;
        ASSERT_TRUE(index.find_id(event.id, everywhere));
        std::sort(everywhere.begin(), everywhere.end());
        EXPECT_EQ(everywhere, naive.with_id(event.id));
        // One or several at once, some of other streams.
        std::set<std::uint32_t> hashes{Index::id_hash(event.id)};
        for (std::uint64_t more = source.below(30); more > 0; --more) {
            hashes.insert(Index::id_hash(naive.events[source.below(naive.events.size())].id));
        }
        const std::vector<std::uint32_t> wanted(hashes.begin(), hashes.end());
        std::vector<IdMatch> matches;
        ASSERT_TRUE(index.find_ids_in_stream(event.stream, wanted, matches));
        std::vector<Position> in_stream;
        for (const IdMatch& match : matches) {
            in_stream.push_back(match.position);
            EXPECT_EQ(naive.events[match.position.value - 1].revision, match.revision);
            EXPECT_EQ(Index::id_hash(naive.events[match.position.value - 1].id), match.hash);
        }
        std::vector<Position> expected;
        for (std::size_t i = 0; i < naive.events.size(); ++i) {
            const bool is_wanted = naive.events[i].stream == event.stream &&
                                   hashes.contains(Index::id_hash(naive.events[i].id));
            if (is_wanted) expected.emplace_back(i + 1);
        }
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

inline void compare_lists(const NaiveIndex& naive, const Index& index, EventSource& source) {
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
        [&](const auto& after, auto n) { return index.list_streams(prefix, after, n); }, page, found
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
        [&](const auto& after, auto n) { return index.list_categories(prefix, after, n); },
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
        [&](const auto& after, auto n) { return index.list_types("", after, n); }, page, found_types
    );
    ASSERT_EQ(found_types.size(), types.size());
    expected = types.begin();
    for (const StreamSummary& one : found_types) {
        EXPECT_EQ(one.name, expected->first);
        EXPECT_EQ(one.events, expected->second.events);
        ++expected;
    }
}

inline void compare(const NaiveIndex& naive, const Index& index, EventSource& source) {
    compare_streams(naive, index, source);
    compare_queries(naive, index, source);
    compare_ids(naive, index, source);
    compare_lists(naive, index, source);
}

}  // namespace annals::index
