#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""run.py lets no runner pass that did not do its work, and the proxy does what it says."""

import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "support")]

from proxy import Proxy  # noqa: E402

GOOD = '{"scenario": "one", "passed": true}\n{"scenario": "two", "passed": true}\n'
SCENARIOS = "- scenario: one\n  steps: []\n- scenario: two\n  steps: []\n"


class Harness(unittest.TestCase):
    def run_with(self, output, code=0):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "scenarios.yaml"
            path.write_text(SCENARIOS)
            runner = f"import sys; sys.stdout.write({output!r}); sys.exit({code})"
            return subprocess.run(
                [sys.executable, HERE / "run.py", "--scenarios", path, "--",
                 sys.executable, "-c", runner], capture_output=True, text=True, timeout=60)

    def test_all_reported_as_passed(self):
        done = self.run_with(GOOD)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_what_must_fail(self):
        for output, code in (
            ("", 0),
            (GOOD, 1),
            (GOOD.splitlines()[0], 0),
            (GOOD + '{"scenario": "one", "passed": true}\n', 0),
            (GOOD + '{"scenario": "three", "passed": true}\n', 0),
            (GOOD.replace("true", "false", 1), 0),
            (GOOD.replace("true", '"true"', 1), 0),
            ("not json\n", 0),
        ):
            done = self.run_with(output, code)
            self.assertEqual(done.returncode, 1, (output, code, done.stdout))


class CuttingProxy(unittest.TestCase):
    def setUp(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.echo, daemon=True).start()
        self.proxy = Proxy(lambda: self.listener.getsockname())

    def tearDown(self):
        self.proxy.close()
        self.listener.close()

    def echo(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.echo_one, args=(connection,), daemon=True).start()

    def echo_one(self, connection):
        with connection:
            while data := connection.recv(65536):
                connection.sendall(data)

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.proxy.port), timeout=10)
        self.addCleanup(connection.close)
        return connection

    def ask(self, connection, data):
        connection.sendall(data)
        answer = b""
        while len(answer) < len(data):
            more = connection.recv(65536)
            if not more:
                raise ConnectionResetError
            answer += more
        return answer

    def test_it_carries(self):
        data = bytes(range(256)) * 256
        self.assertEqual(self.ask(self.connect(), data), data)

    def test_a_reset_breaks_what_is_open_and_takes_new_ones(self):
        connection = self.connect()
        self.ask(connection, b"a")
        self.proxy.reset()
        with self.assertRaises(ConnectionError):
            self.ask(connection, b"b")
        self.assertEqual(self.ask(self.connect(), b"c"), b"c")

    def test_a_cut_refuses_new_ones_until_it_heals(self):
        self.proxy.cut()
        with self.assertRaises(ConnectionRefusedError):
            self.connect()
        with self.assertRaisesRegex(OSError, "in use"), socket.socket() as another:
            another.bind(("127.0.0.1", self.proxy.port))
        self.proxy.heal()
        self.assertEqual(self.ask(self.connect(), b"c"), b"c")

    def test_a_stall_carries_nothing_and_breaks_when_it_heals(self):
        connection = self.connect()
        self.ask(connection, b"a")
        self.proxy.stall()
        late = self.connect()
        for each in (connection, late):
            each.settimeout(0.2)
            with self.assertRaises(TimeoutError):
                self.ask(each, b"b")
            each.settimeout(10)
        self.proxy.heal()
        with self.assertRaises(ConnectionError):
            self.ask(connection, b"c")
        self.assertEqual(self.ask(self.connect(), b"c"), b"c")

    def test_a_silence_is_that_of_open_connections_alone(self):
        connection = self.connect()
        self.ask(connection, b"a")
        self.proxy.silence()
        connection.settimeout(0.2)
        with self.assertRaises(TimeoutError):
            self.ask(connection, b"b")
        self.assertEqual(self.ask(self.connect(), b"c"), b"c")
        self.proxy.stall()
        connection.settimeout(10)
        self.proxy.heal()
        with self.assertRaises(ConnectionError):
            self.ask(connection, b"d")
        self.assertEqual(self.ask(self.connect(), b"e"), b"e")


if __name__ == "__main__":
    unittest.main()
