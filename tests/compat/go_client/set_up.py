#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Gets the modules of the Go client and builds its programs, once:

    set_up.py FOLDER        FOLDER/scenarios, FOLDER/bench

Needs Go 1.24 or later and, the first time, the network (the Go module proxy).
"""

import os
import pathlib
import shutil
import subprocess
import sys

COMMANDS = pathlib.Path(__file__).resolve().parents[3] / "clients/go/cmd"


def main(folder):
    if shutil.which("go") is None:
        sys.exit("Go is not there: install Go 1.24 or later (https://go.dev/dl), or leave these "
                 "tests out with ctest -E compat.go")
    folder.mkdir(parents=True, exist_ok=True)
    environment = dict(os.environ, GOFLAGS="", GOWORK="off", GOTOOLCHAIN="local")
    try:
        for place in (COMMANDS.parent, COMMANDS):
            subprocess.run(["go", "mod", "download"], cwd=place, env=environment, check=True)
        subprocess.run(["go", "build", "-o", f"{folder}{os.sep}", "./..."], cwd=COMMANDS,
                       env=environment, check=True)
    except subprocess.CalledProcessError as error:
        sys.exit(f"the Go client could not be built: {error}. It needs Go 1.24 or later and, the "
                 "first time, the network (the Go module proxy).")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve())
