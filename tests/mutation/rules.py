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
        "if (is_as_expected(state, check.expected)) continue;",
        "if (is_as_expected(state, check.expected) || !failed.empty()) continue;",
        CONTRACT,
        "LocalInMemory/Rules2_4.AllFailingChecksComeBackWithCurrentValues/*",
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
        "std::max(previous_, TimeNs(monotonic_ns + wall_minus_monotonic_ns_));",
        "TimeNs(monotonic_ns + wall_minus_monotonic_ns_);",
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
