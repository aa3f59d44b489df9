# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The store is cut off, restarted, stalled; the service is killed and stopped."""

import pathlib
import socket
import subprocess
import tempfile
import threading
import time
import unittest

import grpc
from proxy import Proxy
from users import service_pb2 as users_pb2
from users_client import Code, Users, new_email, originator, start_users

from annals_server import Server

SECONDS_MAX = 60


class FaultsTest(unittest.TestCase):
    """A store on disk behind a proxy, and a service that knows the proxy alone."""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "data"
        self.server = Server(self.folder)
        self.addCleanup(lambda: self.server.stop())
        self.proxy = Proxy(lambda: ("127.0.0.1", self.server.grpc_port))
        self.addCleanup(self.proxy.close)

    def start(self, flags=("--timeout-ms", "1500")):
        sample = start_users(self.proxy.address, *flags)
        self.addCleanup(sample.stop)
        users = Users(sample.ports["grpc"])
        self.addCleanup(users.close)
        return sample, users

    def until_ready(self, sample):
        end = time.monotonic() + SECONDS_MAX
        while sample.ask("GET", "/health/ready")[0] != 200:
            self.assertLess(time.monotonic(), end, "the service did not come back")

    def unavailable(self, call, *arguments):
        with self.assertRaises(grpc.RpcError) as caught:
            call(*arguments)
        self.assertEqual(caught.exception.code(), Code.UNAVAILABLE, caught.exception.details())

    def test_says_that_the_store_is_away_and_goes_on_when_it_is_back(self):
        sample, users = self.start()
        id = users.create(new_email(), "Ada").originator.id
        for take_away in (self.proxy.cut, self.proxy.stall):
            take_away()
            status, header, content = sample.ask("GET", f"/v1/users?id={id}")
            self.assertEqual((status, content["code"]), (503, "unavailable"), content)
            self.assertEqual(header["Retry-After"], "1")
            self.assertEqual(sample.ask("POST", "/v1/users", {"email": new_email()})[0], 503)
            self.assertEqual(sample.ask("GET", "/v1/health")[0], 503)
            self.assertEqual(sample.ask("GET", "/health/ready")[0], 503)
            self.assertEqual(sample.ask("GET", "/health/live")[0], 200)
            status, _, content = sample.ask("GET", "/v1/healtz")
            self.assertEqual((status, content["code"], content["error"]),
                             (503, 14, content["message"]))
            self.unavailable(users.get, id)
            self.unavailable(users.create, new_email())
            self.proxy.heal()
            self.until_ready(sample)
            self.assertEqual(users.get(id).first_name, "Ada")

    def test_says_so_soon(self):
        def least_seconds(call):
            # the least of some: what else the machine does makes a call longer, never shorter
            taken = []
            for _ in range(2):
                begun = time.monotonic()
                call()
                taken.append(time.monotonic() - begun)
            return min(taken)

        for flags, seconds in ((), 1), (("--timeout-ms", "300"), 0.3):
            sample, users = self.start(flags)
            self.until_ready(sample)
            id = users.create(new_email(), "Ada").originator.id
            self.proxy.stall()
            for call in (
                    lambda: self.assertEqual(sample.ask("GET", f"/v1/users?id={id}")[0], 503),
                    lambda: self.assertEqual(
                        sample.ask("PUT", f"/v1/users?id={id}", {"email": new_email()})[0], 503),
                    lambda: self.unavailable(users.get, id),
                    lambda: self.unavailable(users.create, new_email())):
                self.assertLess(least_seconds(call), seconds + 1)
            self.proxy.heal()

    def test_outlives_a_restart_of_the_store(self):
        sample, users = self.start()
        email = new_email()
        id = users.create(email, "Ada").originator.id
        for round in range(3):
            if round % 2:
                self.server.kill()
            else:
                self.server.stop()
            self.server = Server(self.folder)
            self.until_ready(sample)
            self.assertEqual(users.get(id).first_name, "Ada")
            with self.assertRaises(grpc.RpcError) as caught:
                users.create(email)
            self.assertEqual(caught.exception.code(), Code.ALREADY_EXISTS)

    def test_starts_without_the_store(self):
        self.proxy.cut()
        sample, users = self.start()
        self.assertEqual(sample.ask("GET", "/health/ready")[0], 503)
        self.proxy.heal()
        self.until_ready(sample)
        users.create(new_email())

    def test_a_create_that_was_cut_is_stored_once_or_not_at_all(self):
        sample, users = self.start()
        stop = threading.Event()

        def cut_again_and_again():
            while not stop.wait(0.02):
                self.proxy.reset()

        cutter = threading.Thread(target=cut_again_and_again)
        cutter.start()
        made, unknown = [], []
        for _ in range(60):
            email = new_email()
            try:
                made.append((email, users.create(email).originator.id))
            except grpc.RpcError as error:
                self.assertEqual(error.code(), Code.UNAVAILABLE)
                unknown.append(email)
        stop.set()
        cutter.join()
        self.assertTrue(made)
        self.until_ready(sample)
        for email, id in made:
            tagged = self.server.jsonl("stream", "read", "--tag", f"email:{email}")
            self.assertEqual([one["stream"] for one in tagged], [f"contracts.users.User-{id}"])
        for email in unknown:
            tagged = self.server.jsonl("stream", "read", "--tag", f"email:{email}")
            self.assertLessEqual(len(tagged), 1)

    def test_killed_it_loses_and_doubles_nothing(self):
        answered = {}
        for round in range(5):
            sample, users = self.start()
            threads = []
            errors = set()
            lock = threading.Lock()
            enough = threading.Semaphore(0)

            def create(users=users, errors=errors, lock=lock, enough=enough):
                while True:
                    email = new_email()
                    try:
                        id = users.create(email).originator.id
                    except grpc.RpcError as error:
                        errors.add(error.code())
                        return
                    with lock:
                        answered[email] = id
                    enough.release()

            threads = [threading.Thread(target=create) for _ in range(4)]
            for thread in threads:
                thread.start()
            for _ in range(8 + round):
                self.assertTrue(enough.acquire(timeout=SECONDS_MAX))
            sample.kill()
            for thread in threads:
                thread.join()
            # that the connection is gone, in whichever words; nothing was refused
            self.assertFalse(errors & {Code.ALREADY_EXISTS, Code.INTERNAL, Code.INVALID_ARGUMENT})
        sample, users = self.start()
        for email, id in answered.items():
            self.assertEqual(users.get(id).email, email)
        created = self.server.jsonl("stream", "read", "--type", "contracts.users.User.Created",
                                    "--limit", "0")
        emails = [one["data"]["email"] for one in created]
        self.assertEqual(len(emails), len(set(emails)))
        self.assertLessEqual(set(answered), set(emails))

    def test_ends_with_sigterm_once_calls_are_answered(self):
        sample, users = self.start()
        id = users.create(new_email()).originator.id
        self.proxy.stall()
        asked = users.Get.future(users_pb2.GetRequest(originator=originator(id)),
                                 timeout=SECONDS_MAX)
        begun = 'grpc_server_started_total{grpc_method="Get"'
        end = time.monotonic() + SECONDS_MAX
        while begun not in sample.ask("GET", "/metrics")[2]:
            self.assertLess(time.monotonic(), end)
        self.assertEqual(sample.stop(), 0)
        # what the service says of the store, not what a closed door gives
        self.assertEqual(asked.code(), Code.UNAVAILABLE)
        self.assertTrue(asked.details().startswith("getting entity failed : "), asked.details())

    def test_says_what_it_wants_and_what_it_took(self):
        program = self.start()[0].process.args[0]
        shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
        self.assertRegex(shown.stdout, r"^annals-users \d+\.\d+\.\d+\n$")
        shown = subprocess.run([program, "--help"], capture_output=True, text=True, check=True)
        for flag in ("--store", "--grpc", "--http", "Example:"):
            self.assertIn(flag, shown.stdout)
        for flags in (["--store", "nonsense"], ["--grpc", "nonsense"], ["--http", "127.0.0.1"],
                      ["--unknown"]):
            done = subprocess.run([program, *flags], capture_output=True, text=True, check=False,
                                  timeout=SECONDS_MAX)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(flags[-1], done.stderr + done.stdout)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            for door in ("grpc", "http"):
                other = "http" if door == "grpc" else "grpc"
                done = subprocess.run(
                    [program, f"--{door}", f"127.0.0.1:{port}", f"--{other}", "127.0.0.1:0"],
                    capture_output=True, text=True, check=False, timeout=SECONDS_MAX)
                self.assertEqual(done.returncode, 1, done.stderr)


if __name__ == "__main__":
    unittest.main()
