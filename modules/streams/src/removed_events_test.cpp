// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// A read that meets removed events says so (log-and-rules 2.5, docs/adr/0018).
#include <algorithm>
#include <functional>
#include <ostream>
#include <set>

#include <gtest/gtest.h>

#include "annals/streams/stream_reader.hpp"
#include "annals/streams/testing/fake_orderer.hpp"
#include "annals/streams/testing/random_events.hpp"

namespace annals::api {

/// For messages of tests.
static void PrintTo(const RemovedEvents& removed, std::ostream* out) {
    *out << removed.first_position.value << ".." << removed.last_position.value << " x"
         << removed.events;
    if (removed.first_revision) *out << " from revision " << removed.first_revision->value;
    if (removed.is_uncertain) *out << " uncertain";
}

}  // namespace annals::api

namespace annals::streams {
namespace {

using api::AfterToken;
using api::Direction;
using api::FromPosition;
using api::FromRevision;
using api::RemovedEvents;
using testing::RandomEvents;
using testing::TestEvent;

using Numbers = std::vector<std::uint64_t>;
using Names = std::set<std::uint64_t>;

std::function<bool(std::uint64_t)> among(Names positions) {
    return [positions = std::move(positions)](std::uint64_t position) {
        return positions.contains(position);
    };
}

/// One append each, in this order: positions 1, 2, 3, …
void append_each(testing::FakeOrderer& log, const std::vector<std::string>& streams) {
    for (const std::string& stream : streams) {
        TestEvent event;
        event.stream = stream;
        event.tags = {"of:" + stream};
        log.append_one(event);
        log.clock.pass(1'000);
    }
}

/// What all pages of a read hold, from the first to the end.
struct Chain {
    Numbers given;
    std::vector<RemovedEvents> removed;
    /// The page before may have ended within a run.
    bool may_go_on = false;

    void add(std::vector<RemovedEvents> of_page) {
        for (RemovedEvents& one : of_page) {
            const bool goes_on = may_go_on && &one == &of_page.front() && !removed.empty() &&
                                 !one.is_uncertain && !removed.back().is_uncertain &&
                                 !lies_between(removed.back(), one);
            if (goes_on) {
                removed.back().take_in(one);
            } else {
                removed.push_back(one);
            }
        }
    }
    /// An event that was given does.
    [[nodiscard]] bool lies_between(const RemovedEvents& one, const RemovedEvents& other) const {
        const Position low = std::min(one.last_position, other.last_position);
        const Position high = std::max(one.first_position, other.first_position);
        return std::any_of(given.begin(), given.end(), [&](std::uint64_t position) {
            return low.value < position && position < high.value;
        });
    }
};

Chain read_chain(StreamReader& reader, api::ReadRequest request) {
    Chain chain;
    while (true) {
        const Result<api::ReadPage> page = reader.read({}, request);
        if (!page) {
            ADD_FAILURE() << page.error().to_string();
            return chain;
        }
        const auto events = page->events.decode();
        for (const model::RecordedEvent& event : *events)
            chain.given.push_back(event.position.value);
        chain.add(page->removed);
        if (page->is_end) return chain;
        // A page of a filter that is not full took too long: it may end anywhere.
        chain.may_go_on = page->events.size() < request.limit &&
                          (request.stream.empty() || page->events.empty());
        request.start = AfterToken{page->next};
    }
}

RemovedEvents gone(std::uint64_t first, std::uint64_t last, std::uint64_t events) {
    RemovedEvents removed;
    removed.first_position = Position(first);
    removed.last_position = Position(last);
    removed.events = events;
    return removed;
}

RemovedEvents gone_of_stream(
    std::uint64_t first, std::uint64_t last, std::uint64_t first_revision, std::uint64_t events
) {
    RemovedEvents removed = gone(first, last, events);
    removed.first_revision = Revision(first_revision);
    removed.last_revision = Revision(first_revision + events - 1);
    return removed;
}

RemovedEvents uncertain_to(std::uint64_t last) {
    RemovedEvents removed = gone(1, last, 0);
    removed.is_uncertain = true;
    return removed;
}

/// Times aside.
std::vector<RemovedEvents> timeless(std::vector<RemovedEvents> removed) {
    for (RemovedEvents& one : removed) one.removed_time = TimeNs();
    return removed;
}

using Removed = std::vector<RemovedEvents>;

class RemovedEventsTest : public ::testing::Test {
  protected:
    Chain read(const api::ReadRequest& request) {
        Chain chain = read_chain(reader_, request);
        chain.removed = timeless(std::move(chain.removed));
        return chain;
    }

    testing::FakeOrderer log_;
    StreamReader reader_{log_};
};

TEST_F(RemovedEventsTest, AReadOfEverythingTellsOfThemInTheirPlace) {
    append_each(log_, {"a-1", "b-1", "a-1", "b-1", "a-1", "b-1"});
    log_.remove(among({2, 3, 5}));
    const Result<api::ReadPage> page = reader_.read({}, {});
    ASSERT_TRUE(page);
    EXPECT_EQ(timeless(page->removed), (Removed{gone(2, 3, 2), gone(5, 5, 1)}));
    EXPECT_EQ(page->removed.front().removed_time, log_.clock.now());
    EXPECT_EQ(
        read({.direction = Direction::kBackwards}).removed, (Removed{gone(5, 5, 1), gone(2, 3, 2)})
    );
}

TEST_F(RemovedEventsTest, FoldedOnesAreCountedAndTheirTimeIsForgotten) {
    append_each(log_, {"a-1", "b-1", "a-1", "b-1"});
    log_.remove(among({1, 2, 3}), among({2, 3}));
    const Result<api::ReadPage> page = reader_.read({}, {});
    ASSERT_TRUE(page);
    EXPECT_EQ(timeless(page->removed), Removed{gone(1, 3, 3)});
    EXPECT_EQ(page->removed.front().removed_time, log_.clock.now()) << "of the stub";
    EXPECT_EQ(
        reader_.read({}, {.start = FromPosition{Position(2)}})->removed, Removed{gone(2, 3, 2)}
    );
}

TEST_F(RemovedEventsTest, NothingIsToldOfWhatLiesOutside) {
    append_each(log_, {"a-1", "b-1", "a-1", "b-1", "a-1"});
    log_.remove(among({2}), among({2}));
    EXPECT_EQ(read({.start = FromPosition{Position(3)}}).removed, Removed{});
    EXPECT_EQ(
        read({.direction = Direction::kBackwards, .start = FromPosition{Position(1)}}).removed,
        Removed{}
    );
    model::Filter of_a;
    of_a.categories = {"a"};
    EXPECT_EQ(read({.filter = of_a}).removed, Removed{});
    EXPECT_EQ(read({.stream = "a-1"}).removed, Removed{});
    EXPECT_EQ(read({.stream = "b-1", .start = FromRevision{Revision(1)}}).removed, Removed{});
}

TEST_F(RemovedEventsTest, AFilterIsToldOfItsOwn) {
    append_each(log_, {"a-1", "b-1", "a-2", "b-1", "a-3", "a-4"});
    log_.remove(among({2, 3, 4, 5}), among({4, 5}));
    model::Filter of_a;
    of_a.categories = {"a"};
    EXPECT_EQ(read({.filter = of_a}).removed, Removed{gone(3, 5, 2)});
    model::Filter of_prefix;
    of_prefix.stream_prefixes = {"a-3"};
    EXPECT_EQ(read({.filter = of_prefix}).removed, Removed{gone(5, 5, 1)});
    model::Filter of_pattern;
    of_pattern.stream_pattern = "-[13]$";
    EXPECT_EQ(read({.filter = of_pattern}).removed, Removed{gone(2, 5, 3)});
}

TEST_F(RemovedEventsTest, OfForgottenTagsNobodyKnows) {
    append_each(log_, {"a-1", "b-1", "a-1", "b-1", "a-1", "b-1"});
    model::Filter of_a;
    of_a.tags = {"of:a-1"};
    log_.remove(among({1, 2, 5}));
    EXPECT_EQ(read({.filter = of_a}).removed, (Removed{gone(1, 1, 1), gone(5, 5, 1)}))
        << "stubs have their tags";
    log_.remove(among({}), among({1, 2}));
    for (const std::uint32_t limit : {1u, 2u, 100u}) {
        EXPECT_EQ(
            read({.filter = of_a, .limit = limit}).removed,
            (Removed{uncertain_to(2), gone(5, 5, 1)})
        );
        EXPECT_EQ(
            read({.filter = of_a, .direction = Direction::kBackwards, .limit = limit}).removed,
            (Removed{gone(5, 5, 1), uncertain_to(2)})
        );
    }
    EXPECT_EQ(
        read({.filter = of_a, .start = FromPosition{Position(3)}}).removed, Removed{gone(5, 5, 1)}
    );
}

TEST_F(RemovedEventsTest, PagesOfOneEventTellOnce) {
    append_each(log_, {"a-1", "a-1", "a-1", "a-1", "a-1", "a-1", "a-1"});
    log_.remove(among({1, 2, 4, 5, 7}), among({4, 5}));
    for (const Direction direction : {Direction::kForwards, Direction::kBackwards}) {
        Removed all{gone(1, 2, 2), gone(4, 5, 2), gone(7, 7, 1)};
        Removed of_stream{
            gone_of_stream(1, 2, 0, 2), gone_of_stream(4, 5, 3, 2), gone_of_stream(7, 7, 6, 1)
        };
        if (direction == Direction::kBackwards) {
            std::reverse(all.begin(), all.end());
            std::reverse(of_stream.begin(), of_stream.end());
        }
        for (const std::uint32_t limit : {1u, 2u, 3u, 100u}) {
            const Chain chain = read({.direction = direction, .limit = limit});
            EXPECT_EQ(chain.removed, all) << limit;
            EXPECT_EQ(chain.given.size(), 2u);
            EXPECT_EQ(
                read({.stream = "a-1", .direction = direction, .limit = limit}).removed, of_stream
            ) << limit;
        }
    }
}

TEST_F(RemovedEventsTest, AStreamThatIsGoneAltogetherSaysSo) {
    append_each(log_, {"a-1", "b-1", "a-1"});
    log_.remove(among({1, 3}), among({1, 3}));
    for (const Direction direction : {Direction::kForwards, Direction::kBackwards}) {
        const Chain chain = read({.stream = "a-1", .direction = direction});
        EXPECT_TRUE(chain.given.empty());
        EXPECT_EQ(chain.removed, Removed{gone_of_stream(1, 3, 0, 2)});
    }
}

TEST_F(RemovedEventsTest, WhatMetadataHideIsToldByReadsOfTheStream) {
    append_each(log_, {"a-1", "b-1", "a-1", "a-1", "a-1"});
    TestEvent said;
    said.stream = "$$a-1";
    said.type = "$metadata";
    said.data = R"({"$tb":2})";
    log_.append_one(said);
    const auto of_a = [&](Direction direction, api::ReadStart start, std::uint32_t limit = 100) {
        return read({.stream = "a-1",
                     .direction = direction,
                     .start = std::move(start),
                     .limit = limit})
            .removed;
    };
    const Removed both{gone_of_stream(1, 3, 0, 2)};
    for (const std::uint32_t limit : {1u, 2u, 3u}) {
        EXPECT_EQ(of_a(Direction::kForwards, {}, limit), both);
        EXPECT_EQ(of_a(Direction::kBackwards, {}, limit), both);
    }
    EXPECT_EQ(
        of_a(Direction::kForwards, FromRevision{Revision(1)}), Removed{gone_of_stream(1, 3, 1, 1)}
    );
    EXPECT_EQ(
        of_a(Direction::kForwards, FromPosition{Position(2)}), Removed{gone_of_stream(2, 3, 1, 1)}
    );
    EXPECT_EQ(of_a(Direction::kForwards, FromRevision{Revision(2)}), Removed{});
    EXPECT_EQ(of_a(Direction::kForwards, FromPosition{Position(4)}), Removed{});
    EXPECT_EQ(
        of_a(Direction::kBackwards, FromRevision{Revision(0)}), Removed{gone_of_stream(1, 6, 0, 1)}
    );
    // What was freed and what is only hidden are one.
    log_.remove(among({3, 4}));
    EXPECT_EQ(of_a(Direction::kForwards, {}), Removed{gone_of_stream(1, 4, 0, 3)});
    EXPECT_EQ(of_a(Direction::kBackwards, {}), Removed{gone_of_stream(1, 4, 0, 3)});
    EXPECT_EQ(read({}).removed, Removed{gone(3, 4, 2)}) << "a read of everything shows the hidden";
}

/// Random logs and removals, random requests paged to the end: every run of removed events between
/// two that are given is told of once, with the right count, and nothing else is.
TEST_F(RemovedEventsTest, PropertyPagesTellOfEachRunOnce) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        testing::FakeOrderer own;
        StreamReader reads(own);
        Tokens tokens(own);
        RandomEvents random(seed);
        std::vector<TestEvent> events;
        const std::uint64_t size = random.below(1'500) + 1;
        while (events.size() < size) {
            std::vector<TestEvent> one(random.below(4) + 1);
            for (TestEvent& event : one) event = random.event();
            own.append(one);
            events.insert(events.end(), one.begin(), one.end());
        }
        const std::uint64_t rate = random.below(8) + 1;
        const std::uint64_t folded_to = random.below(size + 1);
        const auto is_removed = [&](std::uint64_t at) {
            return events[at - 1].stream != "order-0" && (at * 2'654'435'761u >> 7u) % 8 < rate;
        };
        own.remove(is_removed);
        own.remove(
            [](std::uint64_t) { return false; }, [&](std::uint64_t at) { return at <= folded_to; }
        );
        Names removed;
        Names folded;
        log::LogReader log_reader = own.log().reader();
        for (const TestEvent& event : events) {
            const auto stored = log_reader.at(event.position);
            ASSERT_TRUE(stored);
            if (stored->is_removed) removed.insert(event.position.value);
            if (stored->is_folded) folded.insert(event.position.value);
        }
        for (int round = 0; round < 150; ++round) {
            api::ReadRequest request;
            if (random.chance(2)) request.stream = random.stream();
            if (request.stream.empty()) request.filter = random.filter();
            request.direction = random.chance(2) ? Direction::kForwards : Direction::kBackwards;
            request.limit = static_cast<std::uint32_t>(random.below(20) + 1);
            const bool is_forwards = request.direction == Direction::kForwards;
            const bool has_tags = !request.filter.tags.empty();
            std::vector<TestEvent> selected = testing::select(
                events, request.stream, request.filter
            );
            if (!request.stream.empty() && selected.empty()) continue;
            const Position pivot(random.below(events.size()) + 1);
            const bool starts_at_pivot = random.chance(2);
            if (starts_at_pivot) request.start = AfterToken{*tokens.at(pivot)};
            std::erase_if(selected, [&](const TestEvent& event) {
                // Of these nobody knows any more.
                if (has_tags && folded.contains(event.position.value)) return true;
                if (!starts_at_pivot) return false;
                return is_forwards ? event.position <= pivot : event.position >= pivot;
            });
            if (!is_forwards) std::reverse(selected.begin(), selected.end());

            Numbers given;
            Removed runs;
            bool is_open = false;
            for (const TestEvent& event : selected) {
                if (!removed.contains(event.position.value)) {
                    given.push_back(event.position.value);
                    is_open = false;
                    continue;
                }
                RemovedEvents one = gone(event.position.value, event.position.value, 1);
                if (!request.stream.empty())
                    one.first_revision = one.last_revision = event.revision;
                if (is_open) {
                    runs.back().take_in(one);
                } else {
                    runs.push_back(one);
                }
                is_open = true;
            }
            const Position cut = own.cut().position;
            const bool meets_cut = is_forwards ? !starts_at_pivot || pivot < cut
                                               : !starts_at_pivot || pivot > Position(1);
            const std::size_t uncertain = has_tags && cut.value > 0 && meets_cut ? 1 : 0;

            Chain chain = read_chain(reads, request);
            ASSERT_EQ(chain.given, given) << "seed " << seed << " round " << round;
            const auto is_uncertain = [](const RemovedEvents& one) { return one.is_uncertain; };
            ASSERT_EQ(std::erase_if(chain.removed, is_uncertain), uncertain)
                << "seed " << seed << " round " << round;
            ASSERT_EQ(timeless(chain.removed), runs)
                << "seed " << seed << " round " << round << " stream " << request.stream
                << (is_forwards ? " up" : " down") << " limit " << request.limit;
        }
    }
}

}  // namespace
}  // namespace annals::streams
