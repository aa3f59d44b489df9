# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Long work as whoever waits for it sees it: bars on a terminal and nowhere else, and a scavenge
that is slowed down, paused, resumed and stopped from the command line, also over kill -9.
"""

import os
import pathlib
import pty
import subprocess
import tempfile
import time
import unittest

from program import BINARY, CommandLine, Server, clean_environment

ROWS = 200_000
BAR = r"\[[#.]{24}\] \d+ %"
COUNT = r"  (\d+ s left  )?[\d.]+( [kM])? events  [\d.]+( [kM])?/s"
SECONDS_MAX = 60


class WithServer(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.serve()

    def serve(self):
        self.server = Server(self.folder / "data")
        self.addCleanup(self.server.kill)
        self.annals = CommandLine(self.server.address, self.folder)

    def run_ok(self, *words):
        answer = self.annals(*words)
        self.assertEqual(answer.code, 0, answer.err)
        return answer

    def on_terminal(self, *words):
        """What the command writes to a terminal as its error stream."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [BINARY, *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs,
            cwd=self.folder, env={**clean_environment(), "ANNALS_SERVER": self.server.address},
        )  # fmt: skip
        os.close(theirs)
        self.addCleanup(os.close, ours)
        said = b""
        while True:
            try:
                piece = os.read(ours, 65_536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            said += piece
        self.assertEqual(process.wait(timeout=SECONDS_MAX), 0, said)
        return said.decode()

    IMPORT = ("import", "csv", "orders.csv", "--stream", "order-{order}", "--type-column", "event",
              "--time-column", "at")  # fmt: skip


class Bars(WithServer):
    def test_imports_and_exports_show_share_rate_and_time_left_on_a_terminal(self):
        self.run_ok("demo", "csv", "--rows", ROWS, "-f", "orders.csv")
        said = self.on_terminal(*self.IMPORT)
        self.assertRegex(said, BAR + COUNT)
        self.assertRegex(said, r"[1-9]\d* %  \d+ s left  ")
        said = self.on_terminal("export", "ndjson", "all.ndjson", "--all")
        self.assertRegex(said, BAR + COUNT)

    def test_nothing_of_a_bar_goes_into_a_pipe(self):
        self.run_ok("demo", "csv", "-f", "orders.csv")
        for words in (self.IMPORT, ("export", "ndjson", "all.ndjson", "--all"),
                      ("store", "scavenge", "--wait")):  # fmt: skip
            answer = self.run_ok(*words)
            self.assertNotRegex(answer.err + answer.out, BAR + r"|\x1b")


class Scavenges(WithServer):
    def setUp(self):
        super().setUp()
        self.run_ok("demo", "csv", "-f", "orders.csv")
        self.run_ok(*self.IMPORT)
        for stream in ("order-1001", "order-1002"):
            self.run_ok("stream", "metadata", "set", stream, "--max-count", 1)

    def scavenge(self, *words):
        return self.run_ok("store", "scavenge", *words, "-o", "json").json()

    def wait_for(self, wanted):
        deadline = time.monotonic() + SECONDS_MAX
        while True:
            status = self.scavenge("status")
            if wanted(status):
                return status
            self.assertLess(time.monotonic(), deadline, status)

    def test_a_run_is_slowed_down_paused_resumed_and_stopped(self):
        self.assertEqual(self.scavenge("status"), {"state": "never"})
        for action in ("pause", "resume", "stop"):
            answer = self.annals("store", "scavenge", action)
            self.assertNotEqual(answer.code, 0)
            self.assertIn("no scavenge is running", answer.err)
        begun = self.scavenge("--throttle", "0.001")
        self.assertEqual(begun["state"], "running")
        status = self.wait_for(lambda now: now["bytes"] > 0)
        self.assertLess(status["bytes_done"], status["bytes"])
        self.assertEqual(self.scavenge("pause")["state"], "paused")
        self.assertEqual(self.scavenge("status")["state"], "paused")
        self.assertEqual(self.scavenge("resume")["state"], "running")
        answer = self.annals("store", "scavenge")
        self.assertIn("is running: wait for its end, or stop it first", answer.err)
        self.scavenge("stop")
        status = self.wait_for(lambda now: now["state"] == "stopped")
        self.assertEqual((status["scavenge"], status["removed_events"]), (begun["scavenge"], 0))
        self.assertEqual(self.scavenge("--wait")["state"], "done")
        self.assertGreater(self.scavenge("status")["removed_events"], 0)

    def test_one_that_is_paused_stays_so_over_kill_9_until_it_is_resumed(self):
        self.scavenge("--throttle", "0.001", "--only", "default")
        self.assertEqual(self.scavenge("pause")["state"], "paused")
        for _ in range(2):
            self.server.kill()
            self.serve()
            status = self.scavenge("status")
            self.assertEqual((status["state"], status["removed_events"]), ("paused", 0))
        self.assertEqual(self.scavenge("resume")["state"], "running")
        self.server.kill()
        self.serve()
        status = self.wait_for(lambda now: now.get("bytes", 0) > 0)
        self.assertEqual((status["state"], status["namespace"]), ("running", "default"))
        self.assertLess(status["bytes_done"], status["bytes"], "the throttle was kept")


if __name__ == "__main__":
    unittest.main()
