# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The command line: exit codes, formats, errors, examples, start and end of a server."""

import json
import os
import pathlib
import pty
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.request

from program import BINARY, CommandLine, Server, clean_environment


class WithServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.scratch.name)
        cls.server = Server(cls.folder / "data")
        cls.annals = CommandLine(cls.server.address, cls.folder)

    @classmethod
    def tearDownClass(cls):
        cls.server.kill()
        cls.scratch.cleanup()

    def append(self, stream, *more):
        return self.annals("stream", "append", stream, "--type", "Tested", *more)


class ExitCodes(WithServer):
    def test_0_for_success(self):
        self.assertEqual(self.append("code-0").code, 0)

    def test_2_for_wrong_usage(self):
        self.assertEqual(self.annals("stream", "append").code, 2)
        self.assertEqual(self.annals("straem").code, 2)
        self.assertEqual(self.annals("stream", "read").code, 2)
        self.assertEqual(self.append("code-0", "--data", "{not json").code, 2)
        self.assertEqual(self.append("code-0", "--expect", "soon").code, 2)
        answer = self.append("code-0", "--time", "2024-01-01T00:00:00")
        self.assertIn("--time: '2024-01-01T00:00:00' is not a time", answer.err)
        self.assertIn("end it with Z or +02:00", answer.err)
        answer = self.annals("stream", "read", "--all", "--since", "never")
        self.assertIn("--since: 'never' is not a time", answer.err)
        self.assertEqual(self.annals("stream", "list", "-o", "xml").code, 2)

    def test_wrong_usage_says_what_was_wrong_and_what_is_right(self):
        answer = self.annals("straem", "read", "x")
        self.assertIn("annals has no command 'straem': did you mean stream?", answer.err)
        self.assertIn("annals has serve, ", answer.err)
        answer = self.annals("stream", "raed")
        self.assertIn("annals stream has no command 'raed': did you mean read?", answer.err)
        self.assertIn("annals stream has append, read, ", answer.err)
        self.assertIn("annals stream needs a command", self.annals("stream").err)
        self.assertIn("annals has no command 'foo'\n", self.annals("foo").err)
        self.assertIn("annals does not take -v\n", self.annals("-v").err)
        self.assertIn("annals stream does not take --all\n", self.annals("stream", "--all").err)
        answer = self.annals("store", "scavenge", "--keep-stubs", "1h")
        self.assertIn("--keep-stubs requires --folder", answer.err)
        self.assertEqual(self.annals("store", "scavenge", "--throttle", "-1").code, 2)
        answer = self.annals("stream", "read", "x", "--nonsense")
        self.assertIn("--nonsense", answer.err)
        self.assertIn("annals stream read --help", answer.err)
        fields = json.loads(self.annals("straem", "-o", "json").err)["error"]["fields"]
        self.assertEqual((fields["field"], fields["value"]), ("command", "straem"))

    def test_an_http_port_is_told_apart_from_nobody(self):
        address = f"127.0.0.1:{self.server.ready['http_port']}"
        answer = self.annals("stream", "list", "--server", address)
        self.assertEqual(answer.code, 5)
        self.assertIn("unavailable: what listens there speaks HTTP/1 and no gRPC: give the port of "
                      "the server's gRPC (--grpc, 7400 by default)", answer.err)
        self.assertIn(address, answer.err)

    def test_a_flag_without_its_value_is_wrong_usage(self):
        self.append("empty-0")
        for words in (["stream", "read", "empty-0", "--since", ""],
                      ["stream", "read", "--all", "--until", ""],
                      ["stream", "read", "empty-0", "--type", "Tested", "--type", ""],
                      ["stream", "append", "empty-0", "--type", "Tested", "--id", ""],
                      ["export", "ndjson", "x.ndjson", "--all", "--data", ""]):  # fmt: skip
            with self.subTest(words=words):
                answer = self.annals(*words)
                self.assertEqual(answer.code, 2)
                self.assertIn(words[-2] + " wants a value", answer.err)
        for flag in ("--data", "--metadata"):
            self.assertEqual(self.append("empty-0", flag, "").code, 0)
        fields = json.loads(
            self.annals("stream", "read", "x", "--since", "", "-o", "json").err)["error"]["fields"]
        self.assertEqual((fields["field"], fields["value"]), ("--since", ""))

    def test_1_for_output_that_cannot_be_written(self):
        self.append("code-1")
        environment = {**clean_environment(), "ANNALS_SERVER": self.server.address}
        commands = [
            ["stream", "read", "--all"], ["stream", "read", "--all", "-o", "json"],
            ["stream", "list"], ["config", "print"], ["demo", "csv"],
        ]  # fmt: skip
        for words in commands:
            with open("/dev/full", "w") as full:
                done = subprocess.run(
                    [BINARY, *words], stdout=full, stderr=subprocess.PIPE, text=True,
                    env=environment, timeout=60,
                )  # fmt: skip
            self.assertEqual((done.returncode, "io_error" in done.stderr), (1, True), words)

    def test_a_reader_that_has_enough_is_no_failure(self):
        demo = subprocess.Popen(
            [BINARY, "demo", "csv", "--rows", "100000"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment(),
        )  # fmt: skip
        demo.stdout.readline()
        demo.stdout.close()
        with demo.stderr as said:
            self.assertEqual(said.read(), "")
        demo.wait(timeout=60)

    def test_a_tail_of_a_stream_that_is_not_there(self):
        for flags in ([], ["--follow"], ["--follow", "--lines", "0"]):
            self.assertEqual(self.annals("stream", "tail", "nobody-1", *flags).code, 4, flags)

    def test_3_for_a_failed_precondition(self):
        self.append("code-3")
        answer = self.append("code-3", "--expect", "none")
        self.assertEqual(answer.code, 3)
        self.assertIn("conflict", answer.err)
        self.assertIn("append again", answer.err)

    def test_4_for_not_found(self):
        self.assertEqual(self.annals("stream", "read", "code-4").code, 4)
        self.assertEqual(self.annals("stream", "info", "code-4").code, 4)
        missing = "00000000-0000-4000-8000-000000000000"
        self.assertEqual(self.annals("event", "get", missing).code, 4)
        self.assertEqual(self.annals("stream", "list", "--namespace", "nowhere").code, 4)

    def test_5_for_a_server_that_is_away(self):
        answer = self.annals("stream", "list", "--server", "127.0.0.1:1", "--timeout", "1s")
        self.assertEqual(answer.code, 5)
        self.assertIn("unavailable", answer.err)

    def test_errors_are_json_for_programs(self):
        answer = self.annals("stream", "info", "code-4", "-o", "json")
        error = json.loads(answer.err)["error"]
        self.assertEqual((error["code"], error["exit_code"]), ("stream_not_found", 4))
        self.assertTrue(error["help"])


class TheLifeOfAStream(WithServer):
    def shown(self, stream):
        answer = self.annals("stream", "read", stream, "-o", "json")
        self.assertEqual(answer.code, 0, answer.err)
        return [event["revision"] for event in answer.json()["events"]]

    def metadata(self, *target):
        answer = self.annals("stream", "metadata", "get", *target, "-o", "json")
        self.assertEqual(answer.code, 0, answer.err)
        return answer.json()

    def test_metadata_say_how_much_is_shown(self):
        for _ in range(4):
            self.append("meta-1")
        self.assertIsNone(self.metadata("meta-1")["revision"])
        set_meta = ("stream", "metadata", "set", "meta-1")
        answer = self.annals(*set_meta, "--max-count", "3", "--custom", '{"owner":"ann"}')
        self.assertEqual(answer.code, 0, answer.err)
        self.assertEqual(self.shown("meta-1"), [1, 2, 3])
        self.assertEqual(self.annals(*set_meta, "--max-age", "1500ms").code, 2)
        answer = self.annals(*set_meta, "--max-age", "2h")
        self.assertEqual(answer.code, 0, answer.err)
        answer = self.annals(*set_meta, "--truncate-before", "2", "-o", "json")
        self.assertEqual(answer.json()["metadata_revision"], 2)
        self.assertEqual(self.shown("meta-1"), [2, 3])
        self.assertEqual(
            self.metadata("meta-1")["metadata"],
            {"max_age_s": 7200, "max_count": 3, "truncate_before": 2, "custom": {"owner": "ann"}},
        )
        self.assertIn("owner", self.annals("stream", "metadata", "get", "meta-1").out)
        self.annals(*set_meta, "--replace", "--max-count", "1")
        self.assertEqual(self.metadata("meta-1")["metadata"], {"max_count": 1})
        self.assertEqual(self.annals(*set_meta, "--max-count", "2", "--expect", "0").code, 3)
        self.assertEqual(self.annals(*set_meta, "--max-count", "0").code, 2)
        self.assertEqual(self.annals("stream", "metadata", "get").code, 2)

    def test_an_age_hides_what_has_become_old(self):
        self.append("age-1")
        self.annals("stream", "metadata", "set", "age-1", "--max-age", "1")
        url = f"http://127.0.0.1:{self.server.ready['http_port']}/v1/streams/age-1"
        deadline = time.monotonic() + 30
        while self.shown("age-1"):
            self.assertLess(time.monotonic(), deadline, "the event is still shown")
            time.sleep(0.1)
        with urllib.request.urlopen(url) as answer:
            self.assertEqual(json.load(answer)["events"], [])
        self.annals("stream", "metadata", "set", "age-1", "--max-age", "1h")
        self.assertEqual(self.shown("age-1"), [0], "hidden, and not removed")

    def test_a_category_has_defaults(self):
        answer = self.annals("stream", "metadata", "set", "--category", "cat", "--max-count", "1")
        self.assertEqual(answer.code, 0, answer.err)
        self.append("cat-1")
        self.append("cat-1")
        self.assertEqual(self.shown("cat-1"), [1])
        self.assertEqual(self.metadata("--category", "cat")["metadata"], {"max_count": 1})
        self.assertEqual(self.metadata("cat-1")["effective"], {"max_count": 1})

    def test_a_deleted_stream_can_be_used_again(self):
        self.append("gone-1")
        dry = self.annals("stream", "delete", "gone-1", "--dry-run")
        self.assertEqual((dry.code, self.shown("gone-1")), (0, [0]))
        self.assertEqual(self.annals("stream", "delete", "gone-1", "--expect", "7").code, 3)
        self.assertEqual(self.annals("stream", "delete", "gone-1", "--expect", "0").code, 0)
        self.assertEqual(self.annals("stream", "read", "gone-1").code, 4)
        self.assertEqual(self.annals("stream", "delete", "never-1").code, 3)
        self.append("gone-1")
        self.assertEqual(self.shown("gone-1"), [1])

    def test_a_tombstoned_stream_cannot(self):
        self.append("dead-1")
        answer = self.annals("stream", "tombstone", "dead-1")
        self.assertEqual(answer.code, 2, "nobody can be asked")
        self.assertEqual(self.shown("dead-1"), [0])
        answer = self.annals("stream", "tombstone", "dead-1", "--yes", "-o", "json")
        self.assertEqual(answer.code, 0, answer.err)
        self.assertGreater(answer.json()["at"], 0)
        answer = self.append("dead-1")
        self.assertIn("stream_deleted", answer.err)
        self.assertNotEqual(answer.code, 0)
        self.assertNotEqual(self.annals("stream", "read", "dead-1").code, 0)

    def test_what_is_too_large_for_grpc_is_told_with_its_sizes(self):
        answer = self.annals("-o", "json", "stream", "append", "large-1", "--type", "T",
                             "--data", "-", stdin=json.dumps("x" * 18_000_000))
        self.assertEqual(answer.code, 2)
        error = json.loads(answer.err)["error"]
        self.assertEqual(error["code"], "limit_exceeded")
        self.assertEqual(error["retry"], "never")
        self.assertEqual(error["fields"]["field"], "message")
        self.assertEqual(error["fields"]["limit"], "17825792")
        self.assertGreater(int(error["fields"]["value"]), 18_000_000)

    def test_truncating_hides_the_beginning(self):
        for _ in range(3):
            self.append("cut-1")
        dry = self.annals("stream", "truncate", "cut-1", "--before", "2", "--dry-run")
        self.assertIn("2 of 3", dry.out)
        self.assertEqual(self.annals("stream", "truncate", "cut-1", "--before", "2").code, 0)
        self.assertEqual(self.shown("cut-1"), [2])
        self.assertEqual(self.annals("stream", "truncate", "cut-1", "--before", "9").code, 2)
        self.assertEqual(self.annals("stream", "truncate", "never-1", "--before", "1").code, 4)

    def test_a_restart_and_a_new_index_change_nothing(self):
        for name in ("keep-1", "keep-2", "keep-3"):
            self.append(name)
            self.append(name)
        self.annals("stream", "truncate", "keep-1", "--before", "1")
        self.annals("stream", "delete", "keep-2")
        self.annals("stream", "tombstone", "keep-3", "--yes")
        for delete_index in (False, True):
            self.restart(delete_index)
            self.assertEqual(self.shown("keep-1"), [1])
            self.assertEqual(self.annals("stream", "read", "keep-2").code, 4)
            self.assertIn("stream_deleted", self.append("keep-3").err)
        self.append("keep-2", "--expect", "none")
        self.assertEqual(self.shown("keep-2"), [2])

    def test_snapshots_are_stored_and_loaded(self):
        self.append("snap-1")
        self.append("snap-1")
        key = ("snap-1", "--reducer", "totals", "--reducer-version", "2")
        self.assertEqual(self.annals("snapshot", "load", *key).code, 4)
        stored = self.annals(
            "snapshot", "store", *key, "--revision", "1", "--data", "-", stdin='{"total":20}'
        )
        self.assertEqual(stored.code, 0, stored.err)
        loaded = self.annals("snapshot", "load", *key, "-o", "json").json()
        self.assertEqual((loaded["revision"], loaded["data"]), (1, {"total": 20}))
        self.assertEqual(self.annals("snapshot", "load", *key).out, '{"total":20}')
        self.assertIn("totals", self.annals("snapshot", "list", "snap-1").out)
        self.restart(False)
        self.assertEqual(self.annals("snapshot", "load", *key).code, 0)
        gone = self.annals("snapshot", "delete", "snap-1", "-o", "json").json()
        self.assertEqual(gone, {"deleted": 1})
        self.assertEqual(self.annals("snapshot", "load", *key).code, 4)
        late = self.annals("snapshot", "store", *key, "--revision", "9", "--data", "{}")
        self.assertEqual(late.code, 2)

    def restart(self, delete_index):
        self.server.stop()
        if delete_index:
            indexes = list((self.folder / "data").rglob("index"))
            self.assertTrue(indexes)
            for index in indexes:
                shutil.rmtree(index)
        type(self).server = Server(self.folder / "data")
        type(self).annals = CommandLine(self.server.address, self.folder)


class Streams(WithServer):
    def test_append_and_read_back_everything(self):
        event_id = "0193a7c0-1111-7000-8000-000000000001"
        answer = self.annals(
            "stream", "append", "order-1", "--type", "Placed", "--data", "-", "--id", event_id,
            "--tag", "customer:7", "--tag", "shop:berlin", "--actor", "ann", "--expect", "none",
            "--metadata", '{"ip":"::1"}', "--time", "2024-03-31T03:30:00+02:00", "-o", "json",
            stdin='{"total": 20}',
        )  # fmt: skip
        self.assertEqual(answer.code, 0, answer.err)
        self.assertEqual(answer.json()["revision"], 0)
        (event,) = self.annals("stream", "read", "order-1", "-o", "json").json()["events"]
        self.assertEqual(event["id"], event_id)
        self.assertEqual(event["data"], {"total": 20})
        self.assertEqual(event["metadata"], {"ip": "::1"})
        self.assertEqual(event["tags"], ["customer:7", "shop:berlin"])
        self.assertEqual(event["actor"], "ann")
        self.assertEqual(event["valid_time"], "2024-03-31T03:30:00+02:00")
        again = self.annals(
            "stream", "append", "order-1", "--type", "Placed", "--data", '{"total": 20}',
            "--id", event_id, "--tag", "customer:7", "--tag", "shop:berlin",
            "--metadata", '{"ip":"::1"}', "-o", "json",
        )  # fmt: skip
        self.assertTrue(again.json()["is_replay"], again.err)

    def test_an_idempotency_key_makes_a_replay(self):
        words = ("--idempotency-key", "k-1", "--data", '{"n":1}', "-o", "json")
        self.assertFalse(self.append("key-1", *words).json()["is_replay"])
        self.assertTrue(self.append("key-1", *words).json()["is_replay"])

    def test_pages_and_directions(self):
        for number in range(5):
            self.append("page-1", "--data", json.dumps({"n": number}))

        def numbers(*words):
            page = self.annals("stream", "read", "page-1", "-o", "json", *words).json()
            return [event["data"]["n"] for event in page["events"]], page

        self.assertEqual(numbers()[0], [0, 1, 2, 3, 4])
        self.assertEqual(numbers("--backwards", "--limit", 2)[0], [4, 3])
        self.assertEqual(numbers("--from", 3)[0], [3, 4])
        first, page = numbers("--limit", 2)
        self.assertEqual((first, page["is_end"]), ([0, 1], False))
        self.assertEqual(numbers("--after", page["next"])[0], [2, 3, 4])
        self.assertEqual(numbers("--as-of", "2000-01-01")[0], [])
        self.assertEqual(numbers("--since", "1h")[0], [0, 1, 2, 3, 4])

    def test_a_stream_is_read_through_a_filter(self):
        for number in range(6):
            kind = "even" if number % 2 == 0 else "odd"
            self.annals("stream", "append", "filtered-1", "--type", kind,
                        "--data", json.dumps({"n": number}))

        def read(*words):
            read = self.annals("stream", "read", *words, "-o", "json").json()["events"]
            return [event["data"]["n"] for event in read], read

        numbers, events = read("filtered-1", "--type", "odd")
        self.assertEqual(numbers, [1, 3, 5])
        self.assertEqual(read("filtered-1", "--match-type", "^e", "--backwards")[0], [4, 2, 0])
        since, until = events[0]["recorded_time"], events[2]["recorded_time"]
        bounds = ("--since", since, "--until", until)
        self.assertEqual(read("filtered-1", *bounds)[0], [1, 2, 3, 4])
        self.assertEqual(read("filtered-1", "--backwards", "--type", "odd", *bounds)[0], [3, 1])
        self.assertEqual(read("--prefix", "filtered-", "--type", "even", *bounds)[0], [2, 4])
        tail = self.annals("stream", "tail", "filtered-1", "--type", "odd", "--since", since,
                           "-o", "jsonl").json_lines()
        self.assertEqual([event["data"]["n"] for event in tail], [1, 3, 5])
        refused = self.annals("stream", "read", "filtered-1", "--category", "x")
        self.assertEqual(refused.code, 2)
        self.assertIn("leave out", refused.err)

    def test_every_format_is_well_formed(self):
        self.append("format-1", "--data", '{"text":"a: \\"b\\"\\n"}')
        read = ("stream", "read", "format-1")
        self.assertEqual(len(self.annals(*read, "-o", "jsonl").json_lines()), 1)
        self.assertIn("stream: format-1", self.annals(*read, "-o", "yaml").out)
        table = self.annals(*read).out
        self.assertTrue(table.startswith("REVISION"))
        self.assertNotIn("\x1b", table)

    def test_a_tail_shows_history_then_what_comes(self):
        self.append("tail-1", "--data", '{"n":1}')
        tail = self.annals.start(
            "stream", "tail", "tail-1", "--from-start", "--follow", "--limit", "2", "-o", "jsonl"
        )
        self.assertEqual(json.loads(tail.stdout.readline())["data"], {"n": 1})
        self.append("tail-1", "--data", '{"n":2}')
        out, _ = tail.communicate(timeout=20)
        self.assertEqual(json.loads(out)["data"], {"n": 2})
        self.assertEqual(tail.returncode, 0)

    def test_a_tail_ends_on_interrupt_and_says_where(self):
        self.append("tail-2")
        tail = self.annals.start("stream", "tail", "tail-2", "--follow")
        self.assertIn("Tested", tail.stdout.readline())
        self.assertIn("caught up", tail.stderr.readline())
        tail.send_signal(signal.SIGINT)
        _, err = tail.communicate(timeout=20)
        self.assertEqual(tail.returncode, 0)
        self.assertIn("--after", err)


class Namespaces(WithServer):
    def test_create_use_delete(self):
        self.assertEqual(self.annals("namespace", "create", "side").code, 0)
        self.assertEqual(self.annals("namespace", "create", "side").code, 3)
        self.assertEqual(self.append("here-1", "--namespace", "side").code, 0)
        self.assertEqual(self.annals("stream", "read", "here-1").code, 4)
        names = [each["name"] for each in self.annals("namespace", "list", "-o", "json").json()]
        self.assertIn("side", names)
        dry = self.annals("namespace", "delete", "side", "--dry-run")
        self.assertEqual((dry.code, "1 events" in dry.out), (0, True))
        self.assertEqual(self.annals("namespace", "delete", "side").code, 2)
        self.assertEqual(self.annals("namespace", "delete", "side", "--yes").code, 0)
        self.assertEqual(self.annals("namespace", "delete", "side", "--yes").code, 4)

    def test_folders_of_derived_data_are_for_the_server_alone_as_logs_are(self):
        made = [*(self.folder / "data").rglob("index"), *(self.folder / "data").rglob("events")]
        made += (self.folder / "data").rglob("entity-model")
        self.assertGreater(len(made), 1)
        for folder in made:
            self.assertEqual(folder.stat().st_mode & 0o777, 0o750, folder)

    def test_a_closed_one_tells_how_many_events_it_holds(self):
        data = self.folder / "closed"
        server = Server(data)
        annals = CommandLine(server.address, self.folder)
        self.assertEqual(annals("namespace", "create", "pay").code, 0)
        for _ in range(3):
            annals("-n", "pay", "stream", "append", "a-1", "--type", "Tested")
        server.stop()
        server = Server(data)
        self.addCleanup(server.stop)
        annals = CommandLine(server.address, self.folder)
        listed = {one["name"]: one for one in annals("namespace", "list", "-o", "json").json()}
        self.assertEqual(listed["pay"]["last_position"], 3)
        dry = annals("namespace", "delete", "pay", "--dry-run")
        self.assertEqual((dry.code, "with 3 events" in dry.out), (0, True), dry.out)


class Import(WithServer):
    def test_bad_rows_are_set_aside_and_the_rest_goes_on(self):
        file = self.folder / "bad.csv"
        file.write_text(
            "id,what,at\n1,Opened,2024-01-01T00:00:00Z\n2,Opened,yesterday\n3,Op\"ened,\n"
            "4,Closed,2024-01-02T00:00:00Z\n"
        )
        words = ("--stream", "bad-{id}", "--type-column", "what", "--time-column", "at")
        answer = self.annals("import", "csv", file, *words)
        self.assertEqual(answer.code, 1)
        self.assertIn("2 new, 0 already there, 2 rejected", answer.out)
        self.assertIn("line 3: column at: 'yesterday' is not a time", answer.err)
        self.assertIn("line 4:", answer.err)
        rejected = self.folder / "bad.rejected.csv"
        self.assertEqual(rejected.read_text(), 'id,what,at\n2,Opened,yesterday\n3,Op"ened,\n')
        mended = "id,what,at\n2,Opened,2024-01-01T00:00:00Z\n3,Opened,\n"
        rejected.write_text(mended)
        self.assertEqual(self.annals("import", "csv", rejected, *words).code, 0)
        again = self.annals("import", "csv", file, *words)
        self.assertIn("bad.rejected-2.csv", again.err)
        self.assertEqual(rejected.read_text(), mended, "what was mended stays")

    def test_bad_rows_overwrite_nothing(self):
        file = self.folder / "own.csv"
        file.write_text("id,at\n1,yesterday\n2,2024-01-02T00:00:00Z\n")
        before = file.read_text()
        link = self.folder / "link.csv"
        link.symlink_to(file)
        words = ("--stream", "own-{id}", "--type", "Row", "--time-column", "at")
        for taken in (file, link):
            refused = self.annals("import", "csv", file, *words, "--rejects", taken)
            self.assertEqual(refused.code, 3, refused.err)
            self.assertIn(f"--rejects {taken} is there already\nGive the name of a file that",
                          refused.err)
            self.assertEqual(file.read_text(), before)
        self.assertEqual(self.annals("stream", "read", "own-2").code, 4, "nothing was begun")
        dry = self.annals("import", "csv", file, *words, "--dry-run")
        self.assertIn("line 2: column at", dry.err)
        self.assertEqual(sorted(one.name for one in self.folder.glob("own*")), ["own.csv"])
        piped = self.annals("import", "csv", file, *words, "--rejects", "/dev/null")
        self.assertIn("1 rejected", piped.out)

    def test_a_mapping_file_and_a_dry_run(self):
        (self.folder / "map.toml").write_text('stream = "m-{id}"\ntype = "Row"\n')
        file = self.folder / "map.csv"
        file.write_text("id,x\n1,2\n")
        dry = self.annals("import", "csv", file, "--mapping", "map.toml", "--dry-run")
        self.assertEqual((dry.code, "1 would be new" in dry.out), (0, True), dry.err)
        self.assertEqual(self.annals("stream", "read", "m-1").code, 4)

    def test_a_mapping_that_does_not_fit_lists_the_columns(self):
        file = self.folder / "fit.csv"
        file.write_text("id,x\n1,2\n")
        answer = self.annals("import", "csv", file, "--stream", "f-{nr}", "--type", "Row")
        self.assertEqual(answer.code, 2)
        self.assertIn("id, x", answer.err)


class Store(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.scratch.name)
        self.server = Server(self.folder / "data")
        annals = CommandLine(self.server.address, self.folder)
        annals("demo", "csv", "-f", "orders.csv")
        answer = annals(
            "import", "csv", "orders.csv", "--stream", "order-{order}", "--type-column", "event"
        )
        self.assertEqual(answer.code, 0, answer.err)
        self.annals = annals

    def tearDown(self):
        self.server.kill()
        self.scratch.cleanup()

    def test_a_second_server_on_the_folder_refuses_with_a_sentence(self):
        second = subprocess.run(
            [BINARY, "serve", "--data", self.folder / "data",
             "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0"],
            capture_output=True, text=True, timeout=30, env=clean_environment(),
        )  # fmt: skip
        self.assertEqual(second.returncode, 1)
        self.assertIn("directory_locked", second.stderr)

    def test_sigterm_ends_with_0_and_the_store_is_whole(self):
        self.assertEqual(self.server.stop(), 0)
        verified = self.annals("store", "verify", "data", "-o", "json")
        self.assertEqual(verified.code, 0, verified.err)
        self.assertIn(4000, [log["events"] for log in verified.json()])
        self.assertTrue(all(log["is_whole"] for log in verified.json()))
        info = self.annals("store", "info", "data", "-o", "json").json()
        self.assertIn(4000, [log["events"] for log in info])

    def test_verify_names_segment_and_byte_of_damage(self):
        self.assertEqual(self.server.stop(), 0)
        segments = [path for path in (self.folder / "data").rglob("*.seg")]
        target = max(segments, key=lambda path: path.read_bytes().count(b"order-"))
        bytes_ = bytearray(target.read_bytes())
        at = bytes_.index(b"order-1100")
        bytes_[at] ^= 1
        target.write_bytes(bytes_)
        verified = self.annals("store", "verify", "data", "-o", "json")
        self.assertEqual(verified.code, 1, verified.out)
        damages = [damage for log in verified.json() for damage in log["damages"]]
        self.assertEqual(damages[0]["segment"], target.name)
        self.assertLessEqual(damages[0]["byte"], at)
        self.assertIn(target.name, verified.err)

    def test_info_of_the_running_server(self):
        info = self.annals("store", "info", "-o", "json").json()
        self.assertEqual(info["events"], 4000)
        self.assertFalse(info["is_read_only"])

    def test_what_was_acknowledged_survives_kill(self):
        before = self.annals("stream", "read", "--all", "--limit", 0, "-o", "jsonl").out
        self.server.kill()
        self.server = Server(self.folder / "data")
        annals = CommandLine(self.server.address, self.folder)
        after = annals("stream", "read", "--all", "--limit", 0, "-o", "jsonl").out
        self.assertEqual(before, after)


class FirstScreen(unittest.TestCase):
    def test_nothing_stands_above_it_on_a_terminal(self):
        with tempfile.TemporaryDirectory() as folder:
            ours, theirs = pty.openpty()
            server = subprocess.Popen(
                [BINARY, "serve", "--data", folder, "--grpc", "127.0.0.1:0",
                 "--http", "127.0.0.1:0"],
                stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=clean_environment(),
            )  # fmt: skip
            os.close(theirs)
            self.addCleanup(os.close, ours)
            self.addCleanup(server.wait)
            self.addCleanup(server.kill)
            said = ""
            while "Ctrl-C stops the server" not in said:
                said += os.read(ours, 4096).decode()
            self.assertNotIn("log opened", said)
            self.assertLess(said.index("annals "), 8, said)


class WithoutServer(unittest.TestCase):
    def setUp(self):
        self.annals = CommandLine()

    def help_of(self, *path):
        answer = self.annals(*path, "--help")
        self.assertEqual(answer.code, 0)
        return answer.out

    def test_every_help_has_an_example(self):
        groups = {
            "stream": ["append", "read", "tail", "list", "info"],
            "category": ["list"],
            "type": ["list"],
            "event": ["get"],
            "namespace": ["create", "list", "delete"],
            "store": ["verify", "info"],
            "import": ["ndjson", "csv", "xes", "cloudevents", "store"],
            "export": ["ndjson", "csv", "xes", "cloudevents"],
            "demo": ["csv"],
            "config": ["print", "check"],
        }
        for group, commands in groups.items():
            for command in commands:
                with self.subTest(command=f"{group} {command}"):
                    self.assertIn(f"annals {group} {command}", self.help_of(group, command))
        for command in ("serve", "bench", "completion", "version"):
            with self.subTest(command=command):
                self.assertIn(f"annals {command}", self.help_of(command))

    def test_version(self):
        self.assertRegex(self.annals("version").out, r"^annals \d+\.\d+\.\d+")
        self.assertEqual(self.annals("--version").out, self.annals("version").out)
        self.assertIn("version", self.annals("version", "-o", "json").json())

    def test_the_flag_prints_what_the_command_prints(self):
        for flags in ((), ("-o", "json"), ("-o", "yaml")):
            command = self.annals("version", *flags)
            for line in (("--version", *flags), (*flags, "--version")):
                flag = self.annals(*line)
                self.assertEqual((flag.code, flag.out, flag.err), (0, command.out, ""), line)

    def test_completion_scripts_are_understood_by_their_shell(self):
        script = self.annals("completion", "bash").out
        probe = (
            script
            + "\nCOMP_WORDS=(annals stream re); COMP_CWORD=2; _annals; echo \"${COMPREPLY[*]}\""
        )
        done = subprocess.run(["bash", "-c", probe], capture_output=True, text=True)
        self.assertEqual(done.stdout.strip(), "read", done.stderr)
        for shell in ("zsh", "fish"):
            self.assertIn("annals", self.annals("completion", shell).out)
        self.assertEqual(self.annals("completion", "csh").code, 2)

    def test_config_print_names_origins_and_check_names_faults(self):
        self.annals.environment["ANNALS_DURABILITY"] = "interval=20ms"
        settings = {
            each["setting"]: each
            for each in self.annals("config", "print", "--grpc", "127.0.0.1:9", "-o", "json").json()
        }
        self.assertEqual(settings["durability"]["from"], "ANNALS_DURABILITY")
        self.assertEqual(settings["grpc.address"]["from"], "--grpc")
        self.assertEqual(self.annals("config", "check").code, 0)
        self.annals.environment["ANNALS_DURABILITY"] = "sometimes"
        self.assertEqual(self.annals("config", "check").code, 2)

    def test_the_demo_file_is_the_same_each_time(self):
        first = self.annals("demo", "csv").out
        self.assertEqual(first, self.annals("demo", "csv", "--rows", "4000").out)
        self.assertEqual(len(first.splitlines()), 4001)

    def test_memory_mode_needs_no_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            server = Server(pathlib.Path(folder) / "unused", "--memory")
            annals = CommandLine(server.address)
            self.assertEqual(annals("stream", "append", "m-1", "--type", "Kept").code, 0)
            self.assertEqual(server.stop(), 0)
            self.assertEqual(list(pathlib.Path(folder).iterdir()), [])

    def test_a_server_drains_quickly(self):
        with tempfile.TemporaryDirectory() as folder:
            server = Server(pathlib.Path(folder) / "data")
            tail = CommandLine(server.address).start("stream", "tail", "--all", "--follow")
            tail.stderr.readline()
            started = time.monotonic()
            self.assertEqual(server.stop(), 0)
            self.assertLess(time.monotonic() - started, 8)
            tail.communicate(timeout=20)
            self.assertEqual(tail.returncode, 5)


if __name__ == "__main__":
    unittest.main()
