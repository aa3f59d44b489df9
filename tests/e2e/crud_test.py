# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Objects with history on the command line, over a server on a folder that is restarted."""

import json
import pathlib
import tempfile
import unittest

from program import CommandLine, Server


class Crud(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.scratch.name)
        cls.start()

    @classmethod
    def start(cls):
        cls.server = Server(cls.folder / "data")
        cls.annals = CommandLine(cls.server.address, cls.folder)

    @classmethod
    def tearDownClass(cls):
        cls.server.kill()
        cls.scratch.cleanup()

    def crud(self, *words, code=0):
        answer = self.annals("crud", *words)
        self.assertEqual(answer.code, code, answer.err)
        return answer

    def document(self, *words):
        return self.crud("get", *words).out.strip()

    def test_an_entity_lives_and_its_history_stays(self):
        made = self.crud(
            "create", "pen", "7", "--data", '{"name": "pen", "price": 1.50}', "--actor", "ann",
            "-o", "json",
        ).json()  # fmt: skip
        self.assertEqual((made["id"], made["revision"]), ("7", 0))
        self.crud("create", "pen", "7", "--data", "{}", code=3)
        self.crud("patch", "pen", "7", "--data", '{"price": 2}', "--expect", "0")
        self.crud("patch", "pen", "7", "--data", '{"price": 3}', "--expect", "0", code=3)
        self.assertEqual(self.document("pen", "7"), '{"name":"pen","price":2}')
        self.assertEqual(self.document("pen", "7", "--as-of", "0"), '{"name":"pen","price":1.50}')
        self.crud("get", "pen", "7", "--as-of", "9", code=4)
        self.crud(
            "patch", "pen", "7", "--json-patch", "--data",
            '[{"op": "replace", "path": "/price", "value": null}]',
        )  # fmt: skip
        self.assertEqual(self.crud("diff", "pen", "7", "0", "1").out.strip(), '{"price":2}')
        self.crud("undo", "pen", "7", "--to", "0")
        self.assertEqual(self.document("pen", "7"), '{"name":"pen","price":1.50}')
        self.crud("delete", "pen", "7")
        self.crud("get", "pen", "7", code=3)
        self.crud("get", "pen", "8", code=4)
        self.assertEqual(self.document("pen", "7", "--deleted"), '{"name":"pen","price":1.50}')
        history = self.crud("history", "pen", "7", "-o", "json").json()
        self.assertEqual(
            [change["change"] for change in history],
            ["created", "updated", "updated", "updated", "deleted"],
        )
        self.assertEqual(history[0]["actor"], "ann")
        self.assertEqual(history[0]["format"], "document")
        self.assertEqual(history[2]["format"], "json-patch")
        self.assertEqual(history[3]["undoes_to"], 0)
        events = self.annals("stream", "read", "pen-7", "-o", "json").json()["events"]
        self.assertEqual(events[1]["type"], "pen.Updated")
        self.assertEqual(events[1]["data"], {"price": 2})
        self.crud("create", "pen", "7", "--data", '{"new": true}')
        self.assertEqual(self.document("pen", "7"), '{"new":true}')

    def test_lists_filter_and_count(self):
        for number in range(12):
            self.crud("create", "cup", f"{number:02}", "--data", json.dumps({"n": number}))
        self.crud("delete", "cup", "11")
        found = self.crud("list", "cup", "--where", "n>=9", "-o", "json").json()
        self.assertEqual([entity["id"] for entity in found], ["09", "10"])
        self.assertEqual(found[0]["document"], {"n": 9})
        found = self.crud("list", "cup", "--limit", "3", "--after", "04", "-o", "json").json()
        self.assertEqual([entity["id"] for entity in found], ["05", "06", "07"])
        self.assertEqual(self.crud("count", "cup").out.strip(), "11")
        self.assertEqual(self.crud("count", "cup", "--where", "n<3").out.strip(), "3")
        self.crud("list", "cup", "--where", "nonsense", code=2)

    def test_a_key_makes_a_change_once(self):
        self.crud("create", "log", "1", "--data", '{"l": []}')
        add = ("--json-patch", "--data", '[{"op": "add", "path": "/l/-", "value": 1}]')
        for replayed in (False, True):
            answer = self.crud("patch", "log", "1", *add, "--idempotency-key", "k", "-o", "json")
            self.assertEqual(answer.json()["is_replay"], replayed)
        self.assertEqual(self.document("log", "1"), '{"l":[1]}')

    def test_a_hidden_beginning_is_one_answer_before_and_after_a_restart(self):
        self.crud("create", "tr", "1", "--data", '{"kept": true, "n": 0}')
        for number in range(1, 71):
            self.crud("patch", "tr", "1", "--data", json.dumps({"n": number}))
        self.annals("stream", "truncate", "tr-1", "--before", "65")

        def answers():
            return [
                self.annals("crud", *words).err
                for words in (
                    ("get", "tr", "1"),
                    ("get", "tr", "1", "--as-of", "67"),
                    ("patch", "tr", "1", "--data", '{"n": 99}'),
                    ("create", "tr", "1", "--data", "{}"),
                )
            ]

        before = answers()
        for answer in before:
            self.assertIn("entity_unreadable", answer)
        self.server.stop()
        self.start()
        self.assertEqual(answers(), before)
        listed = self.crud("list", "tr", "-o", "json").json()
        self.assertEqual([(one["id"], one["revision"]) for one in listed], [("1", 70)])
        self.assertIn("hidden", listed[0]["problem"])
        counted = self.crud("count", "tr")
        self.assertEqual(counted.out.strip(), "0")
        self.assertIn("1 cannot be read", counted.err)
        self.crud("history", "tr", "1")
        self.crud("replace", "tr", "1", "--data", '{"n": 1}', "--expect", "70")
        self.assertEqual(self.document("tr", "1"), '{"n":1}')

    def test_many_from_a_file_under_a_key_are_made_once(self):
        lines = self.folder / "many.jsonl"
        lines.write_text("".join(json.dumps({"n": number}) + "\n" for number in range(5)))
        for _ in range(2):
            self.crud("create", "bulk", "--from", str(lines), "--idempotency-key", "z")
        self.assertEqual(self.crud("count", "bulk").out.strip(), "5")
        lines.write_text("{}\n")
        refused = self.crud(
            "create", "bulk", "--from", str(lines), "--idempotency-key", "z", code=3
        )
        self.assertIn("take a new key", refused.err)
        self.assertEqual(self.crud("count", "bulk").out.strip(), "5")
        self.crud("create", "bulk", "--from", str(lines), "--expect", "0", code=2)

    def test_tables_tell_of_undos_and_limits(self):
        self.crud("create", "tab", "1", "--data", '{"n": 1}')
        self.crud("patch", "tab", "1", "--data", '{"n": 2}')
        self.crud("undo", "tab", "1", "--to", "0")
        self.assertIn("updated (undo to 0)", self.crud("history", "tab", "1").out)
        self.crud("delete", "tab", "1")
        self.assertIn("deleted", self.crud("diff", "tab", "1", "2", "3").err)
        for number in range(3):
            self.crud("create", "all", str(number), "--data", "{}")
        self.assertEqual(len(self.crud("list", "all", "--limit", "0", "-o", "json").json()), 3)
        late = self.crud("get", "all", "0", "--as-of", "9", code=4)
        self.assertIn("the newest is 0", late.err)

    def test_a_restart_changes_nothing(self):
        self.crud("create", "kept", "1", "--data", '{"a": 1}')
        self.crud("replace", "kept", "1", "--data", '{"a": null, "b": {}}')
        before = self.crud("get", "kept", "1", "-o", "json").json()
        self.server.stop()
        self.start()
        self.assertEqual(self.crud("get", "kept", "1", "-o", "json").json(), before)
        self.assertEqual(self.document("kept", "1", "--as-of", "0"), '{"a":1}')

    def test_a_type_has_a_schema_that_entities_are_checked_against(self):
        schema = self.folder / "ink.schema.json"
        schema.write_text(
            '{"type": "object", "required": ["name"], "properties": {"price": {"type": "number"}}}'
        )
        self.crud("create", "ink", "old", "--data", '{"price": "dear"}')
        report = self.crud(
            "type", "check", "ink", "--schema", f"@{schema}", "--against-data", code=3
        ).out  # fmt: skip
        self.assertIn("1 of 1 entities would be refused", report)
        self.crud("type", "get", "ink", code=4)
        made = self.crud(
            "type", "put", "ink", "--schema", f"@{schema}", "--actor", "ann", "-o", "json"
        ).json()  # fmt: skip
        self.assertEqual((made["version"], made["compatibility"]), (1, "backward"))

        refused = self.crud("create", "ink", "7", "--data", '{"price": "x"}', code=3)
        self.assertIn('there is no member "name"', refused.err)
        self.crud("get", "ink", "7", code=4)
        self.crud("create", "ink", "7", "--data", '{"name": "blue", "price": 1}')
        self.crud("patch", "ink", "7", "--data", '{"price": "x"}', code=3)
        events = self.annals("stream", "read", "ink-7", "-o", "json").json()["events"]
        self.assertEqual(len(events), 1)

        narrower = '{"type": "object", "required": ["name", "sku"]}'
        refused = self.crud("type", "put", "ink", "--schema", narrower, code=3)
        self.assertIn('required: "sku" is required now', refused.err)
        self.crud("type", "check", "ink", "--schema", "{}")
        self.crud("type", "put", "ink", "--schema", '{"type": "text"}', code=2)
        self.crud("type", "put", "ink", "--schema", narrower, "--force", "--expect", "1")
        self.crud("create", "ink", "8", "--data", '{"name": "red"}', code=3)
        self.assertEqual(
            [one["version"] for one in self.crud("type", "versions", "ink", "-o", "json").json()],
            [1, 2],
        )

        self.server.stop()
        self.start()
        self.crud("create", "ink", "8", "--data", '{"name": "red"}', code=3)
        listed = self.crud("type", "list", "-o", "json").json()
        self.assertEqual([(one["type"], one["version"]) for one in listed], [("ink", 2)])
        self.crud("type", "delete", "ink")
        self.crud("create", "ink", "8", "--data", '{"name": "red"}')
        self.crud("type", "get", "ink", "--version", "1")


if __name__ == "__main__":
    unittest.main()
