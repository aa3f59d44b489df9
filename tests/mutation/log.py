# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What must hold of the log, taken out one at a time."""

PROGRAM = "annals_log_test"

# (what is taken out, file, its exact text, the replacement, test program, test)
MUTATIONS = [
    (
        "1.1: a new segment's header is synced before its first group",
        "modules/log/src/recovery.cpp",
        "if (written) written = file->sync();",
        "",
        PROGRAM,
        "LogRules1_1.ANewSegmentsHeaderAndDirectoryEntryAreSyncedBeforeItsFirstGroup",
    ),
    (
        "1.2: each opening has a new salt",
        "modules/log/src/group_header.cpp",
        "static_cast<std::uint32_t>(random_u64()),",
        "std::uint32_t{7},",
        PROGRAM,
        "LogRules1_2.TheSaltKeepsOldBytesFromLiningUpAgain",
    ),
    (
        "1.2: the salt is one of this log",
        "modules/log/src/segment_scan.cpp",
        "if (header && !is_salt_of(header->salt, options_.log_id)) return std::nullopt;",
        "",
        PROGRAM,
        "ForgedGroup.BytesOfAnotherLogDoNotPassForAGroupOfThisOne",
    ),
    (
        "1.2: what a later mark covers is damage and never cut",
        "modules/log/src/segment_scan.cpp",
        "if (!is_covered) return false;",
        "return false;",
        PROGRAM,
        "LogRules1_2.ABadGroupThatALaterDurableMarkCoversIsDamageAndNeverCut",
    ),
    (
        "1.2: no more events are missing than the lost bytes could hold",
        "modules/log/src/segment_scan.cpp",
        "if (lost > (at - bad_offset) / kEventBytesMin) continue;",
        "static_cast<void>(lost);",
        PROGRAM,
        "ForgedGroup.AMarkThatClaimsMoreEventsThanTheLostBytesCouldHoldIsNotBelieved",
    ),
    (
        "1.2: what lies behind a cut is zeroed",
        "modules/log/src/recovery.cpp",
        "if (!zeros.empty()) ANNALS_CHECK(file->write_at(scan.groups_end, zeros));",
        "",
        PROGRAM,
        "LogRules1_2.WhatLiesBehindACutIsZeroedAndSyncedBeforeTheFirstNewAppend",
    ),
    (
        "1.3: a failed write or sync poisons the log",
        "modules/log/src/segment_log.cpp",
        "    core_->poison();\n",
        "",
        PROGRAM,
        "LogRules1_3.AFailedSyncPoisonsTheLogAndTheGroupsOutcomeIsUnknown",
    ),
    (
        "1.3: opening rewrites the tail that no mark covers",
        "modules/log/src/recovery.cpp",
        "if (!unproven().empty()) ANNALS_CHECK("
        "file->write_at(scan.unproven_offset, unproven()));",
        "",
        PROGRAM,
        "LogRules1_3.OpeningRewritesAndSyncsTheTailThatNoMarkCoversAlsoAfterKill9",
    ),
    (
        "1.3: what was acknowledged was synced",
        "modules/log/src/segment_log.cpp",
        "const Status synced = file_->sync();",
        "const Status synced = ok();",
        PROGRAM,
        "PowerLoss.WhatWasAcknowledgedIsThereWhateverACrashTakes",
    ),
    (
        "1.4: readers see only durable positions",
        "modules/log/src/segment_log.cpp",
        "    is_marked_ = header.is_mark() &&",
        "    core_->publish_durable({written_.last_position, written_.chain});\n"
        "    is_marked_ = header.is_mark() &&",
        PROGRAM,
        "LogRules1_4.ReadersSeeOnlyDurablePositions",
    ),
    (
        "3.2: a clean end that is not the end is not believed",
        "modules/log/src/recovery.cpp",
        "if (behind.find_first_not_of('\\0') != std::string::npos) return false;",
        "",
        PROGRAM,
        "Recovery.ACleanEndThatIsNotTheEndIsNotBelieved",
    ),
]
