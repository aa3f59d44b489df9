// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// The cut (log-and-rules 2.5, docs/adr/0018): what is answered of events that the log has
// forgotten. Each answer is asked for with the index that was there and with one made anew.
#include <random>

#include <gtest/gtest.h>

#include "annals/commit/forgotten.hpp"
#include "annals/model/names.hpp"

#include "scavenge_test_support.hpp"

namespace annals::scavenge {
namespace {

using commit::testing::append_of_all;
using commit::testing::expecting;
using commit::testing::token_of;
using commit::testing::tracked;
using commit::testing::unless;

Uuid id_of(std::uint8_t number) {
    Uuid id;
    id.bytes[0] = number;
    id.bytes[15] = 1;
    return id;
}

const model::Query kCustomer3{{{.types = {}, .tags = {"customer:3"}}}};

class CutTest : public ::testing::Test {
  protected:
    /// What has been removed by now is folded.
    void fold() {
        store_.clock.pass(kSecondNs);
        LogScavengeOptions options;
        options.folds_before = store_.orderer->now();
        folded_ = store_.scavenge(options).folded_events;
    }
    ErrorCode code_of(const TestAppend& append) const {
        const Answer answer = append_to(*store_.orderer, append);
        EXPECT_FALSE(answer.has_value());
        return answer ? ErrorCode::kInternal : answer.error().code();
    }
    /// With the index that was there, and with one that is made of the log.
    template <typename Check>
    void both_ways(Check check) {
        {
            SCOPED_TRACE("the index that was there");
            check();
        }
        store_.reopen();
        SCOPED_TRACE("an index made anew");
        check();
    }

