#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Takes the decisive rules out, one at a time, and expects a named test to fail.

    run.py [--build DIR] [--only TEXT]

Cheap: needs a build directory (Ninja) whose tests are built. For each mutation the one changed file
is compiled to a scratch object, linked in front of the libraries into a copy of the test program,
and the named test is run. Nothing of the repository or the build directory is changed.
"""

import argparse
import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
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


class Build:
    """A build directory: how to compile a file and to link a program once more, differently."""

    def __init__(self, directory, scratch):
        self.directory = directory
        self.scratch = scratch
        with open(directory / "compile_commands.json", encoding="utf-8") as file:
            self.compiles = {entry["file"]: entry["command"] for entry in json.load(file)}
        self.links = {}

    def make(self, targets):
        subprocess.run(
            ["cmake", "--build", str(self.directory), "-j2", "-t", *targets],
            check=True, stdout=subprocess.DEVNULL,
        )

    def compile(self, path, text):
        source = self.scratch / path.name
        source.write_text(text, encoding="utf-8")
        words = shlex.split(self.compiles[str(path)])
        if words[0].endswith("ccache"):
            words = words[1:]
        out = str(source.with_suffix(".o"))
        words = [str(source) if word == str(path) else word for word in words]
        words[words.index("-o") + 1] = out
        subprocess.run([*words, "-Wno-error"], check=True, cwd=self.directory,
                       stderr=subprocess.DEVNULL)
        return out

    def link(self, target, extra):
        if target not in self.links:
            commands = subprocess.run(
                ["ninja", "-C", str(self.directory), "-t", "commands", target],
                check=True, capture_output=True, text=True,
            ).stdout.split("\n")
            self.links[target] = next(
                line for line in commands if re.search(rf" -o \S*{target} ", line)
            )
        words = shlex.split(self.links[target])
        words = words[words.index("&&") + 1:]
        words = words[:words.index("&&")]
        out = str(self.scratch / target)
        words[words.index("-o") + 1] = out
        first_library = next(i for i, word in enumerate(words) if word.endswith(".a"))
        words.insert(first_library, extra)
        subprocess.run(words, check=True, cwd=self.directory)
        return out


def run_test(program, test):
    """True when the test passed; an empty selection is an error of this file."""
    done = subprocess.run(
        [program, f"--gtest_filter={test}", "--gtest_brief=1"],
        capture_output=True, text=True, timeout=120, check=False,
    )
    if "0 tests from 0 test suites" in done.stdout:
        sys.exit(f"no such test: {test}\n{done.stdout}")
    return done.returncode == 0


def check(build, mutation):
    _, file, text, replacement, target, test = mutation
    path = ROOT / file
    source = path.read_text(encoding="utf-8")
    if source.count(text) != 1:
        sys.exit(f"{file}: the text is there {source.count(text)} times, not once: {text}")
    program = build.link(target, build.compile(path, source.replace(text, replacement)))
    return not run_test(program, test)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/dev")
    parser.add_argument("--only", default="", help="only mutations whose description has this")
    arguments = parser.parse_args()
    chosen = [mutation for mutation in MUTATIONS if arguments.only in mutation[0]]
    survivors = []
    with tempfile.TemporaryDirectory() as scratch:
        build = Build(arguments.build.resolve(), pathlib.Path(scratch))
        build.make(sorted({mutation[4] for mutation in chosen}))
        for mutation in chosen:
            start = time.monotonic()
            is_caught = check(build, mutation)
            verdict = "caught" if is_caught else "SURVIVED"
            print(f"{verdict:9}{time.monotonic() - start:5.1f} s  {mutation[0]}", flush=True)
            if not is_caught:
                survivors.append(mutation)
    for mutation in survivors:
        print(f"{mutation[5]} passes without the rule ({mutation[1]})", file=sys.stderr)
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()
