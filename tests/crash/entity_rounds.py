#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""kill -9 of a server while its read model of entities follows, and harm to the model's files.

    entity_rounds.py --rounds 10 [--seed N]      (ANNALS_PROGRAM: the server)

Each round starts the server, compares all lists and counts with what was acknowledged, writes
entities while lists are asked for, and kills it. In between the model's folder is left alone,
deleted, damaged, or the log is set back to an older backup, so that the model is ahead of it.
"""

import argparse
import concurrent.futures
import http.client
import json
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from annals_server import Server  # noqa: E402

ENTITIES_PER_CALL = 100
CALLS_MAX = 30
PADDING = "x" * 1_500  # some rounds fill the model's memory, so that it is written to files
HARMS = ["none", "none", "deleted", "damaged", "backup"]


class Gone(Exception):
    """The server was killed in the middle of a call."""


class Http:
    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def ask(self, method, path, body=None):
        try:
            self.connection.request(method, path, body, {"Content-Type": "application/json"})
            response = self.connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Gone from error
        if response.status not in (200, 201):
            raise AssertionError(f"{method} {path}: {response.status} {answer[:300]}")
        return json.loads(answer)


class Rounds:
    """`known`: what was acknowledged, by id. `maybe`: what the last call would make of some."""

    def __init__(self, seed, folder):
        self.random = random.Random(seed)
        self.folder = folder
        self.data = folder / "data"
        self.known = {}
        self.maybe = {}
        self.backup = None
        self.next_id = 0
        self.harms = dict.fromkeys(HARMS, 0)
        self.from_model = 0
        self.server = None

    # Before the server starts.

    def harm(self):
        what = self.random.choice(HARMS)
        model = self.data / "entity-model"
        if what == "backup" and self.backup is None:
            what = "none"
        self.harms[what] += 1
        if what == "deleted":
            shutil.rmtree(model, ignore_errors=True)
        elif what == "damaged" and model.exists():
            self.damage(self.random.choice(sorted(path for path in model.iterdir())))
        elif what == "backup":
            shutil.rmtree(self.data / "namespaces")
            shutil.copytree(self.folder / "backup", self.data / "namespaces")
            self.known, self.maybe = dict(self.backup), {}
        is_there = (self.data / "namespaces").exists()
        if not is_there or self.maybe or self.random.random() < 0.5:
            return what
        # All that is there is known: a place to come back to.
        shutil.rmtree(self.folder / "backup", ignore_errors=True)
        shutil.copytree(self.data / "namespaces", self.folder / "backup")
        self.backup = dict(self.known)
        return what

    def damage(self, file):
        content = bytearray(file.read_bytes())
        if self.random.random() < 0.3 or len(content) < 64:
            file.write_bytes(content[: len(content) // 2])
            return
        at = self.random.randrange(len(content) - 32)
        content[at : at + 32] = self.random.randbytes(32)
        file.write_bytes(content)

    # While it runs.

    def pages(self, http, query=""):
        path = f"/v1/entities/thing?limit=1000{query}"
        while True:
            page = http.ask("GET", path)
            yield from page["entities"]
            if "next" not in page:
                return
            path = f"/v1/entities/thing?limit=1000{query}&after=" + urllib.parse.quote(page["next"])

    def compare(self, http):
        found = {one["id"]: one["document"] for one in self.pages(http)}
        for name, document in self.maybe.items():
            if found.get(name) == document:
                self.known[name] = document
        self.maybe = {}
        if found != self.known:
            wrong = [name for name in found.keys() | self.known.keys()
                     if found.get(name) != self.known.get(name)]
            raise AssertionError(f"{len(wrong)} entities are not as acknowledged: {wrong[:5]}")
        some = sum(1 for document in self.known.values() if document["n"] == 3)
        filtered = sum(1 for _ in self.pages(http, "&where=" + urllib.parse.quote("n=3")))
        if filtered != some:
            raise AssertionError(f"the filter finds {filtered} entities, not {some}")
        count = http.ask("GET", "/v1/entities/thing?count")["count"]
        if count != len(self.known):
            raise AssertionError(f"{count} entities are counted, not {len(self.known)}")

    def write(self, http):
        """What a call makes is known once it is answered."""
        try:
            for _ in range(self.random.randrange(1, CALLS_MAX)):
                if self.known and self.random.random() < 0.5:
                    name = self.random.choice(list(self.known))
                    document = {"n": self.random.randrange(10), "changed": self.next_id}
                    self.next_id += 1
                    self.maybe = {name: document}
                    http.ask("PUT", f"/v1/entities/thing/{name}", json.dumps(document))
                else:
                    self.maybe = {
                        f"e{self.next_id + i}": {"n": self.random.randrange(10), "text": PADDING}
                        for i in range(ENTITIES_PER_CALL)}
                    self.next_id += ENTITIES_PER_CALL
                    http.ask("POST", "/v1/entities/thing", json.dumps(
                        [{"id": name, "document": document}
                         for name, document in self.maybe.items()]))
                self.known.update(self.maybe)
                self.maybe = {}
        except Gone:
            pass

    def list_until_gone(self):
        http = Http(self.server.http_port)
        try:
            while True:
                for _ in self.pages(http):
                    pass
        except Gone:
            pass

    def count_answers(self):
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.server.http_port, timeout=120)
        connection.request("GET", "/metrics")
        for line in connection.getresponse().read().decode().splitlines():
            if line.startswith("annals_entity_model_listed_total") and 'from="model"' in line:
                self.from_model += int(float(line.split()[-1]))

    def round(self):
        what = self.harm()
        self.server = Server(self.data)
        http = Http(self.server.http_port)
        try:
            self.compare(http)
            self.compare(http)  # now from the model
        except AssertionError as error:
            raise AssertionError(f"after the harm '{what}': {error}") from error
        self.count_answers()
        with concurrent.futures.ThreadPoolExecutor(2) as threads:
            lister = threads.submit(self.list_until_gone)
            writer = threads.submit(self.write, http)
            if self.random.random() < 0.3:
                writer.result()
            # The moment is what is random here; nothing is waited for.
            threading.Event().wait(self.random.uniform(0.0, 0.5))
            self.server.kill()
            writer.result()
            lister.result()

    def run(self, rounds):
        for _ in range(rounds):
            self.round()
        if self.from_model == 0:
            raise AssertionError("no list was answered from the read model")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    seed = arguments.seed
    if seed is None:
        seed = random.SystemRandom().randrange(1 << 32)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="annals-entities-"))
    rounds = Rounds(seed, folder)
    try:
        rounds.run(arguments.rounds)
    except BaseException:
        print(f"seed {seed} failed; its folder stays: {folder}", file=sys.stderr)
        if rounds.server is not None and rounds.server.process.poll() is None:
            rounds.server.kill()
        raise
    shutil.rmtree(folder)
    print(f"{arguments.rounds} rounds, seed {seed}: {len(rounds.known)} entities, "
          f"{rounds.from_model} answered from the model, harms {rounds.harms}")


if __name__ == "__main__":
    main()
