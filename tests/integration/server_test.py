# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The program as a whole against folders, locks, signals, damaged bytes and full disks."""

import http.client
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request
import uuid

from annals_server import Server, program, run


def append(server, stream, count=1, data='{"n": 1}', check=True):
    done = None
    for _ in range(count):
        done = server.run("-o", "json", "stream", "append", stream, "--type", "Happened",
                          "--data", data, check=check)
    return done


def get(server, path):
    """Status and body of an HTTP answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.http_port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


class ServerTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="annals-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def events(self, server):
        return [(e["stream"], e["revision"], e["position"], e["id"])
                for e in server.jsonl("stream", "read", "--all", "--limit", "0")]

    def segments(self):
        return sorted((self.folder / "namespaces").glob("default.*/events/*.seg"))

    def test_what_was_appended_is_there_after_a_restart(self):
        with Server(self.folder) as server:
            append(server, "order-1", 3)
            append(server, "order-2", 2)
            before = self.events(server)
            self.assertEqual(server.stop(), 0, "SIGTERM drains and exits with 0")
        with Server(self.folder) as server:
            self.assertEqual(self.events(server), before)
            opened = {e["log"]: e for e in server.entries("log opened")}
            self.assertTrue(opened["default"]["was_clean"])

    def test_after_a_kill_everything_answered_is_there(self):
        server = Server(self.folder)
        append(server, "order-1", 5)
        before = self.events(server)
        server.kill()
        with Server(self.folder) as server:
            self.assertEqual(self.events(server), before)

    def test_a_second_server_on_the_folder_refuses_with_a_sentence(self):
        with Server(self.folder):
            done = run("serve", "--data", self.folder, "--grpc", "127.0.0.1:0",
                       "--http", "127.0.0.1:0", check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("another server", (done.stdout + done.stderr).lower())

    def test_a_taken_port_is_named(self):
        with Server(None) as server:
            done = run("serve", "--memory", "--grpc", server.address, "--http", "127.0.0.1:0",
                       check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(server.address, done.stdout + done.stderr)

    def answers(self, server):
        """One of each kind of read."""
        everything = server.jsonl("stream", "read", "--all", "--limit", "0")
        return {
            "events": [(e["stream"], e["revision"], e["position"], e["id"]) for e in everything],
            "streams": server.json("stream", "list"),
            "one stream": server.jsonl("stream", "read", "order-7", "--limit", "0"),
            "backwards": server.jsonl("stream", "read", "order-7", "--backwards", "--limit", "5"),
            "category": server.jsonl("stream", "read", "--category", "cart", "--limit", "0"),
            "type": server.jsonl("stream", "read", "--type", "Rare", "--limit", "0"),
            "tag": server.jsonl("stream", "read", "--tag", "n:3", "--limit", "0"),
            "info": server.json("stream", "info", "order-7"),
            "by id": get(server, "/v1/events/" + everything[2500]["id"]),
        }

    def append_many(self, server, count):
        """Appends of 500 events over HTTP."""
        for begin in range(0, count, 500):
            for stream in ("order-7", "cart-1"):
                events = [{"type": "Rare" if n % 97 == 0 else "Usual", "data": {"n": n},
                           "tags": [f"n:{n % 10}"]} for n in range(begin, begin + 250)]
                request = urllib.request.Request(
                    f"http://127.0.0.1:{server.http_port}/v1/streams/{stream}",
                    data=json.dumps({"events": events}).encode(),
                    headers={"Content-Type": "application/json"}, method="POST")
                with urllib.request.urlopen(request, timeout=30) as answer:
                    self.assertLess(answer.status, 300)

    def test_the_index_folder_may_be_deleted(self):
        with Server(self.folder) as server:
            self.append_many(server, 6_000)
            before = self.answers(server)
            self.assertEqual(len(before["events"]), 6_000)
            self.assertEqual(server.stop(), 0)
        for index in (self.folder / "namespaces").glob("*/index"):
            shutil.rmtree(index)
        # What a person sees at the start: how far it is, and how fast.
        shown = self.start_on_a_terminal()
        self.assertRegex(shown, r"events indexed")
        self.assertRegex(shown, r"/s")
        self.assertRegex(shown, r"indexed 6000\b")
        for index in (self.folder / "namespaces").glob("*/index"):
            shutil.rmtree(index)
        with Server(self.folder) as server:
            opened = {e["log"]: e for e in server.entries("log opened")}
            self.assertEqual(opened["default"]["index_fed_events"], 6_000)
            after = self.answers(server)
            for kind, answer in before.items():
                self.assertEqual(after[kind], answer, kind)

    def start_on_a_terminal(self):
        """Starts the server on a pseudo-terminal, stops it once it is ready; what it showed."""
        ours, theirs = os.openpty()
        with subprocess.Popen(
                [program(), "serve", "--data", str(self.folder), "--grpc", "127.0.0.1:0",
                 "--http", "127.0.0.1:0"], stdin=theirs, stdout=theirs, stderr=theirs) as process:
            os.close(theirs)
            shown = b""
            stopping = False
            while True:
                try:
                    more = os.read(ours, 65536)
                except OSError:  # the other side is closed
                    break
                if not more:
                    break
                shown += more
                if b"Ctrl-C stops the server" in shown and not stopping:
                    stopping = True
                    process.terminate()
            os.close(ours)
            self.assertEqual(process.wait(30), 0)
        return shown.decode(errors="replace")

    def test_damage_is_named_and_the_server_starts_reading_only(self):
        with Server(self.folder) as server:
            append(server, "order-1", 4, data=json.dumps({"text": "x" * 400}))
        segment = self.segments()[0]
        bytes_ = bytearray(segment.read_bytes())
        place = bytes_.index(b"x" * 400) + 200
        bytes_[place] ^= 0x01
        segment.write_bytes(bytes_)
        # A clean end is believed without reading everything; a kill's opening looks.
        for clean in (self.folder / "namespaces").glob("default.*/events/CLEAN"):
            clean.unlink()
        with Server(self.folder) as server:
            refused = append(server, "order-1", check=False)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("read_only", refused.stdout + refused.stderr)
            status, body = get(server, "/health/ready")
            self.assertEqual(status, 200, "reads work")
            self.assertIn("read-only", body)
            named = server.entries("stored bytes are damaged")
            self.assertTrue(any(segment.name in e["place"] for e in named), named)
        verified = run("store", "verify", self.folder, check=False)
        self.assertEqual(verified.returncode, 1)
        self.assertIn(segment.name, verified.stdout + verified.stderr)

    def damage(self, text, log="events"):
        """Flips one bit of the last event with this text; a clean end is not believed."""
        folders = (self.folder / "namespaces").glob("default.*")
        for segment in sorted(s for f in folders for s in (f / log).glob("**/*.seg")):
            bytes_ = bytearray(segment.read_bytes())
            place = bytes_.rfind(text.encode())
            if place < 0:
                continue
            bytes_[place + 1] ^= 0x01
            segment.write_bytes(bytes_)
            (segment.parent / "CLEAN").unlink(missing_ok=True)
            return segment.name
        self.fail(f"{text} is in no segment")

    def drop_indexes(self):
        for index in (self.folder / "namespaces").glob("*/index"):
            shutil.rmtree(index)

    def make_damaged(self):
        """Events a0 b0 a1 a2 b1 at positions 1 to 5; a1 is lost, and what the index knew of it."""
        with Server(self.folder) as server:
            for stream, text in (("a-1", "first-a"), ("b-1", "first-b"), ("a-1", "lost-one"),
                                 ("a-1", "third-a"), ("b-1", "last-b")):
                append(server, stream, data=json.dumps({"text": text}))
        segment = self.damage("lost-one")
        self.drop_indexes()
        return segment

    def test_a_damaged_log_is_read_up_to_the_hole_and_behind_it(self):
        segment = self.make_damaged()
        with Server(self.folder) as server:
            named = [e for e in server.entries("stored bytes are damaged") if segment in e["place"]]
            self.assertTrue(named)
            self.assertIn("position 3", named[0]["place"])
            self.assertEqual(server.entries("log is read-only")[0]["log"], "default")
            place = named[0]["place"].split("byte ")[1].split(",")[0]
            before = get(server, "/v1/events?from_position=1")
            self.assertEqual(before[0], 200)
            self.assertEqual([e["position"] for e in json.loads(before[1])["events"]], [1, 2])
            status, body = get(server, "/v1/events?from_position=3")
            self.assertEqual(status, 500)
            self.assertIn("data_loss", body)
            self.assertIn(segment, body)
            self.assertIn(f"byte {place}", body, "the same byte that the start names")
            self.assertIn("--accept-damage", body)
            behind = get(server, "/v1/events?from_position=4")
            self.assertEqual([e["position"] for e in json.loads(behind[1])["events"]], [4, 5])
            one = server.run("-o", "jsonl", "stream", "read", "b-1")
            self.assertEqual(len(one.stdout.splitlines()), 2, "another stream is whole")
            cut = server.run("-o", "jsonl", "stream", "read", "a-1", "--limit", "1")
            self.assertEqual(json.loads(cut.stdout)["revision"], 0)
            ended = server.run("-o", "jsonl", "stream", "tail", "a-1", "--from-start", check=False)
            self.assertIn("first-a", ended.stdout, "what lies before it is given first")
            status, body = get(server, "/health/ready")
            self.assertEqual(status, 200)
            self.assertIn("read-only", body)
            self.assertIn('annals_log_damaged{namespace="default"} 1', get(server, "/metrics")[1])

    def wait_for_readiness(self, server, wanted, text):
        until = time.monotonic() + 60
        while True:
            status, body = get(server, "/health/ready")
            if (status, text in body) == (wanted, True):
                return body
            self.assertLess(time.monotonic(), until, body)
            time.sleep(0.02)

    def test_readiness_fails_while_a_group_misses_its_lag_objective(self):
        def work(*flags):
            server.run("group", "work", "billing", "--limit", "1", *flags)

        with Server(self.folder) as server:
            server.run("group", "create", "billing", "--ready-lag-seconds", "1", "--attempts", "1")
            self.assertIn('"serving"', get(server, "/health/ready")[1])
            append(server, "order-1")
            body = self.wait_for_readiness(server, 503, '"late"')
            self.assertIn("consumer group default/billing is ", body)
            self.assertIn("its objective is 1 s; it waits for members", body)
            work()
            self.wait_for_readiness(server, 200, '"serving"')
            # What is parked is nobody's lag; once it is retried it is as old as it is.
            append(server, "order-2")
            work("--run", "exit 1")
            self.wait_for_readiness(server, 200, '"serving"')
            server.run("group", "parked", "retry", "billing", "--all")
            self.wait_for_readiness(server, 503, '"late"')
            work()
            self.wait_for_readiness(server, 200, '"serving"')

    def test_damage_met_while_running_is_shown_and_appends_go_on_until_the_next_start(self):
        with Server(self.folder) as server:
            lost = ("-o", "json", "stream", "append", "a-1", "--type", "Happened", "--id",
                    str(uuid.uuid4()), "--data", json.dumps({"text": "lost-one"}))
            server.run(*lost)
            append(server, "a-1")
            self.assertIn('"serving"', get(server, "/health/ready")[1])
            segment = self.segments()[0]
            place = segment.read_bytes().index(b"lost-one")
            with open(segment, "r+b", buffering=0) as file:  # in place: it is mapped
                file.seek(place)
                file.write(b"L")
            status, body = get(server, "/v1/events?from_position=1")
            self.assertEqual(status, 500)
            self.assertIn("data_loss", body)
            status, body = get(server, "/health/ready")
            self.assertEqual(status, 200)
            self.assertIn('"damaged"', body)
            self.assertIn(segment.name, body)
            self.assertIn('annals_log_damaged{namespace="default"} 1', get(server, "/metrics")[1])
            self.assertEqual(json.loads(append(server, "a-1").stdout)["revision"], 2)
            self.assertEqual(json.loads(append(server, "b-1").stdout)["revision"], 0)
            again = server.run(*lost, check=False)
            self.assertIn("data_loss", again.stderr, "its first answer is lost: nothing is guessed")
            self.assertEqual(server.stop(), 0)
            named = server.entries("stored bytes are damaged")
            self.assertEqual([e["log"] for e in named], ["default"])
            self.assertIn(segment.name, named[0]["place"])
        with Server(self.folder) as server:
            refused = append(server, "a-1", check=False)
            self.assertIn("read_only", refused.stdout + refused.stderr)
            self.assertEqual([e["revision"] for e in server.jsonl("stream", "read", "b-1")], [0])

    def test_accepted_damage_is_stepped_over_by_every_reader_and_not_forgotten(self):
        segment = self.make_damaged()
        with Server(self.folder, "--accept-damage") as server:
            self.assertEqual([e[2] for e in self.events(server)], [1, 2, 4, 5])
            pages = json.loads(get(server, "/v1/events?from_position=3")[1])["events"]
            self.assertEqual([e["position"] for e in pages], [4, 5])
            stream = server.jsonl("stream", "read", "a-1")
            self.assertEqual([e["revision"] for e in stream], [0, 2])
            stream = server.jsonl("stream", "read", "a-1", "--backwards")
            self.assertEqual([e["revision"] for e in stream], [2, 0])
            tail = server.jsonl("stream", "tail", "--all", "--from-start")
            self.assertEqual([e["position"] for e in tail], [1, 2, 4, 5])
            done = append(server, "a-1")
            self.assertEqual(json.loads(done.stdout)["revision"], 3)
            status, body = get(server, "/health/ready")
            self.assertEqual(status, 200)
            self.assertIn("damaged", body)
            self.assertIn(segment, body)
            self.assertEqual(server.stop(), 0)
        with Server(self.folder) as server:
            refused = append(server, "a-1", check=False)
            self.assertIn("read_only", refused.stdout + refused.stderr)
            self.assertTrue(any(segment in e["place"]
                                for e in server.entries("stored bytes are damaged")))

    def test_damage_behind_what_the_index_has_is_no_reason_not_to_start(self):
        server = Server(self.folder)
        append(server, "order-1")
        append(server, "order-1", data=json.dumps({"text": "lost-one"}))
        append(server, "order-1")
        self.wait_for_mark()
        server.kill()
        self.damage("lost-one")
        with Server(self.folder) as server:
            self.assertNotEqual(append(server, "order-1", check=False).returncode, 0)
            pages = json.loads(get(server, "/v1/events?from_position=3")[1])["events"]
            self.assertEqual([e["position"] for e in pages], [3])

    def test_progress_of_a_consumer_falls_back_to_what_is_whole(self):
        with Server(self.folder) as server:
            tokens = [json.loads(append(server, "a-1").stdout)["token"] for _ in range(3)]
            for token in tokens[:2]:
                server.run("consumer", "save", "billing", token)
            server.run("group", "create", "mail", "--category", "a")
            self.assertEqual(server.json("consumer", "get", "billing")["position"], 2)
            self.assertEqual(server.stop(), 0)
        segment = self.damage(tokens[1], "system")
        with Server(self.folder) as server:
            lost = server.run("-o", "json", "consumer", "get", "billing", check=False)
            self.assertIn("data_loss", lost.stderr)
            self.assertIn(segment, lost.stderr)
            self.assertEqual(len(self.events(server)), 3)
            self.assertIn('annals_log_damaged{namespace="default"} 1', get(server, "/metrics")[1])
        with Server(self.folder, "--accept-damage") as server:
            self.assertEqual(server.json("consumer", "get", "billing")["position"], 1)
            self.assertEqual(server.json("group", "show", "mail")["state"], "running")
            server.run("consumer", "save", "billing", tokens[2])
            self.assertEqual(server.json("consumer", "get", "billing")["position"], 3)

    def wait_for_mark(self):
        """Until the idle log has marked its end: the last group is durable and known to be."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            bytes_ = self.segments()[0].read_bytes()
            last_group = bytes_.rfind(b"AGRP")
            if last_group > 0 and bytes_[last_group + 46] & 1:
                return
            time.sleep(0.05)
        self.fail("no mark was written")

    def test_verify_says_that_a_whole_store_is_whole(self):
        with Server(self.folder) as server:
            append(server, "order-1", 4)
        done = run("store", "verify", self.folder)
        self.assertEqual(done.returncode, 0)

    def test_memory_mode_writes_nothing(self):
        with Server(None) as server:
            append(server, "order-1", 2)
            self.assertEqual(len(self.events(server)), 2)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_namespaces_are_apart_and_can_be_deleted(self):
        with Server(self.folder) as server:
            server.run("namespace", "create", "tenant-a")
            append(server, "order-1", 2)
            server.run("--namespace", "tenant-a", "stream", "append", "order-1", "--type", "T")
            names = [n["name"] for n in server.json("namespace", "list")]
            self.assertEqual(sorted(names), ["default", "tenant-a"])
            server.run("namespace", "delete", "tenant-a", "--yes")
            gone = server.run("--namespace", "tenant-a", "stream", "list", check=False)
            self.assertEqual(gone.returncode, 4, "not found")
        self.assertEqual(list((self.folder / "namespaces").glob("tenant-a.*")), [])

    def test_operations_door_answers(self):
        with Server(self.folder) as server:
            append(server, "order-1")
            self.assertEqual(get(server, "/health/live")[0], 200)
            self.assertEqual(get(server, "/health/ready")[0], 200)
            self.assertEqual(get(server, "/v1/healtz"), (200, '{"message":"OK"}'))
            self.assertEqual(json.loads(get(server, "/version")[1])["version"],
                             run("version").stdout.split()[-1])
            metrics = get(server, "/metrics")[1]
            self.assertIn('annals_log_position{namespace="default"} 1', metrics)
            self.assertIn('annals_rpc_handled_total{code="0",'
                          'method="annals.v1.EventStore/Append"} 1', metrics)
            self.assertIn('# HELP annals_index_window_events The index lag: ', metrics)
            self.assertIn('annals_index_window_events{namespace="default"} 1', metrics)
            status, problem = get(server, "/nowhere")
            self.assertEqual(status, 404)
            self.assertEqual(json.loads(problem)["status"], 404)

    def test_exit_codes_tell_what_happened(self):
        with Server(None) as server:
            append(server, "order-1")
            stale = server.run("stream", "append", "order-1", "--type", "T", "--expect", "7",
                               check=False)
            self.assertEqual(stale.returncode, 3)
            self.assertIn("revision 0", stale.stdout + stale.stderr)
            self.assertEqual(server.run("stream", "read", "order-9", check=False).returncode, 4)
            self.assertEqual(server.run("stream", "append", "$x", "--type", "T",
                                        check=False).returncode, 1)
            self.assertEqual(run("stream", "frobnicate", check=False).returncode, 2)
        gone = server.run("--timeout", "2s", "stream", "list", check=False)
        self.assertEqual(gone.returncode, 5)

    def test_an_interval_says_that_its_answers_are_not_durable_yet(self):
        with Server(self.folder, "--durability", "interval=50ms") as server:
            answer = json.loads(append(server, "order-1").stdout)
            self.assertFalse(answer["is_durable"])
            arguments = ["-o", "jsonl", "stream", "read", "order-1"]
            read = server.run(*arguments, check=False)
            while read.returncode == 4:  # readers see only what is synced
                read = server.run(*arguments, check=False)
            self.assertEqual(len(read.stdout.splitlines()), 1)

    def test_an_interval_says_what_refusals_and_replays_rest_on(self):
        event = str(uuid.uuid4())
        arguments = ["-o", "json", "stream", "append", "order-1", "--type", "T", "--data", "{}"]
        with Server(self.folder, "--durability", "interval=1m") as server:
            accepted = json.loads(server.run(*arguments, "--id", event).stdout)
            self.assertFalse(accepted["is_durable"])
            refused = server.run(*arguments, "--expect", "none", check=False)
            fields = json.loads(refused.stderr)["error"]["fields"]
            self.assertEqual(fields["is_durable"], "false")
            headers = {"Content-Type": "application/json", "If-None-Match": "*"}
            connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=30)
            connection.request("POST", "/v1/streams/order-1",
                               json.dumps({"type": "T", "data": {}}), headers)
            answer = connection.getresponse()
            problem = json.loads(answer.read())
            connection.close()
            self.assertEqual(answer.status, 412)
            self.assertEqual(problem["fields"]["is_durable"], "false")
        # The server's end has synced it.
        with Server(self.folder, "--durability", "interval=1m") as server:
            replayed = json.loads(server.run(*arguments, "--id", event).stdout)
            self.assertTrue(replayed["is_replay"])
            self.assertTrue(replayed["is_durable"])
            refused = server.run(*arguments, "--expect", "none", check=False)
            self.assertNotIn("is_durable", json.loads(refused.stderr)["error"].get("fields", {}))


