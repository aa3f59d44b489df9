# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""A real annals server on ports that the kernel picks, and its command line, for tests."""

import json
import os
import pathlib
import signal
import subprocess
import threading

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


def program():
    """The program under test: the environment's ANNALS_PROGRAM, or bin/annals."""
    path = os.environ.get("ANNALS_PROGRAM", str(REPOSITORY / "bin" / "annals"))
    if not pathlib.Path(path).exists():
        raise FileNotFoundError(f"{path} is not there: run `make build`")
    return path


class Server:
    """A running server. `with Server(folder) as server: server.run("stream", "list")`."""

    def __init__(self, folder, *flags, ready_seconds=60, grpc_port=0):
        self.folder = folder
        self.log = []
        where = ["--memory"] if folder is None else ["--data", str(folder)]
        self.process = subprocess.Popen(
            [program(), "serve", *where, "--grpc", f"127.0.0.1:{grpc_port}",
             "--http", "127.0.0.1:0",
             "--log-format", "json", *flags],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        if not self._ready.wait(ready_seconds) or not hasattr(self, "grpc_port"):
            self.kill()
            raise RuntimeError("the server did not start:\n" + "".join(self.log))

    def _read_log(self):
        for line in self.process.stderr:
            self.log.append(line)
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if entry.get("event") == "server ready":
                self.grpc_port = entry["grpc_port"]
                self.http_port = entry["http_port"]
                self._ready.set()
        self._ready.set()

    def entries(self, event):
        """Entries of the server's log with this event's name."""
        found = []
        for line in self.log:
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if entry.get("event") == event:
                found.append(entry)
        return found

    @property
    def address(self):
        return f"127.0.0.1:{self.grpc_port}"

    def run(self, *arguments, stdin=None, check=True):
        """Runs a client command; answers the finished process."""
        return run("--server", self.address, *arguments, stdin=stdin, check=check)

    def json(self, *arguments, stdin=None):
        """Runs a client command and answers what it printed as JSON."""
        return json.loads(self.run("-o", "json", *arguments, stdin=stdin).stdout)

    def jsonl(self, *arguments):
        lines = self.run("-o", "jsonl", *arguments).stdout.splitlines()
        return [json.loads(line) for line in lines]

    def stop(self, timeout=30):
        """SIGTERM unless it has ended; answers the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout)
        self._end_log()
        return code

    def _end_log(self):
        self._reader.join(10)
        self.process.stderr.close()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self._end_log()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def run(*arguments, stdin=None, check=True):
    done = subprocess.run([program(), *map(str, arguments)], input=stdin, text=True,
                          capture_output=True, timeout=120)
    if check and done.returncode != 0:
        raise AssertionError(
            f"annals {' '.join(map(str, arguments))} answered {done.returncode}:\n"
            f"{done.stdout}{done.stderr}")
    return done
