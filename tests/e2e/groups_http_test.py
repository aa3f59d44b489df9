# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Consumer groups over HTTP as members in any language use them: two members, one is killed, its
keys move, it is refused when it comes back; parked, edited, retried; a restart of the server."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

from entities_http_test import Http
from program import Server

# A member that takes what there is, says so, and then hangs with it.
MEMBER = """
import http.client, json, sys, time
def ask(method, path, body=None):
    c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=60)
    c.request(method, path, body, {"Content-Type": "application/json"})
    return json.loads(c.getresponse().read())
url = "/v1/groups/%s/members" % sys.argv[2]
member = ask("POST", url, '{"member":"doomed"}')["member"]
got = []
while not got:
    got = ask("POST", "%s/%d/fetch?wait=30s&limit=1" % (url, member))["deliveries"]
print(json.dumps({"member": member, "deliveries": got}), flush=True)
time.sleep(600)
"""


class Groups(Http):
    def setUp(self):
        self.group = "g" + str(id(self))
        self.url = f"/v1/groups/{self.group}"
        self.prefix = f"c{id(self)}"

    def create(self, **settings):
        settings["filter"] = {"categories": [self.prefix]}
        made = self.ask("PUT", self.url, settings, If_None_Match="*")
        self.assertEqual(made.status, 201, made.text)

    def append(self, key, *numbers):
        for number in numbers:
            made = self.ask("POST", f"/v1/streams/{self.prefix}-{key}",
                            {"type": "placed", "data": {"n": number}})  # fmt: skip
            self.assertEqual(made.status, 201, made.text)

    def join(self, name):
        made = self.ask("POST", self.url + "/members", {"member": name})
        self.assertEqual(made.status, 201, made.text)
        return f"{self.url}/members/{made.json()['member']}"

    def take(self, member, count):
        taken = []
        while len(taken) < count:
            answer = self.ask("POST", member + "/fetch?wait=20s")
            self.assertEqual(answer.status, 200, answer.text)
            self.assertTrue(answer.json()["deliveries"], "no delivery came in time")
            taken += answer.json()["deliveries"]
        self.assertEqual(len(taken), count)
        return taken

    def settle(self, member, deliveries, what="ack"):
        settled = [{"delivery": one["delivery"], "what": what, "reason": "it failed"}
                   for one in deliveries]  # fmt: skip
        answer = self.ask("POST", member + "/settle", {"settle": settled})
        self.assertEqual(answer.status, 200, answer.text)
        return [one["problem"]["code"] for one in answer.json()["refused"]]

    @staticmethod
    def numbers(deliveries):
        return [one["event"]["data"]["n"] for one in deliveries]

    def test_keys_of_a_killed_member_move_and_it_is_refused_when_it_comes_back(self):
        self.create(ack_deadline_ms=500)
        self.append("a", 1, 2)
        doomed = subprocess.Popen(
            [sys.executable, "-c", MEMBER, str(self.server.ready["http_port"]), self.group],
            stdout=subprocess.PIPE, text=True)  # fmt: skip
        try:
            had = json.loads(doomed.stdout.readline())
        finally:
            os.kill(doomed.pid, signal.SIGKILL)
            doomed.wait()
            doomed.stdout.close()
        self.assertEqual(self.numbers(had["deliveries"]), [1])
        other = self.join("other")
        again = self.take(other, 1)
        self.assertEqual((self.numbers(again), again[0]["attempt"]), ([1], 2))
        self.assertEqual(self.settle(other, again), [])
        zombie = f"{self.url}/members/{had['member']}"
        self.assertEqual(self.settle(zombie, had["deliveries"]), ["delivery_over"])
        rest = self.take(other, 1)
        self.assertEqual(self.numbers(rest), [2])
        self.assertEqual(self.settle(other, rest), [])
        status = self.ask("GET", self.url).json()
        self.assertEqual((status["handled"], status["behind"]), (2, 0))

    def test_two_members_share_and_each_key_keeps_its_order(self):
        self.create()
        members = [self.join("x"), self.join("y")]
        keys = [f"k{i}" for i in range(6)]
        for number in range(5):
            for key in keys:
                self.append(key, number)
        seen = {}
        while sum(map(len, seen.values())) < 30:
            for member in members:
                answer = self.ask("POST", member + "/fetch?wait=200ms&limit=2")
                deliveries = answer.json()["deliveries"]
                for one in deliveries:
                    seen.setdefault(one["event"]["stream"], []).append(one["event"]["data"]["n"])
                self.assertEqual(self.settle(member, deliveries), [])
        self.assertEqual(len(seen), 6)
        for stream, numbers in seen.items():
            self.assertEqual(numbers, list(range(5)), stream)

    def test_parked_edited_retried_and_the_command_line_sees_the_same(self):
        self.create(attempts_max=1)
        self.append("a", 1, 2)
        member = self.join("host-1")
        self.assertEqual(self.settle(member, self.take(member, 1), "retry"), [])
        parked = self.ask("GET", self.url + "/parked").json()["parked"]
        self.assertEqual([(one["error"], one["queued"]) for one in parked], [("it failed", 1)])
        place = f"{self.url}/parked/{parked[0]['position']}"
        edited = self.ask("PUT", place + "?reason=a+typing+error", {"n": 10}, Actor="ann")
        self.assertEqual(edited.status, 204, edited.text)
        retried = self.ask("POST", self.url + "/parked/retry", {"all": True}, Actor="ann")
        self.assertEqual(retried.json(), {"changed": 1})
        for number in (10, 2):
            deliveries = self.take(member, 1)
            self.assertEqual(self.numbers(deliveries), [number])
            self.assertEqual(self.settle(member, deliveries), [])
        shown = self.annals("group", "show", self.group, "-o", "json").json()
        self.assertEqual((shown["parked_events"], shown["behind"]), (0, 0))
        kept = self.ask("GET", f"/v1/streams/{self.prefix}-a").json()["events"]
        self.assertEqual([one["data"]["n"] for one in kept], [1, 2], "the log stays as it is")


class Restart(unittest.TestCase):
    ask = Http.ask

    def test_a_member_of_a_server_before_joins_again_and_gets_what_it_had_not_settled(self):
        with tempfile.TemporaryDirectory() as scratch:
            data = pathlib.Path(scratch) / "data"
            self.server = Server(data)
            try:
                self.ask("PUT", "/v1/groups/g", {})
                self.ask("POST", "/v1/streams/a-1", {"type": "t"})
                member = self.ask("POST", "/v1/groups/g/members", {"member": "m"}).json()["member"]
                url = f"/v1/groups/g/members/{member}"
                had = self.ask("POST", url + "/fetch?wait=20s").json()["deliveries"]
                self.assertEqual(len(had), 1)
            finally:
                self.server.kill()
            self.server = Server(data)
            try:
                gone = self.ask("POST", url + "/settle", {"acks": [had[0]["delivery"]]})
                self.assertEqual((gone.status, gone.code), (409, "member_gone"))
                again = self.ask("POST", "/v1/groups/g/members", {"member": "m"}).json()["member"]
                self.assertNotEqual(again, member)
                url = f"/v1/groups/g/members/{again}"
                got = self.ask("POST", url + "/fetch?wait=20s").json()["deliveries"]
                self.assertEqual(got[0]["event"]["id"], had[0]["event"]["id"])
                self.assertNotEqual(got[0]["delivery"], had[0]["delivery"])
            finally:
                self.server.kill()


if __name__ == "__main__":
    unittest.main()
