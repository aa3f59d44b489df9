// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// Checks on streams and queries (log-and-rules 2.4), as tests of the orderer's contract.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annals/commit/testing/test_append.hpp"
#include "annals/model/stream_life.hpp"

#include "orderer_fixture.hpp"

namespace annals::conformance {

// ---- 2.4 checks ----

// NOLINTNEXTLINE(readability-identifier-naming): the rule has this number
class Rules2_4 : public OrdererContract {};

TEST_P(Rules2_4, AnyIsAlwaysMet) {
    const auto any = model::ExpectedRevision::any();
    accept(expecting(append_of({.stream = "a-1"}), "a-1", any));
    accept(expecting(append_of({.stream = "a-1"}), "a-1", any));
}

TEST_P(Rules2_4, NoStreamIsMetUntilTheFirstEvent) {
    const auto none = model::ExpectedRevision::no_stream();
    accept(expecting(append_of({.stream = "a-1"}), "a-1", none));
    const Answer refused = append(expecting(append_of({.stream = "a-1"}), "a-1", none));
    EXPECT_EQ(code_of(refused), ErrorCode::kConflict);
    ASSERT_EQ(failed_checks_of(refused).size(), 1u);
    EXPECT_EQ(failed_checks_of(refused)[0].current_revision, Revision(0));
}

TEST_P(Rules2_4, ExistsIsMetFromTheFirstEvent) {
    const auto exists = model::ExpectedRevision::exists();
    const Answer refused = append(expecting(append_of({.stream = "a-1"}), "a-1", exists));
    EXPECT_EQ(code_of(refused), ErrorCode::kConflict);
    EXPECT_EQ(failed_checks_of(refused)[0].current_revision, std::nullopt);
    accept(append_of({.stream = "a-1"}));
    accept(expecting(append_of({.stream = "a-1"}), "a-1", exists));
}

TEST_P(Rules2_4, DeletedIsNotMetByALiveOrMissingStream) {
    const auto deleted = model::ExpectedRevision::deleted();
    expect_code(expecting(append_of({.stream = "a-1"}), "a-1", deleted), ErrorCode::kConflict);
    accept(append_of({.stream = "a-1"}));
    expect_code(expecting(append_of({.stream = "a-1"}), "a-1", deleted), ErrorCode::kConflict);
}

TEST_P(Rules2_4, ExactlyIsMetByTheLastRevisionAlone) {
    accept(append_of_all({{.stream = "a-1"}, {.stream = "a-1"}, {.stream = "a-1"}}));
    for (const std::uint64_t wrong : {0u, 1u, 3u, 100u}) {
        const Answer refused = append(expecting(
            append_of({.stream = "a-1"}), "a-1", model::ExpectedRevision::exactly(Revision(wrong))
        ));
        EXPECT_EQ(code_of(refused), ErrorCode::kConflict);
        EXPECT_EQ(failed_checks_of(refused)[0].current_revision, Revision(2));
    }
    accept(expecting(
        append_of({.stream = "a-1"}), "a-1", model::ExpectedRevision::exactly(Revision(2))
    ));
    expect_code(
        expecting(
            append_of({.stream = "none-1"}), "none-1", model::ExpectedRevision::exactly(Revision(0))
        ),
        ErrorCode::kConflict
    );
}

TEST_P(Rules2_4, HeadsAreRightAfterReopeningAndWithoutTheIndex) {
    for (int i = 0; i < 30; ++i) accept(append_of({.stream = "a-" + std::to_string(i % 3)}));
    const auto next = [this](int stream, std::uint64_t revision) {
        const std::string name = "a-" + std::to_string(stream);
        return accept(expecting(
            append_of({.stream = name}), name, model::ExpectedRevision::exactly(Revision(revision))
        ));
    };
    reopen();
    for (int stream = 0; stream < 3; ++stream) next(stream, 9);
    reopen_without_index();
    for (int stream = 0; stream < 3; ++stream) next(stream, 10);
    expect_dense_log();
}

TEST_P(Rules2_4, AStreamThatIsNotWrittenCanBeChecked) {
    accept(append_of({.stream = "a-1"}));
    accept(expecting(append_of({.stream = "b-1"}), "a-1", model::ExpectedRevision::exists()));
    accept(expecting(
        append_of({.stream = "b-1"}), "a-1", model::ExpectedRevision::exactly(Revision(0))
    ));
    expect_code(
        expecting(append_of({.stream = "b-1"}), "a-1", model::ExpectedRevision::no_stream()),
        ErrorCode::kConflict
    );
    accept(expecting(append_of({.stream = "b-1"}), "c-1", model::ExpectedRevision::no_stream()));
}

TEST_P(Rules2_4, AllFailingChecksComeBackWithCurrentValues) {
    accept(append_of({.stream = "a-1", .tags = {"t:1"}}));
    accept(append_of({.stream = "b-1", .type = "paid"}));
    TestAppend many = append_of({.stream = "a-1"});
    many = expecting(many, "a-1", model::ExpectedRevision::exactly(Revision(7)));
    many = unless(many, by_tag("t:1"), "");
    many = expecting(many, "b-1", model::ExpectedRevision::exists());
    many = expecting(many, "c-1", model::ExpectedRevision::exists());
    many = unless(many, by_type("never"), "");
    many = unless(many, by_type("paid"), "");
    many = expecting(many, "a-1", model::ExpectedRevision::no_stream());
    const Answer refused = append(many);
    ASSERT_EQ(code_of(refused), ErrorCode::kConflict);
    const auto failed = failed_checks_of(refused);
    ASSERT_EQ(failed.size(), 5u);
    const std::vector<std::uint32_t> indexes = {0, 1, 3, 5, 6};
    for (std::size_t i = 0; i < failed.size(); ++i) EXPECT_EQ(failed[i].check_index, indexes[i]);
    EXPECT_EQ(failed[0].stream, "a-1");
    EXPECT_EQ(failed[0].current_revision, Revision(0));
    EXPECT_EQ(failed[0].expected, model::ExpectedRevision::exactly(Revision(7)));
    EXPECT_EQ(failed[1].matching_position, Position(1));
    EXPECT_EQ(failed[2].stream, "c-1");
    EXPECT_EQ(failed[2].current_revision, std::nullopt);
    EXPECT_EQ(failed[3].matching_position, Position(2));
    EXPECT_EQ(end(), Position(2));
}

TEST_P(Rules2_4, AQueryMatchesEveryEventCommittedAfterItsPosition) {
    const auto first = accept(append_of({.stream = "a-1", .tags = {"t:1", "u:1"}}));
    const auto second = accept(append_of({.stream = "b-1", .type = "other"}));
    const auto refuses = [this](const model::Query& query, const std::string& after) {
        const Answer answer = append(
            unless(append_of({.stream = "c-1", .type = "try"}), query, after)
        );
        return code_of(answer) == ErrorCode::kConflict;
    };
    EXPECT_TRUE(refuses(by_tag("t:1"), ""));
    EXPECT_FALSE(refuses(by_tag("t:1"), token(first)));
    EXPECT_FALSE(refuses(by_tag("t:2"), ""));
    EXPECT_TRUE(refuses(by_type("other"), token(first)));
    EXPECT_FALSE(refuses(by_type("other"), token(second)));
    // All tags of an item, any of its types, any of the items.
    EXPECT_TRUE(refuses({{{.types = {}, .tags = {"t:1", "u:1"}}}}, ""));
    EXPECT_FALSE(refuses({{{.types = {}, .tags = {"t:1", "u:2"}}}}, ""));
    EXPECT_TRUE(refuses({{{.types = {"no", "happened"}, .tags = {"t:1"}}}}, ""));
    EXPECT_FALSE(refuses({{{.types = {"no"}, .tags = {"t:1"}}}}, ""));
    EXPECT_TRUE(refuses({{{.types = {"no"}, .tags = {}}, {.types = {}, .tags = {"u:1"}}}}, ""));
}

TEST_P(Rules2_4, AQueryIsMetByEventsThatNobodyCanReadAnyMore) {
    const auto say =
        [this](const std::string& stream, std::string_view type, const std::string& data) {
            TestEvent event{.stream = "$$" + stream, .type = std::string(type), .data = data};
            if (type == model::kDeletedType) event.tags = {model::deletion_tag_of(stream)};
            accept(append_of(std::move(event)));
        };
    for (const std::string stream : {"aged", "counted", "truncated", "deleted", "tombstoned"}) {
        accept(append_of_all({{.stream = stream, .tags = {"of:" + stream}}, {.stream = stream}}));
    }
    say("aged", model::kMetadataType, R"({"$maxAge":1})");
    say("counted", model::kMetadataType, R"({"$maxCount":1})");
    say("truncated", model::kMetadataType, R"({"$tb":2})");
    say("deleted", model::kDeletedType, "{}");
    say("tombstoned", model::kTombstonedType, "{}");
    clock_.pass(kYearNs);
    for (int round = 0; round < 3; ++round) {
        if (round != 0) round == 1 ? reopen() : reopen_without_index();
        Position met(1);
        for (const std::string stream : {"aged", "counted", "truncated", "deleted", "tombstoned"}) {
            const Answer refused = append(
                unless(append_of({.stream = "c-1"}), by_tag("of:" + stream), "")
            );
            ASSERT_EQ(code_of(refused), ErrorCode::kConflict) << stream;
            EXPECT_EQ(failed_checks_of(refused)[0].matching_position, met) << stream;
            met = met.plus(2);
        }
    }
}

TEST_P(Rules2_4, ExpectationsUseHeadsNeverAgeOrCountLimits) {
    using model::ExpectedRevision;
    for (int i = 0; i < 3; ++i) accept(append_of({.stream = "a-1"}));
    accept(append_of({
        .stream = "$$a-1",
        .type = std::string(model::kMetadataType),
        .data = R"({"$maxAge":1,"$maxCount":1,"$tb":3})",
    }));
    clock_.pass(kYearNs);
    for (int round = 0; round < 3; ++round) {
        if (round != 0) round == 1 ? reopen() : reopen_without_index();
        const TestAppend other = append_of({.stream = "b-1"});
        accept(expecting(other, "a-1", ExpectedRevision::exists()));
        accept(expecting(other, "a-1", ExpectedRevision::exactly(Revision(2))));
        const Answer refused = append(expecting(other, "a-1", ExpectedRevision::no_stream()));
        ASSERT_EQ(code_of(refused), ErrorCode::kConflict);
        EXPECT_EQ(failed_checks_of(refused)[0].current_revision, Revision(2));
    }
    const auto next = accept(append_of({.stream = "a-1"}));
    EXPECT_EQ(next.streams[0].last, Revision(3));
}

TEST_P(Rules2_4, AQueryIsAnsweredAlikeAfterReopeningAndWithoutTheIndex) {
    const auto first = accept(append_of({.stream = "a-1", .tags = {"t:1"}}));
    const auto second = accept(append_of({.stream = "a-1", .tags = {"t:2"}}));
    for (int round = 0; round < 2; ++round) {
        round == 0 ? reopen() : reopen_without_index();
        const Answer refused = append(
            unless(append_of({.stream = "c-1"}), by_tag("t:2"), token(first))
        );
        ASSERT_EQ(code_of(refused), ErrorCode::kConflict);
        EXPECT_EQ(failed_checks_of(refused)[0].matching_position, second.last_position);
        accept(unless(append_of({.stream = "c-1"}), by_tag("t:1"), token(first)));
        accept(unless(append_of({.stream = "c-1"}), by_tag("t:2"), token(second)));
    }
}

TEST_P(Rules2_4, ATokenBeyondTheEndIsAnErrorNotAPass) {
    const auto result = accept(append_of({.stream = "a-1"}));
    auto beyond = model::make_token(
        orderer_->log().identity(), result.last_position.plus(10), result.chain_bits
    );
    expect_code(
        unless(append_of({.stream = "a-1"}), by_tag("t:1"), model::format_token(beyond)),
        ErrorCode::kTokenBeyondEnd
    );
}

TEST_P(Rules2_4, ATokenOfAnotherHistoryIsUnknown) {
    const auto result = accept(append_of({.stream = "a-1"}));
    auto forked = model::make_token(
        orderer_->log().identity(), result.last_position, result.chain_bits ^ 1u
    );
    expect_code(
        unless(append_of({.stream = "a-1"}), by_tag("t:1"), model::format_token(forked)),
        ErrorCode::kTokenUnknown
    );
    auto foreign = model::make_token({}, result.last_position, result.chain_bits);
    expect_code(
        unless(append_of({.stream = "a-1"}), by_tag("t:1"), model::format_token(foreign)),
        ErrorCode::kTokenUnknown
    );
    expect_code(
        unless(append_of({.stream = "a-1"}), by_tag("t:1"), "no token"), ErrorCode::kInvalidArgument
    );
}

TEST_P(Rules2_4, AnAppendIsNotMetByItsOwnQuery) {
    const model::Query query = by_tag("name:ann");
    const TestAppend claim = unless(
        append_of({.stream = "user-1", .tags = {"name:ann"}}), query, ""
    );
    accept(claim);
    expect_code(claim, ErrorCode::kConflict);
}

}  // namespace annals::conformance