    TestStore store_;
    std::uint64_t folded_ = 0;
};

TEST_F(CutTest, StubsAreRememberedUntilTheyAreCut) {
    TestEvent event{.stream = "a", .id = id_of(1)};
    const model::AppendResult first = store_.add(event);
    store_.add({.stream = "a"});
    store_.set("a", {.max_count = 1});
    store_.scavenge();
    EXPECT_EQ(store_.orderer->cut(), model::Cut());
    store_.clock.pass(kYearNs);
    LogScavengeOptions younger;  // it was removed after this
    younger.folds_before = TimeNs(store_.orderer->now().value - kYearNs);
    EXPECT_EQ(store_.scavenge(younger).folded_events, 0u);
    EXPECT_EQ(store_.orderer->cut(), model::Cut());
    const Answer again = append_to(*store_.orderer, append_of(event));
    ASSERT_TRUE(again.has_value());
    EXPECT_TRUE(again->is_replay);
    EXPECT_EQ(again->first_position, first.first_position);
}

TEST_F(CutTest, AnIdBelowTheCutIsNew) {
    TestEvent event{.stream = "a", .id = id_of(1)};
    store_.add(event);
    store_.add({.stream = "a"});
    store_.set("a", {.max_count = 1});
    store_.scavenge();
    fold();
    EXPECT_EQ(folded_, 1u);
    EXPECT_EQ(store_.orderer->cut().position, Position(1));
    store_.reopen();
    EXPECT_EQ(store_.orderer->cut().position, Position(1));
    event.data = "{\"other\":1}";
    const Answer again = append_to(*store_.orderer, append_of(event));
    ASSERT_TRUE(again.has_value()) << again.error().to_string();
    EXPECT_FALSE(again->is_replay);
    EXPECT_EQ(again->streams[0].first, Revision(2));
}

TEST_F(CutTest, AnIdIsNewAtOnceInTheProcessThatCut) {
    TestEvent event{.stream = "a", .id = id_of(1)};
    store_.add(event);
    store_.add({.stream = "a"});
    store_.set("a", {.max_count = 1});
    store_.scavenge();
    EXPECT_TRUE(append_to(*store_.orderer, append_of(event))->is_replay);
    fold();
    const Answer again = append_to(*store_.orderer, append_of(event));
    ASSERT_TRUE(again.has_value());
    EXPECT_FALSE(again->is_replay);
}

TEST_F(CutTest, WhatACutSaysHoldsBeforeAnythingIsFolded) {
    TestEvent event{.stream = "a", .id = id_of(1), .tags = {"customer:3"}};
    store_.add(event);
    store_.add({.stream = "a"});
    store_.set("a", {.max_count = 1});
    store_.scavenge();
    const TestAppend query = unless(append_of({.stream = "c"}), kCustomer3, "");
    EXPECT_TRUE(append_to(*store_.orderer, append_of(event))->is_replay);
    EXPECT_EQ(code_of(query), ErrorCode::kConflict);
    // As a crash leaves it that comes right behind the cut, but in the process that cut.
    store_.clock.pass(kSecondNs);
    const model::Cut cut{Position(1), store_.orderer->now()};
    store_.add(
        {.stream = std::string(model::kCutStream),
         .type = std::string(model::kCutType),
         .data = model::cut_to_json(cut)}
    );
    EXPECT_TRUE(append_to(*store_.orderer, query).has_value());
    const Answer again = append_to(*store_.orderer, append_of(event));
    ASSERT_TRUE(again.has_value()) << again.error().to_string();
    EXPECT_FALSE(again->is_replay);
}

TEST_F(CutTest, AQueryWithAnOldTokenIsRefusedAndOneWithANewTokenIsNot) {
    const std::string before = token_of(*store_.orderer, store_.add({.stream = "b"}));
    store_.add({.stream = "a", .tags = {"customer:3"}});
    const std::string behind = token_of(*store_.orderer, store_.add({.stream = "b"}));
    store_.set("a", {.truncate_before = Revision(1)});
    store_.scavenge();
    both_ways([&] {
        EXPECT_EQ(
            code_of(unless(append_of({.stream = "c"}), kCustomer3, before)), ErrorCode::kConflict
        );
    });
    fold();
    ASSERT_EQ(store_.orderer->cut().position, Position(2));
    both_ways([&] {
        EXPECT_EQ(
            code_of(unless(append_of({.stream = "c"}), kCustomer3, before)), ErrorCode::kTokenTooOld
        );
        // Nothing was forgotten behind this one.
        EXPECT_TRUE(
            append_to(*store_.orderer, unless(append_of({.stream = "c"}), kCustomer3, behind))
                .has_value()
        );
        // Without a token: all that the log still knows.
        EXPECT_TRUE(append_to(*store_.orderer, unless(append_of({.stream = "c"}), kCustomer3, ""))
                        .has_value());
    });
    store_.add({.stream = "d", .tags = {"customer:3"}});
    both_ways([&] {
        EXPECT_EQ(
            code_of(unless(append_of({.stream = "c"}), kCustomer3, "")), ErrorCode::kConflict
        );
        EXPECT_EQ(
            code_of(unless(append_of({.stream = "c"}), kCustomer3, behind)), ErrorCode::kConflict
        );
    });
}

TEST_F(CutTest, AnAppendOfWhichSomethingIsLeftIsRememberedAsAWhole) {
    TestAppend both = append_of_all(
        {{.stream = "a", .id = id_of(1), .tags = {"customer:3"}}, {.stream = "b", .id = id_of(2)}}
    );
    ASSERT_TRUE(append_to(*store_.orderer, both).has_value());
    store_.add({.stream = "d"});  // so that the cut lies behind the append
    store_.set("a", {.truncate_before = Revision(1)});
    store_.set("d", {.truncate_before = Revision(1)});
    store_.scavenge();
    fold();
    EXPECT_EQ(folded_, 1u);
    EXPECT_EQ(store_.orderer->cut().position, Position(3));
    both_ways([&] {
        const Answer again = append_to(*store_.orderer, both);
        ASSERT_TRUE(again.has_value()) << again.error().to_string();
        EXPECT_TRUE(again->is_replay);
        EXPECT_EQ(
            code_of(unless(append_of({.stream = "c"}), kCustomer3, "")), ErrorCode::kConflict
        );
    });
}

TEST_F(CutTest, HeadsDeletionsAndTombstonesAreAnsweredAsBefore) {
    store_.add_many("deleted", 5);
    store_.add_many("entombed", 3);
    store_.add_many("short", 4);
    store_.remove("deleted");
    store_.tombstone("entombed");
    store_.set("short", {.max_count = 1});
    store_.scavenge();
    const std::string deleted = store_.read("deleted");
    const std::string entombed = store_.read("entombed");
    fold();
    EXPECT_EQ(folded_, 11u);
    const auto exactly = [](std::uint64_t revision) {
        return model::ExpectedRevision::exactly(Revision(revision));
    };
    both_ways([&] {
        EXPECT_EQ(
            code_of(expecting(append_of({.stream = "deleted"}), "deleted", exactly(3))),
            ErrorCode::kConflict
        );
        EXPECT_EQ(code_of(append_of({.stream = "entombed"})), ErrorCode::kStreamDeleted);
        EXPECT_EQ(
            code_of(expecting(append_of({.stream = "short"}), "short", exactly(2))),
            ErrorCode::kConflict
        );
        EXPECT_EQ(store_.read("deleted"), deleted);
        EXPECT_EQ(store_.read("entombed"), entombed);
        EXPECT_EQ(store_.read("short"), "3:{\"n\":3} ");
    });
    both_ways([&, next = std::uint64_t{4}]() mutable {
        const Answer more = append_to(
            *store_.orderer, expecting(append_of({.stream = "deleted"}), "deleted", exactly(next))
        );
        ASSERT_TRUE(more.has_value()) << more.error().to_string();
        EXPECT_EQ(more->streams[0].first, Revision(++next));
    });
}

TEST_F(CutTest, WhatASoftDeleteHidStaysHiddenWhenTheDeletionItselfWasSuperseded) {
    store_.add_many("a", 4);
    store_.remove("a");
    store_.set("a", {.max_age_s = 1'000'000});  // live again, with nothing to show
    store_.add({.stream = "a", .data = "new"});
    store_.scavenge();
    const std::string shown = store_.read("a");
    EXPECT_EQ(shown, "4:new ");
    fold();
    EXPECT_EQ(folded_, 4u);  // not the deletion
    both_ways([&] { EXPECT_EQ(store_.read("a"), shown); });
}

TEST_F(CutTest, TrackingIsRememberedForEver) {
    const auto at = [](std::uint64_t position) {
        return tracked(append_of({.stream = "a"}), {"source", "consumer", "key", position});
    };
    ASSERT_TRUE(append_to(*store_.orderer, at(5)).has_value());
    const Answer last = append_to(*store_.orderer, at(7));
    ASSERT_TRUE(last.has_value());
    store_.add({.stream = "a"});
    store_.set("a", {.max_count = 1});
    store_.scavenge();
    fold();
    EXPECT_EQ(folded_, 2u);
    both_ways([&] {
        EXPECT_EQ(code_of(at(5)), ErrorCode::kAlreadyTracked);
        const Answer again = append_to(*store_.orderer, at(7));
        ASSERT_TRUE(again.has_value()) << again.error().to_string();
        EXPECT_TRUE(again->is_replay);
        EXPECT_EQ(again->first_position, last->first_position);
        EXPECT_EQ(again->streams, last->streams);
        EXPECT_EQ(again->chain_bits, last->chain_bits);
    });
}

TEST_F(CutTest, TokensOfForgottenEventsAreReadFromAndReadsPassOver) {
    store_.add_many("a", 6);
    store_.add({.stream = "b", .data = "left"});
    store_.set("a", {.max_count = 1});
    std::vector<std::string> tokens;
    for (std::uint64_t p = 1; p <= 6; ++p) {
        tokens.push_back(model::format_token(model::make_token(
            store_.orderer->log().identity(),
            Position(p),
            *store_.orderer->log().chain_bits_at(Position(p))
        )));
    }
    store_.scavenge();
    fold();
    EXPECT_EQ(folded_, 5u);
    both_ways([&] {
        for (const std::string& token : tokens) {
            api::ReadRequest request;
            request.start = api::AfterToken{token};
            const auto page = store_.reader->read({}, request);
            ASSERT_TRUE(page.has_value()) << page.error().to_string();
            EXPECT_GE(page->events.decode()->size(), 1u);
        }
    });
}

TEST_F(CutTest, NothingIsCutWhereNothingCanBeFolded) {
    store_.add_many("a", 3);
    fold();
    fold();
    EXPECT_EQ(store_.orderer->visible_end().get(), Position(3));
    EXPECT_EQ(store_.orderer->cut(), model::Cut());
}

TEST_F(CutTest, ACutOfWhatIsNotThereOrBesideOtherEventsIsRefused) {
    store_.add_many("a", 2);
    const std::string good = model::cut_to_json({Position(2), TimeNs(5)});
    const std::string beyond = model::cut_to_json({Position(9), TimeNs(5)});
    const std::string stream(model::kCutStream);
    const std::string type(model::kCutType);
    EXPECT_EQ(
        code_of(append_of({.stream = stream, .type = type, .data = beyond})),
        ErrorCode::kInvalidArgument
    );
    EXPECT_EQ(
        code_of(append_of({.stream = stream, .type = "other", .data = good})),
        ErrorCode::kInvalidArgument
    );
    EXPECT_EQ(
        code_of(append_of_all({{.stream = stream, .type = type, .data = good}, {.stream = "a"}})),
        ErrorCode::kInvalidArgument
    );
}

/// What can be asked of a log, as text.
std::string everything(TestStore& store) {
    std::string said;
    for (const std::string stream : {"a-1", "a-2", "b-1", "b-2", "c"}) {
        said += stream + "=" + store.read(stream) + "|" + store.read(stream, true) + "\n";
        const auto head = store.orderer->index().head(stream);
        EXPECT_TRUE(head.has_value());
        if (!*head) continue;
        said += std::to_string((*head)->first.value) + " " + std::to_string((*head)->last.value) +
                " " + std::to_string((*head)->last_position.value) + " " +
                std::to_string((*head)->last_time.value) + " " +
                std::to_string((*head)->first_time.value) + "\n";
        std::vector<Position> positions;
        EXPECT_TRUE(store.orderer->index().stream_positions(
            stream, Revision(0), index::Direction::kForwards, 10'000, positions
        ));
        for (const Position position : positions) said += std::to_string(position.value) + ",";
        said += "\n";
    }
    const auto list = [&said](const auto& summaries) {
        for (const auto& one : *summaries)
            said += one.name + " " + std::to_string(one.events) + " " +
                    std::to_string(one.last_position.value) + "\n";
    };
    list(store.orderer->index().list_streams("", "", 100));
    list(store.orderer->index().list_categories("", "", 100));
    list(store.orderer->index().list_types("", "", 100));
    api::ReadRequest all;
    all.limit = 1000;
    const auto page = store.reader->read({}, all);
    EXPECT_TRUE(page.has_value());
    const auto events = page->events.decode();
    EXPECT_TRUE(events.has_value());
    for (const model::RecordedEvent& event : *events)
        said += std::to_string(event.position.value) + ":" + std::string(event.data) + " ";
    return said;
}

TEST_F(CutTest, AnIndexMadeOfALogWithRangesAnswersAsTheOneThatWasThere) {
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        TestStore twin("twin");
        std::mt19937_64 random(seed);
        const std::vector<std::string> streams{"a-1", "a-2", "b-1", "b-2", "c"};
        for (int round = 0; round < 4; ++round) {
            for (int i = 0; i < 40; ++i) {
                const std::string& stream = streams[random() % streams.size()];
                const std::string data = "{\"n\":" + std::to_string(i) + "}";
                const std::string key = "key:" + std::to_string(random() % 5);
                TestAppend append = append_of({.stream = stream, .data = data, .tags = {key}});
                if (random() % 3 == 0) append.events.push_back(append.events[0]);
                if (random() % 4 == 0)
                    append = tracked(
                        append, {"s", "c", key, static_cast<std::uint64_t>(1 + round * 100 + i)}
                    );
                static_cast<void>(append_to(*twin.orderer, append));
                twin.clock.pass(1000);
            }
            twin.set(streams[random() % 5], {.max_count = 1 + random() % 9});
            twin.set(streams[random() % 5], {.compact_by = "key"});
            if (random() % 2 == 0) twin.remove(streams[random() % 5]);
            twin.scavenge();
            const std::string before = everything(twin);
            twin.clock.pass(kSecondNs);
            LogScavengeOptions options;
            options.folds_before = TimeNs(
                twin.orderer->now().value - (random() % 2 == 0 ? kSecondNs / 2 : 0)
            );
            const ScavengeTotals totals = twin.scavenge(options);
            EXPECT_GT(totals.folded_events, 0u);
            const std::string folded = everything(twin);
            twin.reopen();
            ASSERT_EQ(everything(twin), folded);
            // The cut is an event, and all else is as it was.
            ASSERT_EQ(
                folded.substr(0, folded.find("$cuts")), before.substr(0, folded.find("$cuts"))
            );
        }
    }
}

}  // namespace
}  // namespace annals::scavenge
