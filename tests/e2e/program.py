# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The program under test: a server on a folder of its own, and its command line."""

import json
import os
import pathlib
import signal
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("ANNALS_BIN", ROOT / "bin/annals")).resolve()
READY_SECONDS_MAX = 60


def clean_environment():
    """Without settings of whoever runs the tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ANNALS_")}


class Server:
    """annals serve on free ports, or where one was before; stop() ends it in an orderly way."""

    def __init__(self, data, *flags, http_port=0, grpc_port=0):
        command = [
            BINARY, "serve", "--data", data, "--grpc", f"127.0.0.1:{grpc_port}",
            "--http", f"127.0.0.1:{http_port}", *flags
        ]  # fmt: skip
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env=clean_environment(), text=True,
        )  # fmt: skip
        self.lines = []
        self.ready = self.wait_until_ready()
        self.address = f"127.0.0.1:{self.ready['grpc_port']}"
        self.reader = threading.Thread(target=self.drain, daemon=True)
        self.reader.start()

    def wait_until_ready(self):
        deadline = time.monotonic() + READY_SECONDS_MAX
        while time.monotonic() < deadline:
            line = self.process.stderr.readline()
            if not line:
                break
            self.lines.append(line)
            if '"server ready"' in line:
                return json.loads(line)
        self.process.kill()
        raise AssertionError("the server did not start:\n" + "".join(self.lines))

    def drain(self):
        with self.process.stderr as stream:
            for line in stream:
                self.lines.append(line)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()

    def stop(self):
        """The exit code after SIGTERM."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=30)
        self.reader.join()
        return code


class Answer:
    """What a command said and how it ended."""

    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr

    def json(self):
        return json.loads(self.out)

    def json_lines(self):
        return [json.loads(line) for line in self.out.splitlines()]


class CommandLine:
    """annals commands against one server."""

    def __init__(self, address=None, folder=None):
        self.folder = folder
        self.environment = clean_environment()
        if address:
            self.environment["ANNALS_SERVER"] = address

    def __call__(self, *words, stdin=""):
        done = subprocess.run(
            [BINARY, *map(str, words)], input=stdin, capture_output=True, text=True,
            cwd=self.folder, env=self.environment, timeout=120,
        )  # fmt: skip
        return Answer(done)

    def start(self, *words):
        """A command that goes on; its output is a pipe."""
        return subprocess.Popen(
            [BINARY, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            cwd=self.folder, env=self.environment,
        )  # fmt: skip
