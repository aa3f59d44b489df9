# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The program as a whole against folders, locks, signals, damaged bytes and full disks."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request

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

    def test_the_index_folder_may_be_deleted(self):
        with Server(self.folder) as server:
            append(server, "order-1", 3)
            append(server, "cart-1", 2)
            before = self.events(server)
            streams = server.json("stream", "list")
        for index in (self.folder / "namespaces").glob("*/index"):
            shutil.rmtree(index)
        with Server(self.folder) as server:
            self.assertEqual(self.events(server), before)
            self.assertEqual(server.json("stream", "list"), streams)
            one = server.jsonl("stream", "read", "order-1")
            self.assertEqual([e["revision"] for e in one], [0, 1, 2])

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

    def test_appends_fail_typed_reads_go_on_and_appends_return_without_a_restart(self):
        with Server(self.mount / "data", "--log-segment-mib", "1") as server:
            append(server, "order-1", 3)
            ballast = self.mount / "ballast"
            with open(ballast, "wb", buffering=0) as file:
                try:
                    while True:
                        file.write(b"\0" * 65536)
                except OSError:
                    pass
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


if __name__ == "__main__":
    program()
    unittest.main()
