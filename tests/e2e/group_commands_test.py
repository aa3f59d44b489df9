# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""annals group, against a server that is killed in between."""

import json
import pathlib
import tempfile
import unittest

from program import CommandLine, Server


class GroupCommands(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.scratch.name)
        self.start()

    def tearDown(self):
        self.server.kill()
        self.scratch.cleanup()

    def start(self):
        self.server = Server(self.folder / "data")
        self.annals = CommandLine(self.server.address, self.folder)

    def append(self, stream, data):
        answer = self.annals("stream", "append", stream, "--type", "Tested", "--data", data,
                             "-o", "json")
        self.assertEqual(answer.code, 0, answer.err)

    def group(self, *words):
        answer = self.annals("group", *words, "-o", "json")
        self.assertEqual(answer.code, 0, answer.err)
        return answer.json()

    def work(self, *flags):
        answer = self.annals("group", "work", "billing", *flags, "-o", "jsonl")
        self.assertEqual(answer.code, 0, answer.err)
        return answer

    def refused(self, code, name, *words):
        answer = self.annals("group", *words, "-o", "json")
        self.assertEqual(answer.code, code, answer.err)
        self.assertEqual(json.loads(answer.err)["error"]["code"], name)

    def test_a_failing_event_is_parked_edited_and_retried_after_a_kill(self):
        self.refused(4, "group_not_found", "show", "billing")
        created = self.group("create", "billing", "--category", "order", "--attempts", "1")
        self.assertEqual((created["state"], created["behind"]), ("running", 0))
        self.append("order-1", '{"amount":"three"}')
        self.append("order-1", '{"amount":4}')
        self.append("order-2", '{"amount":5}')
        self.work("--run", "exit 3", "--limit", "1", "--in-flight", "1")
        self.work("--limit", "1")
        parked = self.group("parked", "list", "billing")
        self.assertEqual([(one["key"], one["queued"]) for one in parked], [("order-1", 1)])
        self.assertIn("ended with exit code 3", parked[0]["error"])
        self.server.kill()
        self.start()
        at = str(parked[0]["position"])
        self.assertEqual(self.annals("group", "parked", "skip", "billing", at).code, 2)
        edit = ("parked", "edit", "billing", at, "--data", '{"amount":3}', "--actor", "ann")
        self.assertEqual(
            self.annals("group", *edit, "--reason", "a typing error").code, 0)
        shown = self.group("parked", "show", "billing", at)
        self.assertEqual(shown["event"]["data"], {"amount": 3})
        self.assertEqual(self.group("parked", "retry", "billing", "--all")["changed"], 1)
        out = self.folder / "out"
        amounts = []
        while 4 not in amounts:
            self.work("--run", f"cat >>{out}", "--limit", "1")
            amounts = [json.loads(line)["data"]["amount"] for line in out.read_text().splitlines()]
        # The kill may have come before the checkpoint of 5, which then comes again.
        self.assertEqual([amount for amount in amounts if amount != 5], [3, 4])
        while self.group("lag", "billing")["behind"] > 0:
            self.work("--limit", "1")
        self.assertEqual(self.group("lag", "billing")["parked_events"], 0)

    def test_pause_rewind_update_and_delete(self):
        self.group("create", "billing")
        self.append("a-1", "1")
        self.work("--limit", "1")
        self.assertEqual(self.group("pause", "billing")["state"], "paused")
        self.assertEqual(self.group("resume", "billing")["state"], "running")
        rewound = self.group("rewind", "billing", "--to", "start", "--reason", "again")
        self.assertEqual((rewound["behind"], rewound["generation"]), (1, 2))
        self.work("--limit", "1")
        updated = self.group("update", "billing", "--attempts", "3", "--reason", "why")
        self.assertEqual((updated["attempts_max"], updated["members_max"]), (3, 64))
        self.refused(3, "group_exists", "create", "billing", "--attempts", "7")
        self.assertEqual(len(self.group("list")), 1)
        deleting = ("delete", "billing", "--reason", "old")
        self.assertEqual(self.annals("group", *deleting).code, 2, "nobody can be asked")
        self.group(*deleting, "--yes")
        self.assertEqual(self.group("list"), [])


if __name__ == "__main__":
    unittest.main()
