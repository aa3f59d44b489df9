#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""kill -9 of members, of the server and of both while a consumer group works.

    group_rounds.py --rounds 20 [--seed N] --worker PATH      (ANNALS_PROGRAM: the server)

Members write a result and `tracking` in one append, then acknowledge; one in twenty deliveries
fails and is retried. At the end each event has exactly one result, and those of a key are in order.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from annals_server import Server  # noqa: E402

EVENTS_PER_ROUND = 400
KEYS = 40
MEMBERS = 3
CATCH_UP_SECONDS_MAX = 120


class Rounds:
    def __init__(self, worker, seed, folder):
        self.worker = worker
        self.random = random.Random(seed)
        self.folder = folder
        self.members = {}
        self.loaded = 0
        self.kills = {"member": 0, "server": 0, "both": 0}
        self.server = Server(folder)

    def start_member(self, name):
        self.members[name] = subprocess.Popen(
            [self.worker, "work", self.server.address, "billing", name,
             str(self.random.randrange(1 << 30))],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill_member(self, name):
        self.members[name].kill()
        self.members[name].wait()

    def revive_members(self):
        for name, process in self.members.items():
            if process.poll() is not None:
                self.start_member(name)

    def start_load(self):
        return subprocess.Popen(
            [self.worker, "load", self.server.address, str(self.loaded), str(EVENTS_PER_ROUND),
             str(KEYS)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def restart_server(self):
        self.server.kill()
        self.server = Server(self.folder)

    def round(self):
        load = self.start_load()
        for _ in range(self.random.randrange(1, 4)):
            # The moment is what is random here; nothing is waited for.
            time.sleep(self.random.uniform(0.01, 0.3))
            what = self.random.choice(["member", "member", "server", "both"])
            self.kills[what] += 1
            if what in ("member", "both"):
                self.kill_member(self.random.choice(list(self.members)))
            if what in ("server", "both"):
                self.restart_server()
                load.wait()
                for name in self.members:
                    self.kill_member(name)
                load = self.start_load()
            self.revive_members()
        while load.wait() != 0:
            load = self.start_load()
        self.loaded += EVENTS_PER_ROUND

    def status(self):
        return self.server.json("group", "show", "billing")

    def catch_up(self):
        until = time.monotonic() + CATCH_UP_SECONDS_MAX
        while True:
            self.revive_members()
            status = self.status()
            if status["behind"] == 0 and status["is_behind_exact"] and status["in_flight"] == 0:
                return status
            if time.monotonic() > until:
                raise AssertionError("the group does not catch up: " + json.dumps(status))
            time.sleep(0.05)

    def run(self, rounds):
        self.server.run(
            "group", "create", "billing", "--category", "work", "--attempts", "100000",
            "--ack-deadline-ms", "2000", "--retry-base-ms", "1", "--retry-max-ms", "5",
            "--checkpoint-ms", "50")
        for i in range(MEMBERS):
            self.start_member(f"m{i}")
        for _ in range(rounds):
            self.round()
        status = self.catch_up()
        if status["parked_events"] != 0:
            raise AssertionError("events are parked: " + json.dumps(status))
        subprocess.run([self.worker, "check", self.server.address, str(self.loaded)], check=True)
        return status

    def close(self):
        for process in self.members.values():
            process.kill()
            process.wait()
        self.server.kill()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--worker", required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        rounds = Rounds(arguments.worker, arguments.seed, pathlib.Path(scratch) / "data")
        try:
            status = rounds.run(arguments.rounds)
        except Exception as error:
            print(f"seed {arguments.seed}: {error}", file=sys.stderr)
            return 1
        finally:
            rounds.close()
    print(f"seed {arguments.seed}: {rounds.loaded} events, kills {rounds.kills}, "
          f"redelivered by the last server {status['redelivered']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
