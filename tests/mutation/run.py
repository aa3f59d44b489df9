#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Takes the decisive rules out, one at a time, and expects a named test to fail.

    run.py rules|log|index|scavenge|groups|entities|users [--build DIR] [--only TEXT]

Modules of these names beside it list the mutations. Cheap: needs a build directory (Ninja) whose
tests are built. For each mutation the one changed file is compiled to a scratch object, linked in
front of the libraries into a copy of the test program, and the named test is run. Nothing of the
repository or the build directory is changed.
"""

import argparse
import concurrent.futures
import importlib
import json
import os
import pathlib
import re
import resource
import shlex
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
# of modules/base's comes_true: a test whose rule is there has what it waits for in a moment
PATIENCE_SECONDS = 10


class Build:
    """A build directory: how to compile a file and to link a program once more, differently."""

    def __init__(self, directory):
        self.directory = directory
        with open(directory / "compile_commands.json", encoding="utf-8") as file:
            self.compiles = {entry["file"]: entry["command"] for entry in json.load(file)}
        self.links = {}
        self.asking = threading.Lock()

    def make(self, targets):
        subprocess.run(
            ["cmake", "--build", str(self.directory), "-j2", "-t", *targets],
            check=True, stdout=subprocess.DEVNULL,
        )

    def compile(self, path, text, folder):
        source = folder / path.name
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

    def link_command(self, target):
        with self.asking:
            if target not in self.links:
                commands = subprocess.run(
                    ["ninja", "-C", str(self.directory), "-t", "commands", target],
                    check=True, capture_output=True, text=True,
                ).stdout.split("\n")
                self.links[target] = next(
                    line for line in commands if re.search(rf" -o \S*{target} ", line)
                )
            return self.links[target]

    def link(self, target, extra, folder):
        words = shlex.split(self.link_command(target))
        words = words[words.index("&&") + 1:]
        words = words[:words.index("&&")]
        out = str(folder / target)
        words[words.index("-o") + 1] = out
        first_library = next(i for i, word in enumerate(words) if word.endswith(".a"))
        words.insert(first_library, extra)
        subprocess.run(words, check=True, cwd=self.directory)
        return out


def run_test(program, test):
    """True when the test passed; an empty selection is an error of this file, and so is a test
    that hangs without its rule. Most wait in vain for something then: they end with the first
    failure, after PATIENCE_SECONDS, and at once: what is left of such a test may hang, too."""
    done = subprocess.run(
        [program, f"--gtest_filter={test}", "--gtest_brief=1", "--gtest_break_on_failure"],
        env=os.environ | {"ANNALS_TEST_PATIENCE": str(PATIENCE_SECONDS)},
        capture_output=True, text=True, timeout=120, check=False,
    )
    if "0 tests from 0 test suites" in done.stdout:
        raise LookupError(f"no such test: {test}\n{done.stdout}")
    return done.returncode == 0


def check(build, mutation):
    """Whether the test fails without the rule, and the seconds that it took to know."""
    _, file, text, replacement, target, test = mutation
    start = time.monotonic()
    path = ROOT / file
    source = path.read_text(encoding="utf-8")
    if source.count(text) != 1:
        raise LookupError(
            f"{file}: the text is there {source.count(text)} times, not once: {text}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        changed = build.compile(path, source.replace(text, replacement), folder)
        is_caught = not run_test(build.link(target, changed, folder), test)
    return is_caught, time.monotonic() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=[
        "rules", "log", "index", "scavenge", "groups", "entities", "users"])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/dev")
    parser.add_argument("--only", default="", help="only mutations whose description has this")
    parser.add_argument("--jobs", type=int, default=2, help="mutations at a time")
    arguments = parser.parse_args()
    mutations = importlib.import_module(arguments.what).MUTATIONS
    chosen = [mutation for mutation in mutations if arguments.only in mutation[0]]
    survivors = []
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # tests that are caught end by a signal
    build = Build(arguments.build.resolve())
    build.make(sorted({mutation[4] for mutation in chosen}))
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        verdicts = pool.map(lambda mutation: check(build, mutation), chosen)
        for mutation, (is_caught, seconds) in zip(chosen, verdicts):
            verdict = "caught" if is_caught else "SURVIVED"
            print(f"{verdict:9}{seconds:5.1f} s  {mutation[0]}", flush=True)
            if not is_caught:
                survivors.append(mutation)
    for mutation in survivors:
        print(f"{mutation[5]} passes without the rule ({mutation[1]})", file=sys.stderr)
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()
