# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What must hold of consumer groups, taken out one at a time."""

TESTS = "annals_groups_test"
STATE = "modules/groups/src/engine.cpp"
GROUP = "modules/groups/src/group.cpp"
MEMBERS = "modules/groups/src/engine_members.cpp"
EVENTS = "modules/groups/src/engine_events.cpp"
SETTLEMENTS = "modules/groups/src/engine_settlements.cpp"
PARKED = "modules/groups/src/engine_parked.cpp"
STATUS = "modules/groups/src/group_status.cpp"

# (what is taken out, file, its exact text, the replacement, test program, test)
MUTATIONS = [
    (
        "a delivery is over at its deadline, looked at or not",
        SETTLEMENTS,
        "    expire(now);\n    Member* const member",
        "    Member* const member",
        TESTS,
        "GroupEngine.AnAcknowledgementAtTheDeadlineIsLateThoughNobodyLookedYet",
    ),
    (
        "only the member that holds a delivery settles it",
        SETTLEMENTS,
        "found == deliveries_.end() || found->second->member != id",
        "found == deliveries_.end()",
        TESTS,
        "GroupEngine.ALateAcknowledgementOfAPausedMemberIsRefusedAndChangesNothing",
    ),
    (
        "a silent member gets nothing",
        SETTLEMENTS,
        "holder.is_silent = true;",
        "",
        TESTS,
        "GroupEngine.ASilentMemberGetsNothingUntilItIsHeardOf",
    ),
    (
        "the checkpoint waits for the oldest unfinished event",
        STATE,
        "window_.empty() ? frontier_",
        "true ? frontier_",
        TESTS,
        "GroupEngine.TheCheckpointWaitsForTheOldestUnfinishedEvent",
    ),
    (
        "what comes back to a key goes before what waits",
        EVENTS,
        "if (key->last == nullptr || key->last->position < entry->position) {",
        "if (true) {",
        TESTS,
        "GroupEngine.ParkedKeysSurviveARestartAndGoOnInOrderWhenRetried",
    ),
    (
        "what fails too often is parked",
        SETTLEMENTS,
        "if (is_last_attempt(*entry) || key->parked",
        "if (key->parked",
        TESTS,
        "GroupEngine.RetriesLaterAndLaterThenParksTheKeyAlone",
    ),
    (
        "what waits behind a parked event is written down",
        PARKED,
        "        into_backlog(waiting);\n        record_queued(*key, waiting->position);",
        "        into_backlog(waiting);",
        TESTS,
        "GroupEngine.ParkedKeysSurviveARestartAndGoOnInOrderWhenRetried",
    ),
    (
        "what was finished above the checkpoint is not given out again",
        EVENTS,
        "was_passed(event.position) || backlog_.contains(event.position)",
        "backlog_.contains(event.position)",
        TESTS,
        "GroupEngine.ARestartGoesOnAfterWhatWasFinished",
    ),
    (
        "who has least in hand is next",
        MEMBERS,
        "if (member.in_flight != other.in_flight) return member.in_flight > other.in_flight;",
        "",
        TESTS,
        "GroupEngine.WhoHasLeastInHandIsNextAndTakesTurnsWithItsLike",
    ),
    (
        "round robin gives to whoever was given longest ago",
        MEMBERS,
        "if (member.last_given != other.last_given) return member.last_given > other.last_given;",
        "",
        TESTS,
        "GroupEngine.RoundRobinTakesTurnsAndParksOneEventAlone",
    ),
    (
        "the last failure outlives the server",
        STATE,
        "last_failure_(state.last_failure),",
        "",
        TESTS,
        "GroupEngine.TheLastFailureIsThatOfTheRunBefore",
    ),
    (
        "what is retried is as far behind as it is old",
        PARKED,
        "    retry_waiting(*key);\n    changes_.push_back({.kind = ChangeKind::kRetried",
        "    changes_.push_back({.kind = ChangeKind::kRetried",
        TESTS,
        "GroupEngine.TheOldestUnprocessedEventMayBeOneThatIsRetried",
    ),
    (
        "members that ask for nothing are waited for",
        STATUS,
        "counts.ready_keys > 0 && counts.takers == 0 ? \"members\" : \"\"",
        "\"\"",
        TESTS,
        "GroupStatus.MembersThatAskForNothingAreWaitedFor",
    ),
    (
        "the rate is that of the last half minute",
        "modules/groups/src/rate.cpp",
        "    if (looks_.size() > kLooksMax) looks_.pop_front();\n",
        "",
        TESTS,
        "Rate.ForgetsWhatIsOlderThanHalfAMinute",
    ),
    (
        "what comes often does not keep the watch from looking",
        GROUP,
        "std::int64_t due = look_ns_;",
        "std::int64_t due = moment.ns + kSecond;",
        TESTS,
        "GroupStatus.WhatComesOftenDoesNotHideThatNothingIsHandled",
    ),
]
