# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The commit rules, taken out one at a time."""

CONTRACT = "annals_orderer_conformance_test"
UNIT = "annals_order_local_test"

# (what is taken out, file, its exact text, the replacement, test program, test)
MUTATIONS = [
    (
        "2.2: replay is looked for before the checks",
        "modules/commit/src/rules.cpp",
        "if (decide_replay(view, proposal, decision) || decide_tombstone(",
        "if (decide_tombstone(",
        CONTRACT,
        "LocalInMemory/Rules2_2.ReplayIsLookedForBeforeEveryCheck/*",
    ),
    (
        "2.2: other content under an id is a conflict",
        "modules/commit/src/rules.cpp",
        "known[i].fingerprint != proposal.events[i].fingerprint",
        "known[i].fingerprint == 0",
        CONTRACT,
        "LocalInMemory/Rules2_2.OtherContentUnderAnIdIsAConflict/*",
    ),
    (
        "2.2: the same events are the whole earlier append",
        "modules/commit/src/rules.cpp",
        "known[i].append_events == event_count &&",
        "",
        CONTRACT,
        "LocalInMemory/Rules1_5.OtherContentUnderTheKeyIsAConflict/*",
    ),
    (
        "2.3: tracking rises strictly",
        "modules/commit/src/rules.cpp",
        "proposed.position > last.position) return false;",
        "proposed.position >= last.position) return false;",
        CONTRACT,
        "LocalInMemory/Rules2_3.TheSamePositionWithTheSameContentIsAReplay/*",
    ),
    (
        "2.3: tracking is fed from the log",
        "modules/order_local/src/index_feed.cpp",
        "ANNALS_CHECK(add_tracking_tag(stored));",
        "",
        CONTRACT,
        "LocalInMemory/Rules2_3.TheTrackingStateComesBackFromTheLog/*",
    ),
    (
        "2.4: all failing checks come back",
        "modules/commit/src/rules.cpp",
        "if (is_as_expected(state, check.expected) &&",
        "if ((is_as_expected(state, check.expected) || !failed.empty()) &&",
        CONTRACT,
        "LocalInMemory/Rules2_4.AllFailingChecksComeBackWithCurrentValues/*",
    ),
    (
        "2.7: a change moves its subject's state in the same decision",
        "modules/order_local/src/writer.cpp",
        "if (proposal.change) {",
        "if (false) {",
        CONTRACT,
        "LocalInMemory/Rules2_7.ATombstoneIsForEver/*",
    ),
    (
        "2.7: a cold stream is loaded with what was said about it",
        "modules/order_local/src/disk_resolver.cpp",
        "if (state.index.may_have_metadata(entry.hash)) {",
        "if (false) {",
        CONTRACT,
        "LocalInMemory/Rules2_7.ADeletedStreamGoesOnAtItsNextRevision/*",
    ),
    (
        "2.7: who must not wait leaves such a stream to the disk",
        "modules/order_local/src/memory_resolver.cpp",
        "|| state.index.may_have_metadata(entry.hash)) return false;",
        ") return false;",
        CONTRACT,
        "LocalInMemory/Rules2_7.SurvivesAStreamTableThatForgets/*",
    ),
    (
        "kurrentdb 5.6: a stream that was never written cannot be deleted",
        "modules/commit/src/rules.cpp",
        "proposal.change->stream == stream && state.event_count == 0;",
        "proposal.change->stream == stream && false;",
        CONTRACT,
        "LocalInMemory/Rules2_7.AStreamThatWasNeverWrittenCannotBeDeleted/*",
    ),
    (
        "2.7: a tombstone ends every change",
        "modules/commit/src/rules.cpp",
        "if (!proposal.change || !view.stream(",
        "if (true || !view.stream(",
        CONTRACT,
        "LocalInMemory/Rules2_7.ATombstoneIsForEver/*",
    ),
    (
        "2.1: ids of what happened since preparing",
        "modules/order_local/src/local_view.cpp",
        "if (last <= append_->prepared_at) return Knowledge::kComplete;",
        "return Knowledge::kComplete;",
        CONTRACT,
        "LocalInMemory/Rules1_4.InIntervalModeAReplayOfAnUnsyncedAppendWaitsForTheSync/*",
    ),
    (
        "2.1: queries over what happened since preparing",
        "modules/order_local/src/local_view.cpp",
        "match = found.value_or(Position());",
        "match = found && *found <= append_->prepared_at ? *found : Position();",
        CONTRACT,
        "LocalInMemory/Rules1_4.InIntervalModeTheRulesSeeWhatIsNotSynced/*",
    ),
    (
        "2.6: recorded time never goes backwards",
        "modules/commit/src/recorded_clock.cpp",
        "std::max(previous_, TimeNs(monotonic_ns + offset_ns));",
        "TimeNs(monotonic_ns + offset_ns);",
        CONTRACT,
        "LocalInMemory/Rules2_6.RecordedTimeNeverGoesBackwards/*",
    ),
    (
        "1.4: no answer before the sync",
        "modules/order_local/src/writer.cpp",
        "    const bool has_events = recent_.end() > state_.visible_end.get();",
        "    const bool has_events = recent_.end() > state_.visible_end.get();\n"
        "    for (auto& append : group_) {\n"
        "        if (append->outcome != Kind::kAccepted) continue;\n"
        "        std::exchange(append->done, [](auto) {})(result_of(*append, true));\n"
        "    }",
        UNIT,
        "LocalOrdererTest.NoAnswerComesBeforeTheGroupIsSynced",
    ),
    (
        "1.3: a failed sync is an unknown outcome",
        "modules/order_local/src/writer.cpp",
        "if (is_poisoned_ && append->last_position() > durable) break;",
        "static_cast<void>(durable);",
        UNIT,
        "LocalOrdererTest.AFailedSyncIsAnUnknownOutcomeAndThenReadOnly",
    ),
    (
        "1.3: refusals because of a lost group are unknown too",
        "modules/order_local/src/writer.cpp",
        "if (append->decided_at > durable && !may_rest_on_less) break;",
        "static_cast<void>(may_rest_on_less);",
        UNIT,
        "LocalOrdererTest.AnswersThatRestOnTheLostGroupAreUnknownTooOthersAreNot",
    ),
]
