#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""A consumer group of 32 members through whatever may happen to it.

    group_rounds.py --rounds 20 [--seed N] [--keys 40] [--events 300] [--poison-of 10] --worker PATH
                                                              (ANNALS_PROGRAM: the server)

kill -9 of members, of the server, whose members live on and join the next one, and of both; members
that are stopped beyond their deadline and go on as zombies; pauses of the group; events that fail,
park their key and are retried, mended or skipped by an administrator, whose calls the kills meet,
too. Members write a result and `tracking`
in one append, then acknowledge. The model: each event has exactly one result, with the data that
was to be delivered, but for those that the administrator skipped, which have none; the results of a
key are in the order of its events; late acknowledgements of zombies are refused.
"""

import argparse
import http.client
import json
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from annals_server import Server  # noqa: E402
from kept_port import KeptPort  # noqa: E402

PROCESSES = 8
MEMBERS_EACH = 4
DEADLINE_MS = 1_000
POISON = 7  # group_worker.cpp: what is left when such a number is divided
CATCH_UP_SECONDS_MAX = 240


class Refused(Exception):
    """An answer that is no success; args: status, body."""


class Administrator(threading.Thread):
    """Looks after what is parked, until it is told to end. Notes what it did."""

    def __init__(self, rounds, seed):
        super().__init__(daemon=True)
        self.rounds = rounds
        self.random = random.Random(seed)
        self.plans = {}       # position of a poison event -> "skipped" or "mended"
        self.told = {}        # the same, once it is done
        self.done = {"retried": 0, "skipped": 0, "mended": 0, "unknown": 0}
        self.ending = threading.Event()
        self.failure = None

    def run(self):
        try:
            while not self.ending.wait(0.02):
                for parked in self.ask("GET", "parked")["parked"]:
                    if self.ending.is_set():
                        break
                    self.look_after(parked["position"])
        except Exception as error:  # told by the main thread
            self.failure = error

    def call(self, method, path, body=None):
        server = self.rounds.server
        connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=30)
        try:
            connection.request(method, ("/v1/groups/billing/" + path).rstrip("/"), body,
                               {"Actor": "administrator", "Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status >= 300:
            raise Refused(answer.status, text.decode())
        return json.loads(text) if text else None

    def ask(self, method, path, body=None, missing=None):
        """Until there is an answer; `missing` where the parked event is not there any more."""
        while True:
            try:
                return self.call(method, path, body)
            except Refused as refused:
                status, text = refused.args
                if status == 404 and missing is not None and "parked_event_not_found" in text:
                    return missing
                if status < 500 and not (status == 409 and "group_state" in text):
                    raise
            except (OSError, http.client.HTTPException):
                if method != "GET":
                    self.done["unknown"] += 1
            time.sleep(0.02)  # the server is starting

    def skipped(self):
        """Positions that the history says were skipped."""
        found, path = set(), "history?limit=1000"
        while True:
            page = self.ask("GET", path)
            for one in page["entries"]:
                if one["deed"] == "skipped":
                    found.update(one["positions"])
            if "next" not in page:
                return found
            path = "history?limit=1000&after=" + page["next"]

    def look_after(self, at):
        details = self.ask("GET", f"parked/{at}", missing={})
        if not details:
            return  # a kill came before it was written down: it will be given out again
        data = details["event"].get("data")
        if not isinstance(data, int) or data % self.rounds.poison_of != POISON:
            # A bad day, or mended already.
            self.ask("POST", "parked/retry", json.dumps({"positions": [at]}),
                     missing={"changed": 0})
            self.done["retried"] += 1
            return
        if at in self.told:
            raise AssertionError(f"position {at} was {self.told[at]} and is parked as it was")
        plan = self.plans.setdefault(at, self.random.choice(["skipped", "mended"]))
        if plan == "skipped":
            body = json.dumps({"positions": [at], "reason": "poison"})
            answer = self.ask("POST", "parked/skip", body, missing={"changed": 0})
            # Not there: skipped by a call whose answer a kill took, or not parked yet after all.
            if answer["changed"] == 0 and at not in self.skipped():
                return
        else:
            gone = self.ask("PUT", f"parked/{at}?reason=poison", f"mended {data}", missing={})
            if gone is not None:
                return
            self.ask("POST", "parked/retry", json.dumps({"positions": [at]}),
                     missing={"changed": 0})
        self.told[at] = plan
        self.done[plan] += 1


class Rounds:
    def __init__(self, arguments, folder):
        self.worker = arguments.worker
        self.keys = arguments.keys
        self.events = arguments.events
        self.poison_of = arguments.poison_of
        self.random = random.Random(arguments.seed)
        self.folder = folder
        self.late = folder / "late"
        self.told = folder / "told"
        self.late.touch()
        self.members = {}
        self.stopped = {}  # name -> when it may go on
        self.loaded = 0
        self.survived = 0
        self.counts = {"member": 0, "server": 0, "both": 0, "zombie": 0, "pause": 0}
        self.port = KeptPort()
        self.server = Server(folder / "data", grpc_port=self.port.number)
        self.administrator = Administrator(self, self.random.randrange(1 << 30))

    def start_member(self, name):
        self.stopped.pop(name, None)
        self.members[name] = subprocess.Popen(
            [self.worker, "work", self.server.address, "billing", name,
             str(self.random.randrange(1 << 30)), str(MEMBERS_EACH), str(self.late),
             str(self.poison_of)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill_member(self, name):
        self.members[name].kill()
        self.members[name].wait()

    def revive_members(self):
        for name, process in self.members.items():
            if process.poll() is not None:
                self.start_member(name)

    def stop_member(self, name):
        """It goes on once its deadline is over: a zombie."""
        self.members[name].send_signal(signal.SIGSTOP)
        self.stopped[name] = time.monotonic() + 2 * DEADLINE_MS / 1000

    def wake_zombies(self, all_of_them=False):
        for name in list(self.stopped):
            if all_of_them or time.monotonic() >= self.stopped[name]:
                self.members[name].send_signal(signal.SIGCONT)
                del self.stopped[name]

    def start_load(self):
        return subprocess.Popen(
            [self.worker, "load", self.server.address, str(self.loaded), str(self.events),
             str(self.keys)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def restart_server(self):
        """kill -9; the next one has its address, for those that live on."""
        self.server.kill()
        self.server = Server(self.folder / "data", grpc_port=self.port.number)

    def pause(self):
        self.administrator.ask("POST", "pause", "{}")
        time.sleep(self.random.uniform(0.01, 0.2))
        self.administrator.ask("POST", "resume", "{}")

    def round(self):
        load = self.start_load()
        for _ in range(self.random.randrange(2, 5)):
            # The moment is what is random here; nothing is waited for.
            time.sleep(self.random.uniform(0.01, 0.4))
            self.wake_zombies()
            what = self.random.choice(["member", "member", "server", "both", "zombie", "zombie",
                                       "pause"])
            self.counts[what] += 1
            if what == "pause":
                self.pause()
            if what == "zombie":
                awake = [name for name in self.members if name not in self.stopped]
                if awake:
                    self.stop_member(self.random.choice(awake))
            if what == "member":
                self.kill_member(self.random.choice(list(self.members)))
            if what in ("server", "both"):
                self.restart_server()
                load.wait()
                if what == "both":
                    for name in self.members:
                        self.kill_member(name)
                load = self.start_load()
            self.revive_members()
        while load.wait() != 0:
            load = self.start_load()
        self.loaded += self.events

    def survivors_with_work(self):
        """kill -9 of the server while members have something in hand; they join the next one."""
        self.revive_members()
        before = dict(self.members)
        in_hand = 0
        while in_hand == 0:
            load = self.start_load()
            while load.poll() is None and in_hand == 0:
                in_hand = self.status()["in_flight"]
            for process in before.values():
                process.send_signal(signal.SIGSTOP)
            in_hand = self.status()["in_flight"]
            if in_hand > 0:
                self.restart_server()
            for process in before.values():
                process.send_signal(signal.SIGCONT)
            while load.wait() != 0:
                load = self.start_load()
            self.loaded += self.events
        self.survived = in_hand
        self.catch_up()
        if self.members != before or any(p.poll() is not None for p in before.values()):
            raise AssertionError("a member did not live on")
        joined = {one["name"].partition(".")[0] for one in self.members_of_the_group()}
        if not joined >= set(before):
            raise AssertionError(f"only {joined} joined the next server")

    def members_of_the_group(self):
        return self.administrator.ask("GET", "")["members"]

    def zombie_with_work(self):
        """Stops a process while it has something in hand, and wakes it when that is over."""
        until = time.monotonic() + CATCH_UP_SECONDS_MAX
        before = self.refused()
        while self.refused() == before:
            if time.monotonic() > until:
                raise AssertionError("no late acknowledgement was refused")
            self.loaded_more()
            name = self.random.choice(list(self.members))
            self.stop_member(name)
            time.sleep(2 * DEADLINE_MS / 1000)
            self.wake_zombies(True)
            # What it says late comes within a moment, or it had nothing in hand.
            for _ in range(40):
                if self.refused() != before:
                    return
                time.sleep(0.02)
            self.revive_members()

    def loaded_more(self):
        while self.start_load().wait() != 0:
            self.revive_members()
        self.loaded += self.events

    def refused(self):
        return len(self.late.read_text().splitlines())

    def status(self):
        return self.server.json("group", "show", "billing")

    def catch_up(self):
        until = time.monotonic() + CATCH_UP_SECONDS_MAX
        self.wake_zombies(True)
        while True:
            self.revive_members()
            if self.administrator.failure is not None:
                raise self.administrator.failure
            status = self.status()
            if (status["behind"] == 0 and status["is_behind_exact"] and status["in_flight"] == 0
                    and status["parked_events"] == 0):
                return status
            if time.monotonic() > until:
                raise AssertionError("the group does not catch up: " + json.dumps(status))
            time.sleep(0.05)

    def check(self):
        names = set(self.late.read_text().split())
        if not names <= {"delivery_over"}:
            raise AssertionError(f"refused with {names}")
        told = self.administrator.told
        self.told.write_text("".join(f"{what} {at}\n" for at, what in sorted(told.items())))
        subprocess.run([self.worker, "check", self.server.address, str(self.loaded),
                        str(self.told)], check=True)
        self.check_history()

    def check_history(self):
        """The history has each skip and each edit, with who and why."""
        entries = self.server.json("group", "history", "billing", "--limit", "0")
        for deed, what in (("skipped", "skipped"), ("edited", "mended")):
            found = {at for one in entries if one["deed"] == deed for at in one["positions"]}
            wanted = {at for at, plan in self.administrator.told.items() if plan == what}
            if found != wanted:
                raise AssertionError(f"{deed} in the history and not done, or the reverse: "
                                     f"{found ^ wanted}")
            for one in entries:
                if one["deed"] == deed and (one["actor"], one["reason"]) != ("administrator",
                                                                             "poison"):
                    raise AssertionError(f"nobody did this: {one}")

    def run(self, rounds):
        self.server.run(
            "group", "create", "billing", "--category", "work", "--attempts", "20",
            "--ack-deadline-ms", str(DEADLINE_MS), "--retry-base-ms", "1", "--retry-max-ms", "5",
            "--checkpoint-ms", "50")
        for i in range(PROCESSES):
            self.start_member(f"m{i}")
        self.administrator.start()
        for _ in range(rounds):
            self.round()
        self.wake_zombies(True)
        self.zombie_with_work()
        self.survivors_with_work()
        status = self.catch_up()
        self.administrator.ending.set()
        self.administrator.join()
        if self.administrator.failure is not None:
            raise self.administrator.failure
        self.check()
        met = {"parked": len(self.administrator.told), "zombies": self.refused(),
               "in hand when the server was killed": self.survived}
        if not all(met.values()):
            raise AssertionError(f"not all of it was met: {met}")
        return status

    def close(self):
        self.administrator.ending.set()
        for process in self.members.values():
            process.kill()
            process.wait()
        self.server.kill()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--keys", type=int, default=40)
    parser.add_argument("--events", type=int, default=300, help="of a round")
    parser.add_argument("--poison-of", type=int, default=10, help="one of so many events")
    parser.add_argument("--worker", required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        rounds = Rounds(arguments, pathlib.Path(scratch))
        try:
            status = rounds.run(arguments.rounds)
        except Exception as error:
            print(f"seed {arguments.seed}: {error!r}", file=sys.stderr)
            return 1
        finally:
            rounds.close()
    print(f"seed {arguments.seed}: {rounds.loaded} events, {rounds.counts}, "
          f"late acknowledgements refused {rounds.refused() if rounds.late.exists() else '-'}, "
          f"parked events {rounds.administrator.done}, "
          f"in hand when the server was killed {rounds.survived}, "
          f"redelivered by the last server {status['redelivered']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
