#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What a source of samples/ can include of annals: the installed client, and nothing else.

    only_the_client_test.py BUILD

Asks the preprocessor what it finds with the flags of each sample's sources.
"""

import json
import pathlib
import shlex
import subprocess
import sys
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
OURS = ("annals/annals.hpp", "annals/typed.hpp", "annals/sdk/client.hpp", "annals/base/error.hpp")
FOREIGN = ("annals/base/result.hpp", "annals/api/event_store.hpp", "annals/model/event.hpp",
           "annals/runtime/bounded_queue.hpp", "annals/client/stores.hpp",
           "../modules/sdk/src/words.hpp", "annals/v1/event.pb.h")


def visible(command, folder):
    """Which of the headers a source with these flags can include."""
    with tempfile.TemporaryDirectory() as place:
        source = pathlib.Path(place) / "probe.cpp"
        source.write_text("".join(
            f'#if __has_include("{header}")\nvisible {header}\n#endif\n'
            for header in (*OURS, *FOREIGN)))
        words = [str(source) if word.endswith((".cpp", ".cxx")) else word for word in command]
        done = subprocess.run([*words, "-E", "-P"], cwd=folder, capture_output=True, text=True,
                              check=False)
        if done.returncode:
            sys.exit(done.stderr)
        return {line.removeprefix("visible ") for line in done.stdout.splitlines()
                if line.startswith("visible ")}


def commands(build):
    """For each sample one source's compiler call, without its output and the compiler cache."""
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = pathlib.Path(entry["file"])
        is_test = source.name.endswith("_test.cpp") or "_test.dir" in entry["file"]
        if is_test or "generated" in source.parts:
            continue
        # files that are compiled together are included by one in the build tree
        place = next((top / "samples" for top in (build.resolve(), REPOSITORY)
                      if source.is_relative_to(top / "samples")), None)
        if not place:
            continue
        words = [word for word in shlex.split(entry["command"]) if not word.endswith("ccache")]
        output = words.index("-o")
        found[source.relative_to(place).parts[0]] = (
            words[:output] + words[output + 2:], entry["directory"])
    return found


def main():
    found = commands(pathlib.Path(sys.argv[1]))
    wanted = {one.parent.name for one in (REPOSITORY / "samples").glob("*/CMakeLists.txt")}
    if set(found) != wanted:
        sys.exit(f"compiled are {sorted(found)}, there are {sorted(wanted)}")
    for sample, (command, folder) in sorted(found.items()):
        seen = visible(command, folder)
        if missing := set(OURS) - seen:
            sys.exit(f"{sample} cannot include {sorted(missing)}")
        if inside := seen - set(OURS):
            sys.exit(f"{sample} can include {sorted(inside)}, which no user of the client has: "
                     "link annals::annals instead of a parcel")
    print(f"{len(found)} samples see the client alone")


if __name__ == "__main__":
    main()
