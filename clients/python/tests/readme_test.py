# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""README.md as a stranger follows it, word by word.

The lines for the shell run in a checkout that was never built; each program is a file of its own,
in an empty folder, and runs by the Python that those lines made. pip fetches from the folder
FETCHED_PACKAGES instead of PyPI.
"""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import threading

import pytest
from annals_server import Server

CLIENT = pathlib.Path(__file__).resolve().parents[1]
README = CLIENT / "README.md"
REPOSITORY = CLIENT.parents[1]
# of the checkout: what building the client takes
PARTS = ("Makefile", "clients/python", "proto", "tests/compat/python", "tools/errors")
STOPPED = "<!-- runs until it is stopped -->"
ADDRESS = "127.0.0.1:7400"
SECONDS = 60
SECONDS_TO_INSTALL = 400
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
EXAMPLE = re.compile(
    rf"({STOPPED}\n)?```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL
)


def examples():
    return EXAMPLE.findall(README.read_text())


@pytest.fixture(scope="module")
def fresh_server(tmp_path_factory):
    """The examples follow each other, so their server is theirs alone."""
    with Server(tmp_path_factory.mktemp("readme") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """Where the page's lines for the shell have been run."""
    folder = tmp_path_factory.mktemp("checkout")
    for part in PARTS:
        here, there = REPOSITORY / part, folder / part
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(here, there) if here.is_dir() else shutil.copy(here, there)
    [block] = CONSOLE.findall(README.read_text())
    assert all(line.startswith("$ ") for line in block.splitlines())
    run_shell(block.replace("$ ", ""), folder)
    return folder


def run_shell(text, folder):
    # the stranger has nothing of the tests
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": os.environ["FETCHED_PACKAGES"]}
    done = subprocess.run(
        ["bash", "-e", "-c", text],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS_TO_INSTALL,
    )
    assert done.returncode == 0, done.stdout


def test_the_wheels_extras_are_fetched_too(checkout):
    run_shell(
        """python3 -m venv with_extras
        wheel=$(echo build/clients/python/annals_client-*.whl)
        with_extras/bin/pip install "$wheel[pydantic]" "$wheel[opentelemetry]"
        with_extras/bin/python -c "import annals, opentelemetry.trace, pydantic"
        """,
        checkout,
    )


def test_each_program_has_an_output_that_is_held_against_it():
    text = README.read_text()
    assert len(examples()) == text.count("```python") >= 8


@pytest.mark.parametrize("number", range(len(examples())))
def test_program_prints_what_the_page_says(number, checkout, fresh_server, tmp_path):
    until_stopped, program, output = examples()[number]
    path = tmp_path / "example.py"
    assert ADDRESS in program
    path.write_text(program.replace(ADDRESS, fresh_server.address))
    process = subprocess.Popen(
        [checkout / "venv/bin/python", path],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    ends = threading.Timer(SECONDS, process.kill)
    ends.start()
    try:
        printed = ""
        if until_stopped:
            before_stop = output.splitlines()
            if before_stop[-1].startswith("stopped"):
                before_stop.pop()
            for _ in before_stop:
                printed += process.stdout.readline()
            process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate()
    finally:
        ends.cancel()
    assert (printed + rest, process.returncode) == (output, 0), errors


def test_the_ten_lines_are_ten():
    [(_, program, _)] = [each for each in examples() if "store.consumer(" in each[1]]
    assert len([line for line in program.splitlines() if line.strip()]) <= 10
