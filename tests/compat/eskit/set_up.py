#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Makes what the tests of this folder need below the build tree, once:

    set_up.py FOLDER

FOLDER/venv gets grpcio and protobuf from PyPI (requirements.txt), FOLDER/generated the messages of
eskit's contracts from protoc. Needs the network the first time.
"""

import pathlib
import shutil
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
PROTO = HERE.parents[2] / "proto"


def make_venv(folder, requirements):
    stamp = folder / "requirements.txt"
    if stamp.exists() and stamp.read_text() == requirements.read_text():
        return
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    subprocess.run(
        [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check",
         "--only-binary", ":all:", "-r", requirements], check=True)
    shutil.copy(requirements, stamp)


def generate(folder):
    folder.mkdir(parents=True, exist_ok=True)
    root = PROTO / "contracts"
    files = sorted(root.rglob("*.proto")) + sorted((PROTO / "google" / "api").glob("*.proto"))
    subprocess.run(["protoc", f"-I{root}", f"-I{PROTO}", f"--python_out={folder}", *files],
                   check=True)


def main(folder):
    try:
        make_venv(folder / "venv", HERE / "requirements.txt")
        generate(folder / "generated")
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"eskit's client could not be set up: {error}. It needs python3-venv, "
                 "protobuf-compiler and, the first time, the network (PyPI).")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve())
