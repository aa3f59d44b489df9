# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""README.md as a stranger follows it: each program in a file of its own, in an empty folder."""

import pathlib
import re
import signal
import subprocess
import sys
import threading

import pytest
from annals_server import Server

README = pathlib.Path(__file__).resolve().parents[1] / "README.md"
STOPPED = "<!-- runs until it is stopped -->"
ADDRESS = "127.0.0.1:7400"
SECONDS = 60
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


def test_each_program_has_an_output_that_is_held_against_it():
    text = README.read_text()
    assert len(examples()) == text.count("```python") >= 8


@pytest.mark.parametrize("number", range(len(examples())))
def test_program_prints_what_the_page_says(number, fresh_server, tmp_path):
    until_stopped, program, output = examples()[number]
    path = tmp_path / "example.py"
    assert ADDRESS in program
    path.write_text(program.replace(ADDRESS, fresh_server.address))
    process = subprocess.Popen(
        [sys.executable, str(path)],
        cwd=tmp_path,
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
