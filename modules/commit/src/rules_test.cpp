// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/commit/rules.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "annals/commit/testing/random_append.hpp"
#include "annals/commit/testing/rules_model.hpp"

namespace annals::commit {
namespace {

using commit::testing::id_of;
using commit::testing::ModelAppend;
using commit::testing::ModelEvent;
using commit::testing::ModelOutcome;
using commit::testing::ModelTracking;
using commit::testing::ModelView;
using commit::testing::outcome_of;
using commit::testing::proposal_of;
using commit::testing::random_append;
using commit::testing::RulesModel;
using Kind = Decision::Kind;
using model::ExpectedRevision;

ModelEvent event(const std::string& stream, std::uint64_t id, std::uint64_t content = 0) {
    return {stream, id_of(id), content, "t", {}, true};
}

ModelEvent event_of_server(const std::string& stream) {
    return {stream, make_uuid_v4(), 0, "t", {}, false};
}

Decision decide_on(const RulesModel& model, const ModelAppend& append) {
    const Proposal proposal = proposal_of(append);
    const ModelView view(model, append, proposal);
    return decide(view, proposal);
}

ErrorCode code_on(const RulesModel& model, const ModelAppend& append) {
    const Decision decision = decide_on(model, append);
    EXPECT_EQ(decision.kind, Kind::kRefused);
    return decision.error ? decision.error->code() : ErrorCode::kInternal;
}

TEST(CommitRules, GiveDensePositionsAndRevisions) {
    RulesModel model;
    model.store({.events = {event("a", 1), event("b", 2)}});
    const Decision decision = decide_on(
        model, {.events = {event("a", 3), event("c", 4), event("a", 5)}}
    );
    ASSERT_EQ(decision.kind, Kind::kAccepted);
    ASSERT_EQ(decision.stamps.size(), 3u);
    for (std::uint64_t i = 0; i < 3; ++i) EXPECT_EQ(decision.stamps[i].position, Position(3 + i));
    EXPECT_EQ(decision.stamps[0].revision, Revision(1));
    EXPECT_EQ(decision.stamps[1].revision, Revision(0));
    EXPECT_EQ(decision.stamps[2].revision, Revision(2));
    EXPECT_EQ(decision.event_counts, (std::vector<std::uint64_t>{3, 1}));
}

TEST(CommitRules, RefuseWritesToATombstonedStream) {
    RulesModel model;
    model.store({.events = {event("a", 1)}});
    model.tombstoned.insert("a");
    EXPECT_EQ(code_on(model, {.events = {event("a", 2)}}), ErrorCode::kStreamDeleted);
    // The stubs answer all the same: replay is looked for first.
    EXPECT_EQ(decide_on(model, {.events = {event("a", 1)}}).kind, Kind::kReplay);
    EXPECT_EQ(code_on(model, {.events = {event("a", 1, 9)}}), ErrorCode::kIdConflict);
}

TEST(CommitRules, TellADeletedStreamFromALiveOneAndANewOne) {
    RulesModel model;
    model.store({.events = {event("a", 1)}});
    model.deleted.insert("a");
    const auto with = [](ExpectedRevision expected) {
        return ModelAppend{.events = {event_of_server("b")}, .stream_checks = {{"a", expected}}};
    };
    EXPECT_EQ(decide_on(model, with(ExpectedRevision::deleted())).kind, Kind::kAccepted);
    EXPECT_EQ(code_on(model, with(ExpectedRevision::exists())), ErrorCode::kConflict);
    EXPECT_EQ(decide_on(model, with(ExpectedRevision::no_stream())).kind, Kind::kAccepted);
    EXPECT_EQ(decide_on(model, with(ExpectedRevision::exactly(Revision(0)))).kind, Kind::kAccepted);
    const Decision refused = decide_on(model, with(ExpectedRevision::exists()));
    EXPECT_TRUE(refused.error->details<model::ConflictDetails>()->failed_checks[0].is_deleted);
}

TEST(CommitRules, MakeADeletedStreamLiveAgainWithItsFirstEvent) {
    const StreamState deleted = after_change({.event_count = 3}, model::LifeChange::kDelete);
    EXPECT_TRUE(deleted.is_deleted);
    const StreamState live = after_events(deleted, 2);
    EXPECT_EQ(
        live, (StreamState{.event_count = 5, .has_metadata = true, .truncate_before = Revision(3)})
    );
    EXPECT_EQ(after_events(deleted, 0), deleted);
}

TEST(CommitRules, MakeADeletedStreamLiveAgainWithItsMetadata) {
    const StreamState deleted = after_change({.event_count = 3}, model::LifeChange::kDelete);
    const StreamState live = after_change(deleted, model::LifeChange::kMetadata);
    EXPECT_EQ(
        live, (StreamState{.event_count = 3, .has_metadata = true, .truncate_before = Revision(3)})
    );
}

ModelEvent change_of(const std::string& stream, std::string_view type) {
    ModelEvent event = event_of_server("$$" + stream);
    event.type = type;
    return event;
}

TEST(CommitRules, RefuseToDeleteAStreamThatWasNeverWritten) {
    RulesModel model;
    const ModelAppend remove{.events = {change_of("a", model::kDeletedType)}};
    EXPECT_EQ(code_on(model, remove), ErrorCode::kConflict);
    ModelAppend checked = remove;
    checked.stream_checks = {{"a", ExpectedRevision::any()}};
    const Decision refused = decide_on(model, checked);
    ASSERT_EQ(refused.kind, Kind::kRefused);
    const auto& failed = refused.error->details<model::ConflictDetails>()->failed_checks;
    ASSERT_EQ(failed.size(), 1u);
    EXPECT_EQ(failed[0].check_index, 0u);
    EXPECT_EQ(failed[0].stream, "a");
    EXPECT_EQ(failed[0].current_revision, std::nullopt);
    model.store({.events = {event("a", 1)}});
    EXPECT_EQ(decide_on(model, remove).kind, Kind::kAccepted);
    const ModelAppend tombstone{.events = {change_of("b", model::kTombstonedType)}};
    EXPECT_EQ(decide_on(model, tombstone).kind, Kind::kAccepted) << "a name can be closed unused";
}

TEST(CommitRules, RefuseEveryChangeOfATombstonedStream) {
    RulesModel model;
    model.store({.events = {change_of("a", model::kTombstonedType)}});
    for (const auto type : {model::kMetadataType, model::kDeletedType, model::kTombstonedType}) {
        EXPECT_EQ(code_on(model, {.events = {change_of("a", type)}}), ErrorCode::kStreamDeleted);
    }
    EXPECT_EQ(code_on(model, {.events = {event("a", 1)}}), ErrorCode::kStreamDeleted);
}

TEST(CommitRules, ComeBackUndecidedWhereTheViewLacksSomething) {
    class Missing final : public RulesView {
      public:
        [[nodiscard]] Position end() const override { return Position(5); }
        [[nodiscard]] StreamState stream(std::uint32_t) const override {
            return {.event_count = 1};
        }
        Knowledge find_known(std::uint32_t, std::vector<KnownEvent>&) const override {
            return Knowledge::kMissing;
        }
        Knowledge find_match(std::uint32_t, Position&) const override {
            return Knowledge::kMissing;
        }
        Knowledge find_tracked(TrackedAppend&) const override { return Knowledge::kMissing; }
    };
    const Missing view;
    EXPECT_EQ(decide(view, proposal_of({.events = {event("a", 1)}})).kind, Kind::kUndecided);
    EXPECT_EQ(
        decide(view, proposal_of({.events = {event_of_server("a")}, .queries = {{}}})).kind,
        Kind::kUndecided
    );
    const ModelAppend tracking{.events = {event_of_server("a")}, .tracking = ModelTracking{"k", 1}};
    EXPECT_EQ(decide(view, proposal_of(tracking)).kind, Kind::kUndecided);
    EXPECT_EQ(decide(view, proposal_of({.events = {event_of_server("a")}})).kind, Kind::kAccepted);
}

TEST(CommitRules, DoNotLookUpIdsWhereNoneCanBeKnown) {
    class Counting final : public RulesView {
      public:
        explicit Counting(std::uint64_t events) : events_(events) {}
        [[nodiscard]] Position end() const override { return Position(events_); }
        [[nodiscard]] StreamState stream(std::uint32_t) const override {
            return {.event_count = events_};
        }
        Knowledge find_known(std::uint32_t, std::vector<KnownEvent>&) const override {
            ++lookups;
            return Knowledge::kComplete;
        }
        Knowledge find_match(std::uint32_t, Position&) const override {
            return Knowledge::kComplete;
        }
        Knowledge find_tracked(TrackedAppend&) const override { return Knowledge::kComplete; }
        mutable int lookups = 0;

      private:
        std::uint64_t events_;
    };
    const Counting empty(0);
    decide(empty, proposal_of({.events = {event("a", 1)}}));
    EXPECT_EQ(empty.lookups, 0) << "a stream without events has no ids";
    const Counting some(4);
    decide(some, proposal_of({.events = {event_of_server("a")}}));
    EXPECT_EQ(some.lookups, 0) << "an id that the server made is new";
    const auto exactly = [](std::uint64_t revision) {
        return ModelAppend{
            .events = {event("a", 1)},
            .stream_checks = {{"a", ExpectedRevision::exactly(Revision(revision))}}
        };
    };
    decide(some, proposal_of(exactly(3)));
    EXPECT_EQ(some.lookups, 1) << "a fulfilled exact expectation says nothing of new content";
    decide(some, proposal_of(exactly(2)));
    EXPECT_EQ(some.lookups, 2);
    decide(some, proposal_of({.events = {event("a", 1), event("a", 2)}}));
    EXPECT_EQ(some.lookups, 3) << "once for a stream, not for each event";
}

ModelAppend at_revision(ModelAppend append, const std::string& stream, std::uint64_t revision) {
    append.stream_checks = {{stream, ExpectedRevision::exactly(Revision(revision))}};
    return append;
}

TEST(CommitRules, RefuseAKnownIdUnderAFulfilledExactExpectation) {
    RulesModel model;
    model.store({.events = {event("a", 1)}});
    model.store({.events = {event("a", 2), event("b", 3)}});
    for (const std::uint64_t content : {0u, 9u}) {
        const ModelAppend again{.events = {event("a", 1, content)}};
        EXPECT_EQ(code_on(model, at_revision(again, "a", 1)), ErrorCode::kIdConflict);
    }
    const ModelAppend both{.events = {event("a", 2), event("b", 3)}};
    EXPECT_EQ(code_on(model, at_revision(both, "a", 1)), ErrorCode::kIdConflict);
    EXPECT_EQ(code_on(model, at_revision(both, "b", 0)), ErrorCode::kIdConflict);
    // One that does not hold, or speaks of a stream that is not written, proves nothing.
    EXPECT_EQ(decide_on(model, at_revision(both, "a", 0)).kind, Kind::kReplay);
    const ModelAppend first{.events = {event("a", 1)}};
    EXPECT_EQ(decide_on(model, at_revision(first, "b", 0)).kind, Kind::kReplay);
    const Decision refused = decide_on(model, at_revision(first, "a", 1));
    EXPECT_EQ(
        refused.error->message(),
        "stream \"a\" holds event " + id_of(1).to_string() +
            " at position 1 already: a fulfilled expectation proves that this is no retry: give it "
            "a new id"
    );
}

/// Whoever sent a key has no id to replace.
TEST(CommitRules, NameTheKeyThatMadeAnIdAndSayWhatToDo) {
    RulesModel model;
    model.store({.events = {event("a", 1), event("a", 2)}});
    const auto refusal_of = [&](const ModelAppend& append, bool is_of_key) {
        Proposal proposal = proposal_of(append);
        for (ProposedEvent& one : proposal.events) one.is_id_of_key = is_of_key;
        const Decision refused = decide(ModelView(model, append, proposal), proposal);
        EXPECT_EQ(refused.kind, Kind::kRefused);
        return *refused.error;
    };
    const ModelAppend other{.events = {event("a", 1, 9), event("a", 2)}};
    const ModelAppend part{.events = {event("a", 1), event("a", 3)}};
    const ModelAppend turned{.events = {event("a", 2), event("a", 1)}};
    for (const ModelAppend& append : {other, part, turned, at_revision(other, "a", 1)}) {
        const Error of_key = refusal_of(append, true);
        EXPECT_EQ(of_key.code(), ErrorCode::kIdConflict);
        EXPECT_EQ(of_key.field("field"), "idempotency_key");
        EXPECT_TRUE(of_key.message().starts_with("idempotency_key was used before: stream \"a\""));
        EXPECT_TRUE(of_key.message().ends_with(": repeat what was sent first, or take a new key"));
        const Error of_id = refusal_of(append, false);
        EXPECT_EQ(of_id.field("field"), "");
        EXPECT_TRUE(of_id.message().ends_with("new id") || of_id.message().ends_with("new ids"))
            << of_id.message();
    }
}

TEST(CommitRules, FindTheReplayAmongAllEventsOfAnIdThatOldRulesLetInTwice) {
    RulesModel model;
    const ModelAppend first{.events = {event("a", 1)}};
    const ModelAppend other_content{.events = {event("a", 1, 9)}};
    const ModelAppend longer{.events = {event("a", 1), event("a", 2)}};
    for (const ModelAppend& append : {first, other_content, longer, first}) model.store(append);
    EXPECT_EQ(decide_on(model, first).replay_first, Position(1)) << "the first of the equal ones";
    EXPECT_EQ(decide_on(model, other_content).replay_first, Position(2));
    EXPECT_EQ(decide_on(model, longer).replay_first, Position(3));
    EXPECT_EQ(code_on(model, {.events = {event("a", 1, 7)}}), ErrorCode::kIdConflict);
    EXPECT_EQ(code_on(model, {.events = {event("a", 2), event("a", 1)}}), ErrorCode::kIdConflict);
    EXPECT_EQ(code_on(model, {.events = {event("a", 1, 9), event("a", 2)}}), ErrorCode::kIdConflict)
        << "of two appends, each has one of them";
}

// ---- against the model ----

/// rapidcheck chooses, and shrinks what fails.
std::uint64_t pick(std::uint64_t bound) { return *rc::gen::inRange<std::uint64_t>(0, bound); }

RC_GTEST_PROP(CommitRulesProperty, DecideAsTheModelDoes, ()) {
    RulesModel model;
    const std::uint64_t steps = 1 + pick(40);
    for (std::uint64_t step = 0; step < steps; ++step) {
        const ModelAppend append = random_append(model, pick);
        const ModelOutcome expected = model.judge(append);
        const ModelOutcome actual = outcome_of(decide_on(model, append));
        RC_ASSERT(actual == expected);
        if (expected.code == ErrorCode::kIdConflict && !append.tracking && pick(3) == 0) {
            model.store(append);  // as rules of version 1 did: ids more than once in a stream
        }
        if (expected.kind != Kind::kAccepted) continue;
        // What the writer keeps of each stream is what the whole log says.
        const Proposal proposal = proposal_of(append);
        std::vector<StreamState> kept;
        {
            const ModelView view(model, append, proposal);
            for (std::uint32_t i = 0; i < proposal.streams.size(); ++i) {
                kept.push_back(after_proposal(proposal, i, view.stream(i)));
            }
        }
        model.store(append);
        const ModelView view(model, append, proposal);
        for (std::uint32_t i = 0; i < proposal.streams.size(); ++i) {
            RC_ASSERT(kept[i] == view.stream(i));
        }
    }
}

}  // namespace
}  // namespace annals::commit
