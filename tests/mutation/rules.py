# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The commit rules, taken out one at a time."""

CONTRACT = "annals_orderer_conformance_test"
UNIT = "annals_order_local_test"
NAMESPACES = "annals_namespaces_test"

# (what is taken out, file, its exact text, the replacement, test program, test)
MUTATIONS = [
    (
        "1.2: an idle log writes a mark",
        "modules/order_local/src/writer.cpp",
        "const Status marked = state_.log.mark();",
        "const Status marked = ok();",
        UNIT,
        "LocalOrdererTest.AnIdleLogWritesAMark",
    ),
    (
        "1.5: ids of a key count by ordinal",
        "modules/order_local/src/request_encoder.cpp",
        "id = make_uuid_v5(key_ids_, std::to_string(ordinal));",
        "id = make_uuid_v5(key_ids_, std::to_string(ordinal + 1));",
        UNIT,
        "LocalOrdererTest.IdsOfAKeyAreUuidV5OfPrincipalKeyAndOrdinal",
    ),
    (
        "1.5: ids of a key are the principal's own",
        "modules/order_local/src/request_encoder.cpp",
        "std::string name = std::to_string(context_.principal.size());\n"
        "        name += ':';\n"
        "        name += context_.principal;\n",
        "std::string name;\n",
        CONTRACT,
        "LocalInMemory/Rules1_5.KeysOfTwoPrincipalsDoNotMeet/*",
    ),
    (
        "1.7: the queue is bounded in bytes",
        "modules/order_local/src/local_orderer.cpp",
        "if (before == 0 || before + bytes <= bytes_max_) return ok();",
        "if (before + bytes != 0) return ok();",
        UNIT,
        "LocalOrdererTest.TheQueueIsBoundedInBytesAndSaysWhenItIsFull",
    ),
    (
        "2.2: replay is looked for before the checks",
        "modules/commit/src/rules.cpp",
        "if (decide_replay(view, proposal, decision) || decide_tracking(",
        "if (decide_tracking(",
        CONTRACT,
        "LocalInMemory/Rules2_2.ReplayIsLookedForBeforeEveryCheck/*",
    ),
    (
        "2.2: other content under an id is a conflict",
        "modules/commit/src/rules.cpp",
        "match.append_events == proposal.events.size() &&\n"
        "                   match.fingerprint == proposal.events[i].fingerprint;",
        "match.append_events == proposal.events.size();",
        CONTRACT,
        "LocalInMemory/Rules2_2.OtherContentUnderAnIdIsAConflict/*",
    ),
    (
        "2.2: a fulfilled exact expectation proves that it is no retry",
        "modules/commit/src/rules.cpp",
        "        if (!has_fulfilled_exact(proposal, stream, view.stream(stream))) continue;",
        "        continue;",
        CONTRACT,
        "LocalInMemory/Rules2_2.AFulfilledExactExpectationProvesThatItIsNoRetry/*",
    ),
    (
        "2.2: ids are looked up whatever is expected",
        "modules/commit/src/rules.cpp",
        "    return view.stream(stream).event_count != 0;",
        "    const StreamState state = view.stream(stream);\n"
        "    return state.event_count != 0 && !has_fulfilled_exact(proposal, stream, state);",
        CONTRACT,
        "LocalInMemory/Rules2_2.NoIdIsTwiceInAStreamWhateverIsExpected/*",
    ),
    (
        "2.2: a retry is found among all events of an id",
        "modules/order_local/src/disk_resolver.cpp",
        "for (const index::IdMatch& match : matches) ANNALS_CHECK(look_at(match));",
        "for (const index::IdMatch& match : matches) {\n"
        "            ANNALS_CHECK(look_at(match));\n"
        "            if (!append_.known.empty()) break;\n"
        "        }",
        UNIT,
        "LocalOrdererTest.ARetryIsFoundAmongAllEventsOfAnIdThatOldRulesLetInTwice",
    ),
    (
        "2.2: the same events are the whole earlier append",
        "modules/commit/src/rules.cpp",
        "match.append_events == proposal.events.size() &&",
        "true &&",
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
        "2.3: replay is looked for before every check",
        "modules/commit/src/rules.cpp",
        "decide_replay(view, proposal, decision) || "
        "decide_tracking(view, proposal, decision) ||\n"
        "        decide_tombstone(view, proposal, decision) || decide_tokens(",
        "decide_replay(view, proposal, decision) || "
        "decide_tombstone(view, proposal, decision) ||\n"
        "        decide_tracking(view, proposal, decision) || decide_tokens(",
        CONTRACT,
        "LocalInMemory/Rules2_3.ReplayIsLookedForBeforeEveryCheckAlsoInATombstonedStream/*",
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
        "2.4: an expectation",
        "modules/commit/src/rules.cpp",
        "if (is_as_expected(state, check.expected) &&",
        "if ((true || is_as_expected(state, check.expected)) &&",
        CONTRACT,
        "LocalInMemory/Rules2_4.ExactlyIsMetByTheLastRevisionAlone/*",
    ),
    (
        "2.4: a query",
        "modules/commit/src/rules.cpp",
        "        if (match.value == 0) continue;",
        "        continue;",
        CONTRACT,
        "LocalInMemory/Rules2_4.AQueryMatchesEveryEventCommittedAfterItsPosition/*",
    ),
    (
        "2.4: a token beyond the end is an error",
        "modules/order_local/src/request_encoder.cpp",
        "Status proven = state_.log.check_token(token);",
        "Status proven = ok();",
        CONTRACT,
        "LocalInMemory/Rules2_4.ATokenBeyondTheEndIsAnErrorNotAPass/*",
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
        "2.6: a clock that leaves the monotonic one by over an hour is not used",
        "modules/commit/src/recorded_clock.cpp",
        "const std::int64_t offset_ns = is_leap ? trusted_ns : difference_ns;",
        "const std::int64_t offset_ns = difference_ns;",
        CONTRACT,
        "LocalInMemory/Rules2_6.AClockThatLeavesTheMonotonicOneByOverAnHourIsNotUsed/*",
    ),
    (
        "2.6: at opening a jump in either direction holds ages",
        "modules/namespaces/src/open_namespace.cpp",
        "is_leap(options.clock->now().value - last_time.value);",
        "options.clock->now().value - last_time.value > kClockLeapNs;",
        NAMESPACES,
        "Rules2_6.AtOpeningAJumpOfOverSevenDaysHoldsAgeBasedScavengingUntilSomebodyConfirms",
    ),
    (
        "3.2: idle namespaces close",
        "modules/namespaces/src/namespaces.cpp",
        "        close_idle();\n        graveyard_->empty();\n        std::vector",
        "        graveyard_->empty();\n        std::vector",
        NAMESPACES,
        "Rules3_2.IdleNamespacesClose",
    ),
    (
        "1.4: refusals wait for the group that they rest on",
        "modules/order_local/src/writer.cpp",
        "    const bool has_events = recent_.end() > state_.visible_end.get();",
        "    const bool has_events = recent_.end() > state_.visible_end.get();\n"
        "    for (auto& append : group_) {\n"
        "        if (append->outcome != Kind::kRefused) continue;\n"
        "        std::exchange(append->done, [](auto) {})(*append->error);\n"
        "    }",
        UNIT,
        "LocalOrdererTest.RefusedAndReplayedAnswersWaitForTheGroupThatTheyRestOn",
    ),
    (
        "1.4: replays wait for the group that they rest on",
        "modules/order_local/src/writer.cpp",
        "    const bool has_events = recent_.end() > state_.visible_end.get();",
        "    const bool has_events = recent_.end() > state_.visible_end.get();\n"
        "    for (auto& append : group_) {\n"
        "        if (append->outcome != Kind::kReplay) continue;\n"
        "        model::AppendResult result{.is_replay = true};\n"
        "        std::exchange(append->done, [](auto) {})(std::move(result));\n"
        "    }",
        UNIT,
        "LocalOrdererTest.RefusedAndReplayedAnswersWaitForTheGroupThatTheyRestOn",
    ),
    (
        "1.4: only durable positions enter the index",
        "modules/order_local/src/writer.cpp",
        "    const bool has_events = recent_.end() > state_.visible_end.get();",
        "    const bool has_events = recent_.end() > state_.visible_end.get();\n"
        "    for (auto& append : group_) {\n"
        "        if (append->outcome == Kind::kAccepted) index_append(*append);\n"
        "    }\n"
        "    flush_index_buffer();",
        UNIT,
        "LocalOrdererTest.RefusedAndReplayedAnswersWaitForTheGroupThatTheyRestOn",
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
        "1.4: in interval mode refusals say what they rest on",
        "modules/order_local/src/writer.cpp",
        'if (append->decided_at > durable) error = std::move(error).with("is_durable", "false");',
        "",
        CONTRACT,
        "Local/Rules1_4.InIntervalModeRefusalsSayThatWhatTheyRestOnIsNotDurable/*",
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
