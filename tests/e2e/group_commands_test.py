# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""annals group, against a server that is killed in between."""

import json
import pathlib
import signal
import tempfile
import time
import unittest
import urllib.request

from kept_port import KeptPort
from program import CommandLine, Server


class GroupCommands(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.scratch.name)
        self.port = KeptPort()
        self.addCleanup(self.port.close)
        self.start()

    def tearDown(self):
        self.server.kill()
        self.scratch.cleanup()

    def start(self):
        """The first server, or one where it was."""
        self.server = Server(self.folder / "data", grpc_port=self.port.number)
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

    def until(self, condition, what):
        deadline = time.monotonic() + 60
        while not condition():
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.01)

    def append_many(self, streams):
        """One event each, without a process each."""
        port = self.server.ready["http_port"]
        for stream in streams:
            urllib.request.urlopen(urllib.request.Request(
                f"http://127.0.0.1:{port}/v1/streams/{stream}", b'{"type":"Tested"}',
                {"Content-Type": "application/json"}), timeout=60).close()

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

    def check_a_member_goes_on(self, end_server):
        """The server ends and comes back where it was; the command stays."""
        self.group("create", "billing")
        out = self.folder / "out"
        out.touch()
        member = self.annals.start("group", "work", "billing", "--run", f"cat >>{out}",
                                   "--patience", "2m")
        try:
            for number in range(3):
                self.append(f"order-{number}", str(number))
                # At least once: a kill may take acknowledgements with it.
                self.until(lambda n=number: f'"order-{n}"' in out.read_text(), "it stopped working")
                end_server()
                self.start()
            self.until(lambda: self.group("lag", "billing")["behind"] == 0, "something is left")
            member.send_signal(signal.SIGINT)
            _, err = member.communicate(timeout=60)
            self.assertEqual(member.returncode, 0, err)
            self.assertIn("joined again as cli-", err)
        finally:
            member.kill()
            member.wait()

    def test_a_member_goes_on_over_kills_of_the_server(self):
        self.check_a_member_goes_on(lambda: self.server.kill())

    def test_a_member_goes_on_over_restarts_of_the_server(self):
        self.check_a_member_goes_on(lambda: self.server.stop())

    def test_the_patience_of_a_member_ends(self):
        self.group("create", "billing")
        member = self.annals.start("group", "work", "billing", "--patience", "300ms")
        try:
            self.until(lambda: self.group("show", "billing")["members"], "it did not join")
            self.server.kill()
            _, err = member.communicate(timeout=60)
            self.assertEqual(member.returncode, 5, err)
            self.assertIn("unavailable", err)
        finally:
            member.kill()
            member.wait()
        answer = self.annals("group", "work", "billing", "--patience", "soon")
        self.assertEqual(answer.code, 2)
        self.assertIn("soon", answer.err)

    def test_all_that_is_parked_is_what_a_dry_run_counts(self):
        self.group("create", "billing", "--attempts", "1", "--parked-max", "3")
        keys, seconds = 40, 12
        self.append_many([f"order-{n}" for n in range(keys)])
        self.append_many([f"order-{n}" for n in range(seconds)])
        self.until(lambda: self.group("show", "billing")["read_up_to"] == keys + seconds,
                   "not all was read")
        # All heads are in flight before the third is parked.
        self.work("--run", "exit 1", "--limit", str(keys))
        status = self.group("show", "billing")
        self.assertEqual((status["parked_keys"], status["parked_events"]), (keys, keys + seconds))
        parked = ("parked", "purge", "billing", "--reason", "x", "--all")
        dry = self.group(*parked, "--dry-run")
        self.assertEqual(
            (dry["parked_keys_left_out"], dry["events_left_out"]), (keys, keys + seconds))
        dry = self.group(*parked, "--limit", "5", "--dry-run")
        self.assertEqual(dry["parked_keys_left_out"], 5)
        self.assertEqual(self.group(*parked, "--limit", "5", "--yes")["changed"], 5)
        skip = ("parked", "skip", "billing", "--all", "--reason", "x")
        self.assertEqual(self.group(*skip)["changed"], keys - 5)
        status = self.group("show", "billing")
        self.assertEqual((status["parked_keys"], status["behind"]), (0, seconds - 5))

    def check_dry_runs(self):
        """One event is handled; the one that is parked has one behind it. Nothing changes."""
        self.append("b-1", "1")
        self.work("--run", "exit 3", "--limit", "1")
        self.append("b-1", "2")
        (parked,) = self.group("parked", "list", "billing")
        # Once it is written down; what is pending would look like a change.
        while "queued" not in [one["deed"] for one in self.state()[0]]:
            pass
        before = self.state()
        dry = self.group("rewind", "billing", "--to", "start", "--reason", "x", "--dry-run")
        self.assertEqual(
            (dry["goes_on_after"], dry["events_given_again"], dry["parked_events_forgotten"]),
            (0, 1, 0), "what is parked, and what waits behind it, stays there")
        dry = self.group("rewind", "billing", "--to", "end", "--reason", "x", "--dry-run")
        self.assertEqual((dry["goes_on_after"], dry["events_given_again"]), (3, 0))
        for words in (("reset",), ("delete",)):
            dry = self.group(*words, "billing", "--reason", "x", "--dry-run")
            self.assertEqual((dry["parked_keys_forgotten"], dry["parked_events_forgotten"]), (1, 2))
        purge = ("parked", "purge", "billing", "--reason", "x", "--dry-run")
        dry = self.group(*purge, "--all")
        self.assertEqual((dry["parked_keys_left_out"], dry["events_left_out"]), (1, 2))
        self.assertEqual(self.group(*purge, str(parked["position"])), dry)
        self.refused(4, "parked_event_not_found", *purge, "1")
        self.refused(3, "token_beyond_end", "rewind", "billing", "--to", "99", "--reason", "x",
                     "--dry-run")
        self.assertEqual(self.state(), before)
        self.group("parked", "purge", "billing", "--all", "--reason", "x", "--yes")

    def state(self):
        """What a recorded change would have changed."""
        history = self.group("history", "billing", "--everything", "--limit", "0")
        status = self.group("show", "billing")
        return history, status["generation"], status["parked_events"], status["state"]

    def test_pause_rewind_update_and_delete(self):
        self.group("create", "billing", "--attempts", "1", "--reason", "monthly bills")
        self.append("a-1", "1")
        self.work("--limit", "1")
        self.assertEqual(self.group("pause", "billing")["state"], "paused")
        self.assertEqual(self.group("resume", "billing")["state"], "running")
        self.check_dry_runs()
        rewound = self.group("rewind", "billing", "--to", "start", "--reason", "again")
        self.assertEqual((rewound["behind"], rewound["generation"]), (3, 2))
        self.work("--limit", "1")
        updated = self.group("update", "billing", "--attempts", "3", "--reason",
                             "fails fast")
        self.assertEqual((updated["attempts_max"], updated["members_max"]), (3, 64))
        updated = self.group("update", "billing", "--category", "a", "--checkpoint-events", "5")
        self.assertEqual(updated["filter"], {"categories": ["a"]})
        self.assertEqual((updated["checkpoint_events_max"], updated["attempts_max"]), (5, 3))
        self.assertEqual(updated["from"], "start")
        self.assertNotIn("filter", self.group("update", "billing", "--all"))
        self.assertEqual(self.annals("group", "update", "billing", "--attempts", "0").code, 2)
        answer = self.annals("group", "rewind", "billing", "--to", "yesterday", "--reason", "x")
        self.assertEqual(answer.code, 2)
        self.assertIn('--to "yesterday"', answer.err)
        self.assertIn("time:<RFC 3339>", answer.err)
        self.assertNotIn("=64", self.annals("group", "update", "--help").out)
        self.assertIn("=64", self.annals("group", "create", "--help").out)
        self.refused(3, "group_exists", "create", "billing", "--attempts", "7")
        answer = self.annals("group", "create", "other", "--from", "99")
        self.assertEqual(answer.code, 3, answer.err)
        self.assertIn("--from: position 99 lies beyond", answer.err)
        answer = self.annals("group", "parked", "retry", "billing")
        self.assertIn("name those of parked events, or give --all", answer.err)
        answer = self.annals("group", "parked", "retry", "billing", "1", "--all")
        self.assertIn("leave them out beside --all", answer.err)
        self.assertEqual(len(self.group("list")), 1)
        deleting = ("delete", "billing", "--reason", "old")
        self.assertEqual(self.annals("group", *deleting).code, 2, "nobody can be asked")
        self.group(*deleting, "--yes", "--actor", "ann")
        self.assertEqual(self.group("list"), [])
        told = self.group("history", "billing")
        self.assertEqual([one["deed"] for one in told],
                         ["deleted", "updated", "updated", "updated", "rewound", "purged",
                          "resumed", "paused", "created"])
        self.assertEqual((told[0]["actor"], told[0]["reason"]), ("ann", "old"))
        self.assertEqual(told[2]["differs"], ["filter", "checkpoint_events_max"])
        self.assertEqual(told[4]["details"], "goes on after 0")
        self.assertEqual(told[-1]["settings"]["attempts_max"], 1)
        self.assertEqual(told[-1]["reason"], "monthly bills")
        self.assertEqual(self.group("history", "billing", "--limit", "2"), told[:2])
        self.assertIn("there may be more",
                      self.annals("group", "history", "billing", "--limit", "2").err)
        self.assertIn("fails fast", self.annals("group", "history", "billing").out)
        self.refused(4, "group_not_found", "history", "other")


if __name__ == "__main__":
    unittest.main()
