# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""annals consumer, against a server that is killed in between."""

import json
import pathlib
import tempfile
import unittest

from program import CommandLine, Server


class ConsumerCommands(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.scratch.name)
        self.start()
        self.tokens = []
        for _ in range(4):
            answer = self.annals("stream", "append", "a-1", "--type", "Tested", "-o", "json").json()
            self.tokens.append(answer["token"])

    def tearDown(self):
        self.server.kill()
        self.scratch.cleanup()

    def start(self):
        self.server = Server(self.folder / "data")
        self.annals = CommandLine(self.server.address, self.folder)

    def consumer(self, *words):
        answer = self.annals("consumer", *words, "-o", "json")
        self.assertEqual(answer.code, 0, answer.err)
        return answer.json()

    def refused(self, code, name, *words):
        answer = self.annals("consumer", *words, "-o", "json")
        self.assertEqual(answer.code, code, answer.err)
        error = json.loads(answer.err)["error"]
        self.assertEqual(error["code"], name)
        self.assertTrue(error["help"])
        return error

    def test_a_consumer_goes_on_where_it_was_after_a_kill(self):
        self.refused(4, "consumer_not_found", "get", "billing")
        self.assertEqual(self.consumer("save", "billing", self.tokens[1])["position"], 2)
        self.server.kill()
        self.start()
        got = self.consumer("get", "billing")
        self.assertEqual((got["position"], got["behind"], got["token"]), (2, 2, self.tokens[1]))
        rest = self.annals("stream", "read", "--all", "--after", got["token"], "-o", "jsonl")
        self.assertEqual(len(rest.json_lines()), 2, rest.err)
        self.assertEqual(self.refused(3, "consumer_ahead", "save", "billing", self.tokens[0])
                         ["fields"]["current_position"], "2")

    def test_a_claim_fences_and_a_rewind_goes_back(self):
        self.consumer("save", "billing", self.tokens[3])
        self.assertEqual(self.consumer("claim", "billing", "--owner", "host-1")["epoch"], 1)
        error = self.refused(3, "consumer_fenced", "save", "billing", self.tokens[3])
        self.assertEqual(error["fields"]["owner"], "host-1")
        rewinding = ("rewind", "billing", "--to", "1", "--reason", "a bug", "--actor", "ann")
        dry = self.annals("consumer", *rewinding, "--dry-run")
        self.assertIn("would move consumer billing from 4 to 1", dry.out)
        self.assertIn("3 positions of the log would come again", dry.out)
        self.refused(3, "token_beyond_end", "rewind", "billing", "--to", "99", "--reason", "x",
                     "--dry-run")
        self.refused(2, "invalid_argument", "rewind", "billing", "--to", "x", "--reason", "x",
                     "--dry-run")
        empty = self.annals("consumer", "rewind", "billing", "--to", "0", "--reason", "")
        self.assertEqual(empty.code, 2)
        self.assertIn("--reason wants a value: give one", empty.err)
        self.assertNotIn("leave it out", empty.err)
        token = ("--to", self.tokens[1], "--reason", "x", "--dry-run")
        self.assertIn("from 4 to 2", self.annals("consumer", "rewind", "billing", *token).out)
        self.assertEqual(self.consumer("get", "billing")["position"], 4)
        answer = self.annals("consumer", "rewind", "billing", "--to", "5x", "--reason", "x")
        self.assertEqual(answer.code, 2)
        self.assertIn('--to "5x" is not acceptable: it is a position', answer.err)
        rewound = self.consumer(*rewinding)
        self.assertEqual((rewound["position"], rewound["epoch"], rewound["owner"]), (1, 2, ""))
        self.refused(3, "consumer_fenced", "save", "billing", self.tokens[3], "--epoch", "1")
        self.assertEqual(
            self.consumer("save", "billing", self.tokens[2], "--epoch", "2")["position"], 3)
        again = self.consumer("rewind", "billing", "--to", self.tokens[0], "--reason", "x")
        self.assertEqual(again["position"], 1)
        self.assertEqual(self.annals("consumer", "rewind", "billing", "--to", "1").code, 2)
        self.refused(2, "invalid_argument", "save", "billing", "x")
        self.refused(3, "token_beyond_end", "rewind", "billing", "--to", "99", "--reason", "x")

    def test_list_and_delete(self):
        self.consumer("save", "b", self.tokens[0])
        self.consumer("save", "a-1", self.tokens[3])
        self.consumer("claim", "a-2", "--owner", "host-1")
        listed = self.consumer("list")
        self.assertEqual([(one["consumer"], one["position"], one["behind"]) for one in listed],
                         [("a-1", 4, 0), ("a-2", None, 4), ("b", 1, 3)])
        self.assertEqual(len(self.consumer("list", "a-")), 2)
        table = self.annals("consumer", "list", "--limit", "2").out
        self.assertIn("BEHIND", table)
        self.assertNotIn("\nb ", table)
        self.assertIn("would delete", self.annals("consumer", "delete", "b", "--dry-run").out)
        self.assertEqual(self.annals("consumer", "delete", "b").code, 2, "nobody can be asked")
        self.assertEqual(self.annals("consumer", "delete", "b", "--yes").code, 0)
        self.refused(4, "consumer_not_found", "delete", "b", "--yes")
        self.assertEqual(len(self.consumer("list")), 2)
        self.consumer("claim", "b", "--owner", "host-2", "--actor", "ann")
        told = self.consumer("history", "b")
        self.assertEqual([(one["deed"], one["actor"], one["owner"]) for one in told],
                         [("claimed", "ann", "host-2"), ("deleted", "", "")])
        everything = self.consumer("history", "b", "--everything")
        self.assertEqual([one["deed"] for one in everything], ["claimed", "deleted", "saved"])
        self.assertEqual(everything[2]["position"], 1)
        self.refused(4, "consumer_not_found", "history", "other")


if __name__ == "__main__":
    unittest.main()
