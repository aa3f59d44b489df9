# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What must hold of scavenging, taken out one at a time."""

LOG = "annals_log_test"
RULES = "annals_scavenge_test"
SCAVENGER = "modules/log/src/segment_scavenger.cpp"
REMOVAL = "modules/scavenge/src/removal_rules.cpp"
STUB_TEST = "Log/LogRules2p5.ARemovedEventLeavesAStubAndAllOthersAreAsTheyWere/*"

# (what is taken out, file, its exact text, the replacement, test program, test)
MUTATIONS = [
    (
        "2.5: only what may go is removed",
        SCAVENGER,
        "ANNALS_TRY(is_gone, request_.is_removable(event));",
        "is_gone = true;",
        LOG,
        STUB_TEST,
    ),
    (
        "2.5: a stub keeps the fingerprint",
        "modules/log/src/stub_record.cpp",
        "codec::append_fixed(out, model::fingerprint(whole));",
        "codec::append_fixed(out, std::uint64_t{0});",
        LOG,
        STUB_TEST,
    ),
    (
        "2.5: a stub keeps the hash of the payload, for the tree",
        "modules/log/src/stub_record.cpp",
        "codec::sha256(event.salted_payload);",
        "codec::sha256(event.envelope);",
        LOG,
        STUB_TEST,
    ),
    (
        "2.5: what follows links to the header that was written first",
        "modules/log/src/segment_scan.cpp",
        "header->link_crc()",
        "header->crc",
        LOG,
        STUB_TEST,
    ),
    (
        "2.5: a removed append keeps its tracking and loses its principal",
        SCAVENGER,
        "if (is_all_gone) {",
        "if (false) {",
        LOG,
        "Scavenging.KeepsTheTrackingOfARemovedAppendAndNotItsPrincipal",
    ),
    (
        "the new file is synced before it takes the place of the old one",
        SCAVENGER,
        "        ANNALS_CHECK(flush());\n        return file_->sync();",
        "        return flush();",
        LOG,
        "Scavenging.AFullDiskOrARefusedWriteLeavesEverythingAsItWasAndAppendsGoOn",
    ),
    (
        "a file that is given up is taken away",
        SCAVENGER,
        "static_cast<void>(core_.files().remove(path_));",
        "",
        LOG,
        "Scavenging.StopsWhenToldSoAndChangesNothing",
    ),
    (
        "what is visible stays",
        REMOVAL,
        "const bool is_removable = event.revision < last_rule_->first_shown ||",
        "const bool is_removable = event.revision <= last_rule_->first_shown ||",
        RULES,
        "StreamRemovalRules.WhatIsOutOfTheCountGoes",
    ),
    (
        "2.6: ages do not count while the clock is in doubt",
        REMOVAL,
        "return ages_ == Ages::kCount ? now_ : TimeNs(0);",
        "return now_;",
        RULES,
        "StreamRemovalRules.WhatIsTooOldGoesByTheClockThatIsInjected",
    ),
    (
        "an event is superseded when all its keys are",
        REMOVAL,
        "is_superseded = false;",
        "",
        RULES,
        "LatestValue.AnEventWithSeveralKeysStaysUntilAllAreReplaced",
    ),
    (
        "a removal stays as long as what it removed is there",
        REMOVAL,
        "later->reset();",
        "rule.superseded[static_cast<std::size_t>((*later)->value)] = true;",
        RULES,
        "LatestValue.ARemovalStaysAsLongAsWhatItRemovedIsThere",
    ),
    (
        "reads of a stream pass over what is removed",
        "modules/streams/src/stream_events.cpp",
        "if (event.is_removed) {",
        "if (false) {",
        RULES,
        "LatestValue.TheLastEventOfEachKeyStays",
    ),
    (
        "reads over everything pass over what is removed",
        "modules/streams/src/filtered_events.cpp",
        "const bool is_match = !event.is_removed && filter_.matches(event.envelope, &failed);\n"
        "        if (failed) return *failed;\n"
        "        if (is_match && !filler.add(event)) return filler.stop(before(span, at), false);",
        "const bool is_match = filter_.matches(event.envelope, &failed);\n"
        "        if (failed) return *failed;\n"
        "        if (is_match && !filler.add(event)) return filler.stop(before(span, at), false);",
        RULES,
        "StreamRemovalRules.ReadsOverEverythingPassOverWhatWasRemoved",
    ),
    (
        "2.2: a retry of a removed event is known by the stub's fingerprint",
        "modules/order_local/src/disk_resolver.cpp",
        "known.fingerprint = stored.is_removed ? stored.fingerprint : model::fingerprint(event);",
        "known.fingerprint = model::fingerprint(event);",
        RULES,
        "Twins.AScavengedLogAnswersAsOneThatNeverWas",
    ),
    (
        "what was loosened while a segment was written anew stays",
        REMOVAL,
        "return is_compacted_alike && first_shown.value >= found->second.end;",
        "return is_compacted_alike;",
        RULES,
        "LoosenedMeanwhile.WhatIsShownAgainStays",
    ),
    (
        "a category's defaults that were loosened meanwhile count",
        REMOVAL,
        "if (removed_categories_.contains(hash)) return false;",
        "",
        RULES,
        "LoosenedMeanwhile.ACategorysDefaultsToo",
    ),
    (
        "the last look is taken while nothing is decided",
        "modules/scavenge/src/log_scavenge.cpp",
        "        ANNALS_TRY(holds, rules.still_holds());\n        return holds ? change() : ok();",
        "        return change();",
        RULES,
        "LoosenedMeanwhile.BetweenTheFirstLookAndTheChangeToo",
    ),
]
