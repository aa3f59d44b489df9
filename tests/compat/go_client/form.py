#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The form of the Go client: gofmt, go vet, go.mod in order, and what is generated is current.

    form.py FOLDER        FOLDER gets protoc's generators, once
"""

import os
import pathlib
import subprocess
import sys

MODULE = pathlib.Path(__file__).resolve().parents[3] / "clients/go"


def main(folder):
    environment = dict(os.environ, GOFLAGS="", GOWORK="off", GOTOOLCHAIN="local")

    def is_well(*words, place=MODULE):
        done = subprocess.run(words, cwd=place, env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        print(done.stdout, end="")
        return done.returncode == 0 and (words[0] != "gofmt" or not done.stdout)

    results = [
        is_well("gofmt", "-l", "."),
        *(is_well("go", "vet", "./...", place=place) for place in (MODULE, MODULE / "cmd")),
        *(is_well("go", "mod", "tidy", "-diff", place=place) for place in (MODULE, MODULE / "cmd")),
        is_well(sys.executable, "generate.py", "--check", "--tools", folder),
    ]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main(str(pathlib.Path(sys.argv[1]).resolve()))
