// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// What the rules make, and what is made before them (log-and-rules 2.8), as tests of the orderer's
// contract.
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annals/commit/testing/test_append.hpp"
#include "annals/model/limits.hpp"

#include "orderer_fixture.hpp"

namespace annals::conformance {

// NOLINTNEXTLINE(readability-identifier-naming): the rule has this number
class Rules2_8 : public OrdererContract {
  protected:
    /// As they lie in the log.
    [[nodiscard]] std::vector<Uuid> ids() const {
        std::vector<Uuid> found;
        log::LogReader reader = orderer_->log().reader();
        for (Position position(1); position <= end(); ++position) {
            const auto stored = reader.at(position);
            EXPECT_TRUE(stored) << stored.error().to_string();
            model::RecordedEvent event;
            EXPECT_TRUE(model::decode_event_fields(stored->envelope, event));
            found.push_back(event.id);
        }
        return found;
    }
};

TEST_P(Rules2_8, RevisionsPositionsAndTimesDeriveFromTheLogAlone) {
    accept(append_of_all({{.stream = "a-1"}, {.stream = "b-1"}, {.stream = "a-1"}}));
    auto last = accept(append_of({.stream = "a-1"}));
    for (int round = 0; round < 3; ++round) {
        // Neither what was in memory nor the node's clock enters.
        clock_.turn(-kYearNs);
        round % 2 == 0 ? reopen_without_index() : reopen();
        log::LogReader reader = orderer_->log().reader();
        const auto stored = reader.at(last.last_position);
        ASSERT_TRUE(stored);
        EXPECT_EQ(stored->revision, last.streams[0].last);
        EXPECT_EQ(stored->recorded_time, last.recorded_time);
        const auto next = accept(append_of({.stream = "a-1"}));
        EXPECT_EQ(next.first_position, last.last_position.next());
        EXPECT_EQ(next.streams[0].first.value, last.streams[0].last.value + 1);
        EXPECT_EQ(next.recorded_time, last.recorded_time);
        last = next;
    }
}

TEST_P(Rules2_8, IdsThatTheServerGivesAreMadeOnceAndTravelWithTheProposal) {
    std::vector<TestEvent> events(5);
    for (TestEvent& event : events) event.stream = "a-1";
    accept(append_of_all(events));
    const std::vector<Uuid> given = ids();
    ASSERT_EQ(given.size(), 5u);
    EXPECT_EQ(std::set<Uuid>(given.begin(), given.end()).size(), 5u);
    for (const Uuid& id : given) EXPECT_EQ(id.bytes[6] >> 4u, 7) << id.to_string();
    for (int round = 0; round < 2; ++round) {
        round == 0 ? reopen() : reopen_without_index();
        EXPECT_EQ(ids(), given);
        std::vector<TestEvent> again = events;
        for (std::size_t i = 0; i < again.size(); ++i) again[i].id = given[i];
        const Answer replay = append(append_of_all(again));
        ASSERT_TRUE(replay) << replay.error().to_string();
        EXPECT_TRUE(replay->is_replay);
    }
}

// What another version of admission let in stays, and is decided on like everything else.
TEST_P(Rules2_8, LimitsAreAdmissionAndDecideNothingWhenTheLogIsReadAgain) {
    TestEvent large{.stream = std::string(model::Limits::kStreamNameBytesMax + 1, 's')};
    large.id = id_of(1);
    large.type = std::string(model::Limits::kTypeBytesMax + 1, 't');
    for (std::size_t i = 0; i <= model::Limits::kTagsPerEventMax; ++i) {
        large.tags.push_back("tag:" + std::to_string(i));
    }
    large.actor = std::string(model::Limits::kReservedFieldBytesMax + 1, 'a');
    const auto first = accept(append_of(large));
    for (int round = 0; round < 2; ++round) {
        round == 0 ? reopen() : reopen_without_index();
        expect_replay(append(append_of(large)), first);
        const Answer refused = append(unless(append_of({.stream = "b-1"}), by_tag("tag:64"), ""));
        ASSERT_EQ(code_of(refused), ErrorCode::kConflict);
        EXPECT_EQ(failed_checks_of(refused)[0].matching_position, first.first_position);
        accept(expecting(
            append_of({.stream = "b-1"}),
            large.stream,
            model::ExpectedRevision::exactly(Revision(0))
        ));
    }
}

}  // namespace annals::conformance
