// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// Metadata, deletes and tombstones (log-and-rules 2.7, kurrentdb 5.4 and 5.6), as tests of the
// orderer's contract.
#include <functional>
#include <future>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annals/commit/testing/test_append.hpp"
#include "annals/model/stream_life.hpp"

#include "orderer_fixture.hpp"

namespace annals::conformance {

// ---- 2.7 and kurrentdb 5.4, 5.6: the life of a stream ----

// NOLINTNEXTLINE(readability-identifier-naming): the rule has this number
class Rules2_7 : public OrdererContract {
  protected:
    static TestAppend change_of(const std::string& stream, std::string_view type) {
        TestEvent event{.stream = "$$" + stream, .type = std::string(type)};
        if (type == model::kDeletedType) event.tags = {model::deletion_tag_of(stream)};
        return append_of(std::move(event));
    }
    void remove(const std::string& stream) { accept(change_of(stream, model::kDeletedType)); }
    /// Which of the expectations the stream meets: any, no stream, exists, deleted, exactly.
    std::string met_by(const std::string& stream, Revision last) {
        using Expected = model::ExpectedRevision;
        std::string met;
        for (const auto& [name, expected] :
             {std::pair{'a', Expected::any()},
              {'n', Expected::no_stream()},
              {'e', Expected::exists()},
              {'d', Expected::deleted()},
              {'x', Expected::exactly(last)}}) {
            if (append(expecting(append_of({.stream = "other"}), stream, expected))) met += name;
        }
        return met;
    }
    /// After nothing, after a restart, after a restart with a new index.
    void in_all_ways(const std::function<void()>& check) {
        check();
        reopen();
        check();
        reopen_without_index();
        check();
    }
};

TEST_P(Rules2_7, ADeletedStreamGoesOnAtItsNextRevision) {
    accept(append_of_all({{.stream = "a"}, {.stream = "a"}}));
    remove("a");
    in_all_ways([this] { EXPECT_EQ(met_by("a", Revision(1)), "andx"); });
    const auto again = accept(
        expecting(append_of({.stream = "a"}), "a", model::ExpectedRevision::no_stream())
    );
    EXPECT_EQ(again.streams.front().first, Revision(2));
    in_all_ways([this] { EXPECT_EQ(met_by("a", Revision(2)), "aex"); });
}

TEST_P(Rules2_7, MetadataMakeADeletedStreamLiveAgain) {
    accept(append_of({.stream = "a"}));
    remove("a");
    accept(change_of("a", model::kMetadataType));
    in_all_ways([this] { EXPECT_EQ(met_by("a", Revision(0)), "aex"); });
}

TEST_P(Rules2_7, AStreamOfMetadataAloneExistsAndIsNoStream) {
    accept(change_of("a", model::kMetadataType));
    in_all_ways([this] { EXPECT_EQ(met_by("a", Revision(0)), "ane"); });
}

TEST_P(Rules2_7, ATombstoneIsForEver) {
    accept(append_of({.stream = "a"}));
    accept(change_of("a", model::kTombstonedType));
    accept(change_of("never", model::kTombstonedType));
    in_all_ways([this] {
        EXPECT_EQ(met_by("a", Revision(0)), "ad");
        expect_code(append_of({.stream = "a"}), ErrorCode::kStreamDeleted);
        expect_code(append_of({.stream = "never"}), ErrorCode::kStreamDeleted);
        for (const auto type :
             {model::kMetadataType, model::kDeletedType, model::kTombstonedType}) {
            expect_code(change_of("a", type), ErrorCode::kStreamDeleted);
        }
    });
}

TEST_P(Rules2_7, AStreamThatWasNeverWrittenCannotBeDeleted) {
    const auto any = model::ExpectedRevision::any();
    const TestAppend deletion = expecting(change_of("a", model::kDeletedType), "a", any);
    expect_code(deletion, ErrorCode::kConflict);
    const auto failed = failed_checks_of(append(deletion));
    ASSERT_EQ(failed.size(), 1u);
    EXPECT_EQ(failed.front().stream, "a");
    EXPECT_EQ(failed.front().current_revision, std::nullopt);
    accept(change_of("a", model::kMetadataType));
    expect_code(deletion, ErrorCode::kConflict);
    accept(append_of({.stream = "a"}));
    accept(deletion);
}

TEST_P(Rules2_7, ADeletionDecidedInOneGroupWithAppendsHidesWhatCameBefore) {
    // Nothing waits in between: the writer decides them one after the other, in one group or not.
    std::vector<std::future<Answer>> answers;
    for (int round = 0; round < 20; ++round) {
        answers.push_back(submit(*orderer_, append_of_all({{.stream = "a"}, {.stream = "a"}})));
        answers.push_back(submit(*orderer_, change_of("a", model::kDeletedType)));
    }
    std::uint64_t last_delete = 0;
    std::uint64_t last_event = 0;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const Answer answer = answers[i].get();
        if (!answer) continue;  // a delete that came before the first event
        (i % 2 == 0 ? last_event : last_delete) = answer->last_position.value;
    }
    const std::string expected = last_delete > last_event ? "andx" : "aex";
    in_all_ways([&] { EXPECT_EQ(met_by("a", Revision(39)), expected); });
}

TEST_P(Rules2_7, AReplayIsLookedForAlsoInADeletedStream) {
    const TestAppend first = append_of({.stream = "a", .id = id_of(1)});
    const auto result = accept(first);
    remove("a");
    in_all_ways([&] { expect_replay(append(first), result); });
}

TEST_P(Rules2_7, AMetadataStreamTakesOnlyEventsOfItsOwn) {
    expect_code(append_of({.stream = "$$a", .type = "other"}), ErrorCode::kInvalidArgument);
    TestAppend two = change_of("a", model::kMetadataType);
    two.events.push_back({.stream = "b"});
    expect_code(two, ErrorCode::kInvalidArgument);
    TestAppend untagged = change_of("a", model::kDeletedType);
    untagged.events.front().tags.clear();
    expect_code(untagged, ErrorCode::kInvalidArgument);
}

TEST_P(Rules2_7, SurvivesAStreamTableThatForgets) {
    options_.stream_table_bytes_max = 0;
    reopen();
    accept(append_of({.stream = "a"}));
    accept(append_of({.stream = "b"}));
    remove("a");
    accept(change_of("b", model::kTombstonedType));
    for (int i = 0; i < 2'000; ++i) accept(append_of({.stream = "s" + std::to_string(i)}));
    EXPECT_EQ(met_by("a", Revision(0)), "andx");
    expect_code(append_of({.stream = "b"}), ErrorCode::kStreamDeleted);
}

}  // namespace annals::conformance
