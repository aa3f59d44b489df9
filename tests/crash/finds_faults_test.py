# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""A check that never fails proves nothing: the crash client must notice each lie."""

import os
import pathlib
import subprocess
import tempfile
import unittest

import run

ANNALS = pathlib.Path(os.environ["ANNALS_BIN"])
CLIENT = pathlib.Path(os.environ["ANNALS_TEST_CRASH_CLIENT"])


def wait_for_acknowledgements(journal, count, client):
    """Reads the journal until it has so many; it grows as long as the client runs."""
    while client.poll() is None:
        if journal.exists() and journal.read_text().count("\nA ") >= count:
            return
        os.sched_yield()
    raise AssertionError("the client ended before the server was killed")


class FindsFaults(unittest.TestCase):
    """One load, then the journal is changed in one way for each test."""

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        folder = pathlib.Path(cls.scratch.name)
        cls.folder = folder
        server = run.Server(ANNALS, folder)
        command = [CLIENT, server.address, folder / "journal", "7", "3"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as client:
            client.stdout.readline()
            wait_for_acknowledgements(folder / "journal", 20, client)
            server.kill()
            client.wait(timeout=30)
        cls.lines = (folder / "journal").read_text().splitlines()
        cls.server = run.Server(ANNALS, folder)

    @classmethod
    def tearDownClass(cls):
        cls.server.kill()
        cls.scratch.cleanup()

    def check(self, lines, seed="7"):
        path = self.folder / "told"
        path.write_text("".join(line + "\n" for line in lines))
        command = [CLIENT, self.server.address, path, seed, "3", "check"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        return done.returncode, done.stderr

    def changed(self, word, change):
        """The lines, with one word of the first acknowledgement changed."""
        lines = list(self.lines)
        at = next(number for number, line in enumerate(lines) if line.startswith("A "))
        words = lines[at].split()
        words[word] = change(words[word])
        lines[at] = " ".join(words)
        return lines

    def test_the_truth_passes(self):
        self.assertEqual(self.check(self.lines), (0, ""))

    def test_a_lost_append(self):
        code, error = self.check([*self.lines, "I 2 99999", "A 2 99999 1 1 0 1 crash-1 0 0"])
        self.assertEqual(code, 1)
        self.assertIn("acknowledged and is lost", error)

    def test_an_append_stored_elsewhere(self):
        code, error = self.check(self.changed(3, lambda word: str(int(word) + 1)))
        self.assertEqual(code, 1)
        self.assertIn("stored elsewhere", error)

    def test_another_revision(self):
        code, error = self.check(self.changed(9, lambda word: str(int(word) + 1_000_000)))
        code_first, _ = self.check(self.changed(8, lambda word: str(int(word) + 1_000_000)))
        self.assertIn(1, (code, code_first), error)

    def test_an_event_that_nobody_sent(self):
        code, error = self.check(self.lines[2:])
        self.assertEqual(code, 1)
        self.assertIn("nobody sent", error)

    def test_other_content(self):
        self.assertEqual(self.check(self.lines, seed="8")[0], 1)


if __name__ == "__main__":
    unittest.main()
