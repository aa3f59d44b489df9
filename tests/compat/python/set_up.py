#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Builds the Python client and installs it as a user would:

    set_up.py FOLDER

FOLDER/fetched gets what requirements.txt names and what that needs from PyPI, once; FOLDER/venv has
it installed; FOLDER/wheel the wheel, which is installed into it; FOLDER/scenarios the runner of the
scenarios with its blocking half; FOLDER/reference the reference pages. Needs the network the first
time.
"""

import pathlib
import shutil
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
CLIENT = HERE.parents[2] / "clients" / "python"
REQUIREMENTS = HERE / "requirements.txt"
PIP = ["-m", "pip", "--quiet", "--disable-pip-version-check"]


def make_venv(folder, fetched):
    stamp = fetched / "requirements.txt"
    if folder.exists() and stamp.exists() and stamp.read_text() == REQUIREMENTS.read_text():
        return
    for each in (folder, fetched):
        shutil.rmtree(each, ignore_errors=True)
    venv.create(folder, with_pip=True)
    pip = [folder / "bin" / "python", *PIP]
    wanted = ["--only-binary", ":all:", "-r", REQUIREMENTS]
    subprocess.run([*pip, "download", "--dest", fetched, *wanted], check=True)
    subprocess.run([*pip, "install", "--no-index", "--find-links", fetched, *wanted], check=True)
    shutil.copy(REQUIREMENTS, stamp)


def build_wheel(folder, python):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    subprocess.run([python, *PIP, "wheel", "--no-build-isolation", "--no-deps", "--wheel-dir",
                    folder, CLIENT], check=True)
    [wheel] = folder.glob("*.whl")
    subprocess.run([python, *PIP, "install", "--no-deps", "--no-index", "--force-reinstall",
                    wheel], check=True)


def make_scenarios(folder, python):
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(CLIENT / "scenarios", folder)
    package = folder / "annals_scenarios"
    subprocess.run([python, CLIENT / "generate.py", "--blocking", package / "aio",
                    package / "blocking"], check=True)


def make_reference(folder, python):
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([python, "-m", "pdoc", "--docformat", "markdown", "-o", folder, "annals",
                    "!annals.v1", "!annals._"], check=True, cwd=folder.parent)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    python = folder / "venv" / "bin" / "python"
    try:
        make_venv(folder / "venv", folder / "fetched")
        build_wheel(folder / "wheel", python)
        make_scenarios(folder / "scenarios", python)
        make_reference(folder / "reference", python)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"the Python client could not be set up: {error}. It needs python3-venv and, the "
                 "first time, the network (PyPI).")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve())
