# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The ```console blocks of a page, typed in; what comes out is compared with what the page shows.

Lines that begin with `$ ` are typed, those that end with a backslash go on in the next line, what
follows up to the next `$ ` is expected. Words behind `console` in the opening line:

    server        the command goes on; its first screen (on a terminal) is compared, where the page
                  shows one
    program NAME  the command goes on, as one of samples/; the line that says that it is ready is
                  compared
    follow NAME   the command goes on in a terminal of its own
    shows NAME    no command: what that terminal has shown since

Ids, position tokens, ports, the data folder, durations and times of now may differ. The kernel
picks the ports; later commands are told those that are, in place of those of the page.
"""

import os
import pathlib
import pty
import re
import shlex
import subprocess
import tempfile
import threading
import time
import unittest

from program import BINARY, clean_environment

PATIENCE_SECONDS = 30

LIKENESSES = (
    (re.compile(r"\x1b\[[0-9;]*[mK]"), ""),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"(?<![\w-])[\w-]{36}(?![\w-])"), "<token>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "<now>"),
    (re.compile(r"in \d+\.\d+ s \([^)]*\)"), "in <time>"),
    (re.compile(r" --server 127\.0\.0\.1:\d+"), ""),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:<port>"),
    (re.compile(r"/\S*/data\b"), "<folder>/data"),
    (re.compile(r"\S*\bannals (?=stream|demo)"), "annals "),
    (re.compile(r"annals \d+\.\d+\.\d+"), "annals <version>"),
    (re.compile(r"[ \t]+"), " "),
)


def likeness(text):
    """The text without what may differ."""
    for pattern, replacement in LIKENESSES:
        text = pattern.sub(replacement, text)
    return [line.strip() for line in text.strip().splitlines()]


class Block:
    def __init__(self, words, text, place):
        self.words = words
        self.place = place
        self.steps = []  # (command, expected output)
        command, expected = None, []
        lines = iter(text.splitlines())
        for line in lines:
            if not line.startswith("$ "):
                expected.append(line)
                continue
            if command is not None or expected:
                self.steps.append((command, "\n".join(expected)))
            command, expected = line[2:], []
            while command.endswith("\\"):
                command = command[:-1] + next(lines).strip()
        self.steps.append((command, "\n".join(expected)))


def blocks_of(path, text):
    for match in re.finditer(r"^```console([^\n]*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        line = text.count("\n", 0, match.start()) + 1
        yield Block(match[1].split(), match[2], f"{path.name}:{line}")


class Screen:
    """A command that goes on, on a terminal or a pipe, and what it has shown."""

    def __init__(self, command, folder, environment, is_terminal):
        self.shown = ""
        words = shlex.split(command)
        if is_terminal:
            reader, writer = pty.openpty()
            self.process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.DEVNULL,
                cwd=folder, env=environment,
            )  # fmt: skip
            os.close(writer)
        else:
            self.process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                cwd=folder, env=environment,
            )  # fmt: skip
            reader = self.process.stdout.fileno()
        threading.Thread(target=self.collect, args=(reader,), daemon=True).start()

    def collect(self, reader):
        while True:
            try:
                got = os.read(reader, 4096)
            except OSError:  # the other end of a terminal is gone
                return
            if not got:
                return
            self.shown += got.decode(errors="replace").replace("\r", "")

    def wait_for(self, expected):
        """Until the expected lines are shown; what is shown then."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            if likeness(self.shown) == expected:
                break
            time.sleep(0.02)
        return likeness(self.shown)

    def wait_for_text(self, pattern):
        """Until something like it is shown; where. None: it was not."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            if found := re.search(pattern, self.shown):
                return found
            time.sleep(0.02)
        return None

    def take(self):
        self.shown = ""


class Console(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.folder = pathlib.Path(self.scratch.name)
        (self.folder / "bin").mkdir()
        self.install("annals", BINARY)
        self.environment = clean_environment()
        self.environment["PATH"] = f"{self.folder}/bin:{self.environment['PATH']}"
        self.environment["TERM"] = "dumb"
        self.environment["NO_COLOR"] = "1"
        self.screens = {}
        self.ports = {}  # those of the page: those that are
        self.addCleanup(self.end_screens)

    def install(self, name, program):
        (self.folder / "bin" / name).symlink_to(program)

    def end_screens(self):
        for screen in reversed(self.screens.values()):
            screen.process.terminate()
            screen.process.wait(timeout=30)

    def start_server(self, command, expected, place):
        environment = dict(self.environment)
        environment["ANNALS_GRPC_ADDRESS"] = "127.0.0.1:0"
        environment["ANNALS_HTTP_ADDRESS"] = "127.0.0.1:0"
        command = command.replace("bin/annals", "annals").replace(
            "make run", "annals serve --data ./data"
        )
        screen = Screen(command, self.folder, environment, is_terminal=True)
        self.screens["server"] = screen
        if expected:
            shown = screen.wait_for(likeness(expected))
            self.assertEqual(shown, likeness(expected), place)
        port = screen.wait_for_text(r"gRPC\s+127\.0\.0\.1:(\d+)")
        self.assertIsNotNone(port, f"{place}: {screen.shown}")
        self.environment["ANNALS_SERVER"] = f"127.0.0.1:{port[1]}"
        self.ports["7400"] = port[1]

    def start_program(self, name, command, expected, place):
        """The doors are flags on the page, `--http 127.0.0.1:8080`, and words of the ready line."""
        doors = dict(re.findall(r"--(\w+) 127\.0\.0\.1:(\d+)", command))
        doors.pop("store", None)
        for door, port in doors.items():
            command = command.replace(f"--{door} 127.0.0.1:{port}", f"--{door} 127.0.0.1:0")
        screen = Screen(self.placed(command), self.folder, self.environment, is_terminal=True)
        self.screens[name] = screen
        self.assertEqual(screen.wait_for(likeness(expected)), likeness(expected), place)
        for door, port in doors.items():
            self.ports[port] = re.search(rf"\b{door} 127\.0\.0\.1:(\d+)", screen.shown)[1]

    def placed(self, command):
        """The command, with the ports that are."""
        return re.sub(r"(?<=127\.0\.0\.1:)\d+",
                      lambda port: self.ports.get(port[0], port[0]), command)  # fmt: skip

    def follow(self, name, command, expected, place):
        screen = Screen(command, self.folder, self.environment, is_terminal=False)
        self.screens[name] = screen
        self.assertEqual(screen.wait_for(likeness(expected)), likeness(expected), place)
        screen.take()

    def shows(self, name, expected, place):
        screen = self.screens[name]
        self.assertEqual(screen.wait_for(likeness(expected)), likeness(expected), place)
        screen.take()

    def type_in(self, command, expected, place):
        done = subprocess.run(
            ["bash", "-c", self.placed(command)], cwd=self.folder, env=self.environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120,
        )  # fmt: skip
        self.assertEqual(likeness(done.stdout), likeness(expected), f"{place}: {command}")

    def walk(self, blocks):
        for block in blocks:
            kind = block.words[0] if block.words else ""
            for command, expected in block.steps:
                if kind == "server":
                    self.start_server(command, expected, block.place)
                elif kind == "program":
                    self.start_program(block.words[1], command, expected, block.place)
                elif kind == "follow":
                    self.follow(block.words[1], command, expected, block.place)
                elif kind == "shows":
                    self.shows(block.words[1], expected, block.place)
                else:
                    self.type_in(command, expected, block.place)
