#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Takes the decisive rules out, one at a time, and expects a named test to fail.

    run.py rules|log|scavenge|groups|entities [--build DIR] [--only TEXT]

rules.py, log.py, scavenge.py, groups.py and entities.py list the mutations.
Cheap: needs a build directory (Ninja) whose
tests are built. For each mutation the one changed file is compiled to a scratch object, linked in
front of the libraries into a copy of the test program, and the named test is run. Nothing of the
repository or the build directory is changed.
"""

import argparse
import importlib
import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


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
    parser.add_argument("what", choices=["rules", "log", "scavenge", "groups", "entities"])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/dev")
    parser.add_argument("--only", default="", help="only mutations whose description has this")
    arguments = parser.parse_args()
    mutations = importlib.import_module(arguments.what).MUTATIONS
    chosen = [mutation for mutation in mutations if arguments.only in mutation[0]]
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