@unittest.skipUnless(os.geteuid() == 0, "mounting a small disk needs root")
class FullDiskTest(unittest.TestCase):
    """On a file system of 24 MiB that really fills up."""

    def setUp(self):
        self.mount = pathlib.Path(tempfile.mkdtemp(prefix="annals-full-"))
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", self.mount],
                                 capture_output=True, text=True)
        if mounted.returncode != 0:
            self.mount.rmdir()
            self.skipTest("no tmpfs can be mounted here: " + mounted.stderr.strip())
        self.addCleanup(self.mount.rmdir)
        self.addCleanup(subprocess.run, ["umount", self.mount], check=True)

    def fill(self):
        """Leaves not one page; answers what is to be removed for there to be room."""
        ballast = self.mount / "ballast"
        with open(ballast, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 4096)
            except OSError:
                pass
        return ballast

    def test_appends_fail_typed_reads_go_on_and_appends_return_without_a_restart(self):
        with Server(self.mount / "data", "--log-segment-mib", "1") as server:
            append(server, "order-1", 3)
            ballast = self.fill()
            big = json.dumps({"text": "y" * 100_000})
            stored = 3
            refused = None
            for _ in range(60):
                done = append(server, "order-1", data=big,
                              check=False)
                if done.returncode == 0:
                    stored += 1
                    continue
                refused = done
                break
            self.assertIsNotNone(refused, "the disk fills up at last")
            self.assertIn("disk_full", refused.stdout + refused.stderr)
            events = server.jsonl("stream", "read", "order-1", "--limit", "0")
            self.assertEqual(len(events), stored, "nothing half-written shows, reads go on")
            ballast.unlink()
            again = append(server, "order-1")
            self.assertEqual(json.loads(again.stdout)["revision"], stored)
            self.assertEqual(server.stop(), 0)
        with Server(self.mount / "data") as server:
            events = server.jsonl("stream", "read", "order-1", "--limit", "0")
            self.assertEqual([e["revision"] for e in events], list(range(stored + 1)))
        self.assertEqual(run("store", "verify", self.mount / "data").returncode, 0)

    def test_a_start_on_a_full_disk_reads_and_takes_appends_once_there_is_room(self):
        data = self.mount / "data"
        big = json.dumps({"text": "y" * 2_000_000})
        for ends_cleanly in (True, False):
            with self.subTest(ends_cleanly=ends_cleanly):
                stream = f"order-{ends_cleanly}"
                server = Server(data, "--log-segment-mib", "1")
                append(server, stream, 3)
                if ends_cleanly:
                    self.assertEqual(server.stop(), 0)
                else:
                    server.kill()
                ballast = self.fill()
                with Server(data, "--log-segment-mib", "1") as server:
                    events = server.jsonl("stream", "read", stream, "--limit", "0")
                    self.assertEqual(len(events), 3)
                    self.assertTrue([entry for entry in server.entries(
                        "the disk is full: the index is in memory until the next start, appends "
                        "fail until there is room") if entry["log"] == "default"])
                    refused = server.run("-o", "json", "stream", "append", stream, "--type", "T",
                                         "--data", "-", stdin=big, check=False)
                    self.assertIn("disk_full", refused.stdout + refused.stderr)
                    ballast.unlink()
                    again = append(server, stream)
                    self.assertEqual(json.loads(again.stdout)["revision"], 3)
                    ballast = self.fill()
                    self.assertEqual(server.stop(), 0, "an orderly end, though it takes no note")
                    ballast.unlink()
        with Server(data) as server:
            self.assertEqual(
                len(server.jsonl("stream", "read", "--all", "--limit", "0")), 8)
        self.assertEqual(run("store", "verify", data).returncode, 0)


