# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What must hold of entities and their read model, taken out one at a time."""

TESTS = "annals_entities_test"
FEED = "modules/entities/src/type_feed.cpp"
FILES = "modules/entities/src/model_files.cpp"
FOLD = "modules/entities/src/fold.cpp"
READER = "modules/entities/src/state_reader.cpp"
SNAPSHOT = "modules/entities/src/state_snapshot.cpp"
VIEW = "modules/entities/src/type_view.cpp"

# (what is taken out, file, its exact text, the replacement, test program, test)
MUTATIONS = [
    (
        "a state of the read model counts only where it is of the stream's last event",
        VIEW,
        "entry->position == stream.last_position",
        "true",
        TESTS,
        "TypeViewTest.AnOlderStateIsNone",
    ),
    (
        "a state of the read model counts only where all events are shown",
        VIEW,
        "entry->state.revision.value + 1 == stream.events",
        "true",
        TESTS,
        "ReadModelTest.WhatIsNotShownWholeIsFolded",
    ),
    (
        "the read model answers for the log alone that it was made of",
        VIEW,
        "token->log_id_bits == log_id_bits_",
        "true",
        TESTS,
        "TypeViewTest.SpeaksForItsOwnLogAlone",
    ),
    (
        "a type of another history begins anew",
        FEED,
        "!page && !mark_.empty() && is_other_history(page.error().code())",
        "false",
        TESTS,
        "ReadModelTest.DoesNotAnswerForALogThatWasRestoredAndWentItsOwnWay",
    ),
    (
        "a type that begins anew has no entries",
        FEED,
        "ANNALS_CHECK(files_.remove_type(name_));",
        "",
        TESTS,
        "ReadModelTest.DoesNotAnswerForAnotherServer",
    ),
    (
        "files of another format are thrown away",
        FILES,
        "status.ok() && format == kFormat",
        "status.ok()",
        TESTS,
        "ReadModelTest.AnotherFormatIsThrownAway",
    ),
    (
        "damaged files are not there after the next opening",
        FILES,
        "std::filesystem::remove_all(directory_, ignored);",
        "",
        TESTS,
        "ReadModelTest.ThrowsDamagedFilesAway",
    ),
    (
        "a hash that is another one is noticed",
        FOLD,
        "documents::hash_of(state_.document) != expected_hash_",
        "false",
        TESTS,
        "EntityStoreTest.AReplayThatGoesWrongIsNoticed",
    ),
    (
        "a change without a hash hides no hash that is another one",
        FOLD,
        "// Nobody would see afterwards that what it changes is wrong.\n        compare();",
        "",
        TESTS,
        "ReadModelTest.SaysOfMixedHistoriesWhatAGetSays",
    ),
    (
        "a snapshot counts only where the log says the hash of its document",
        SNAPSHOT,
        "field_of(event, kHashField) == snapshot.hash",
        "true",
        TESTS,
        "EntityForgedSnapshots.AreNotBelievedWhereTheLogSaysAnotherHash",
    ),
    (
        "what cannot be folded on from a snapshot is folded from the beginning",
        READER,
        "if (!state || state->problem) {",
        "if (!state) {",
        TESTS,
        "EntityForgedSnapshots.WhatCannotBeFoldedOnFromOneIsFoldedFromTheBeginning",
    ),
    (
        "a snapshot that was wrong is not met again",
        READER,
        "if (is_wrong) drop_snapshot(context, stream, revision);",
        "",
        TESTS,
        "EntityForgedSnapshots.WhatCannotBeFoldedOnFromOneIsFoldedFromTheBeginning",
    ),
    (
        "no snapshot is left that would not be believed",
        READER,
        "if (!state.has_document || !state.ends_with_hash) return;",
        "if (!state.has_document) return;",
        TESTS,
        "EntityForgedSnapshots.NoneIsLeftThatWouldNotBeBelieved",
    ),
    (
        "a broken event does not matter once it is created again",
        FOLD,
        "broken_.reset();\n        state_.has_document = false;",
        "state_.has_document = false;",
        TESTS,
        "EntityStoreTest.ABrokenEventDoesNotMatterOnceItIsCreatedAgain",
    ),
    (
        "a state in memory counts only while the log has its event",
        READER,
        "made_of != events.end() && made_of->id == state.event_id",
        "made_of != events.end()",
        TESTS,
        "EntityStoreTest.ANamespaceThatIsMadeAgainHasNothingInMemory",
    ),
    (
        "what is hidden of a short history is hidden of the state in memory",
        READER,
        "if (!shows_beginning_of(state)) return events.size();",
        "",
        TESTS,
        "EntityMemoryOfUpdates.WhatIsHiddenOfAShortHistoryIsHiddenAlsoOfWhatIsInMemory",
    ),
    (
        "updates from memory leave snapshots",
        READER,
        "if (is_snapshot_due(state->revision, Revision(state->revision.value - 1))) return;",
        "",
        TESTS,
        "EntityMemoryOfUpdates.SnapshotsAreLeftThoughNothingIsFolded",
    ),
]