@unittest.skipUnless(os.geteuid() == 0, "mounting needs root")
class ReadOnlyDiskTest(unittest.TestCase):
    """On a file system that is mounted read-only, as after its disk's errors or of a snapshot."""

    def setUp(self):
        self.mount = pathlib.Path(tempfile.mkdtemp(prefix="annals-ro-"))
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", self.mount],
                                 capture_output=True, text=True)
        if mounted.returncode != 0:
            self.mount.rmdir()
            self.skipTest("no tmpfs can be mounted here: " + mounted.stderr.strip())
        self.addCleanup(self.mount.rmdir)
        self.addCleanup(subprocess.run, ["umount", self.mount], check=True)

    def remount(self, how):
        subprocess.run(["mount", "-o", f"remount,{how}", self.mount], check=True)

    def events(self, server):
        return [(e["stream"], e["revision"], e["position"], e["id"])
                for e in server.jsonl("stream", "read", "--all", "--limit", "0")]

    def test_the_server_starts_reads_and_says_why_it_takes_no_appends(self):
        data = self.mount / "data"
        for ends_cleanly in (True, False):
            with self.subTest(ends_cleanly=ends_cleanly):
                server = Server(data)
                append(server, "order-1", 3)
                append(server, "cart-1", 2)
                before = self.events(server)
                streams = server.json("stream", "list")
                if ends_cleanly:
                    self.assertEqual(server.stop(), 0)
                else:
                    server.kill()
                self.remount("ro")
                with Server(data) as server:
                    self.assertEqual(self.events(server), before)
                    self.assertEqual(server.json("stream", "list"), streams)
                    refused = append(server, "order-1", check=False)
                    self.assertNotEqual(refused.returncode, 0)
                    self.assertIn("read_only", refused.stdout + refused.stderr)
                    self.assertIn("mounted read-only", refused.stdout + refused.stderr)
                    status, body = get(server, "/health/ready")
                    self.assertEqual(status, 200)
                    self.assertIn("mounted read-only", body)
                    self.assertEqual(server.stop(), 0)
                self.remount("rw")
        with Server(data) as server:
            self.assertEqual(self.events(server), before)
            append(server, "order-1")


if __name__ == "__main__":
    program()
    unittest.main()
