#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Kills a server in the middle of scavenges and asks whether anything visible is lost or changed.

    scavenge_rounds.py --rounds 20 [--seed N]

A round starts a server with small segments, appends to streams of which some keep their last events
alone, begins a scavenge and kills the server with SIGKILL a random moment later. After each start
every stream must show what was acknowledged; at the end `annals store verify` must find the folder
whole, and scavenges must have removed and folded something.
"""

import argparse
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import annals_server  # noqa: E402

KEPT = 3
STREAMS = ["kept-1", "kept-2", "doomed-1", "doomed-2", "doomed-3"]


def start(folder):
    """Small segments; what is removed is forgotten, and folded, by the next run."""
    return annals_server.Server(folder, "--log-segment-mib", "1", "--scavenge-keep-stubs", "0s")


class Model:
    """What each stream must show: of a doomed one its last events alone."""

    def __init__(self):
        self.acknowledged = {stream: [] for stream in STREAMS}
        self.last_kept = None  # the last append to a stream that keeps all: stream, key, events

    def shown(self, stream):
        events = self.acknowledged[stream]
        return events[-KEPT:] if stream.startswith("doomed") else events


def call(server, method, path, body=None, **headers):
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.http_port}{path}",
        data=None if body is None else json.dumps(body).encode(),
        method=method,
        headers={"Content-Type": "application/json", **headers},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def append(server, model, stream, rng, count):
    texts = [f"{rng.random()}" + "x" * rng.randrange(2000) for _ in range(count)]
    events = [{"type": "happened", "data": {"text": text}} for text in texts]
    key = f"append-{rng.getrandbits(64):x}"
    path = f"/v1/streams/{stream}"
    call(server, "POST", path, {"events": events}, **{"Idempotency-Key": key})
    model.acknowledged[stream] += texts
    if not stream.startswith("doomed"):
        model.last_kept = (path, key, events)


def read(server, stream):
    events = server.jsonl("stream", "read", stream, "--limit", "0")
    return [event["data"]["text"] for event in events]


def check_rules(server, model):
    """A retry is none the less a retry, and an old expectation fails."""
    if model.last_kept is None:
        return
    path, key, events = model.last_kept
    call(server, "POST", path, {"events": events}, **{"Idempotency-Key": key})  # check() reads
    try:
        call(server, "POST", path, {"events": events}, **{"If-None-Match": "*"})
    except urllib.error.HTTPError as refused:
        if refused.code != 412:
            raise SystemExit(f"an append to a new {path} answers {refused.code}") from refused
    else:
        raise SystemExit(f"{path} was taken for a stream that is not there")


def check(server, model):
    check_rules(server, model)
    for stream in STREAMS:
        wanted = model.shown(stream)
        if not wanted:
            continue
        found = read(server, stream)
        if found != wanted:
            raise SystemExit(
                f"{stream} shows {len(found)} events, {len(wanted)} were acknowledged and visible"
            )


def run(rounds, seed):
    rng = random.Random(seed)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="annals-scavenge-crash-"))
    model = Model()
    killed_while_running = 0
    removed = 0
    folded = 0
    for number in range(rounds):
        server = start(folder)
        try:
            check(server, model)
            if number == 0:
                for stream in STREAMS:
                    append(server, model, stream, rng, 1)
                    if stream.startswith("doomed"):
                        server.run("stream", "metadata", "set", stream, "--max-count", str(KEPT))
            for _ in range(20):
                append(server, model, rng.choice(STREAMS), rng, 100)
            # Every other run is slow enough to be killed in, whatever else the machine does.
            throttle = ["--throttle", "3"] if number % 2 == 0 else []
            begun = server.run("store", "scavenge", *throttle, check=False)
            # The run that the last kill interrupted may be going on: as good as a new one.
            if begun.returncode != 0 and "scavenge_running" not in begun.stderr:
                raise SystemExit(f"a scavenge does not begin: {begun.stderr}")
            # A moment of a running scavenge, appends beside it.
            until = time.monotonic() + rng.uniform(0, 0.4)
            while time.monotonic() < until:
                append(server, model, rng.choice(STREAMS), rng, 20)
            status = server.json("store", "scavenge", "status")
            killed_while_running += status["state"] == "running"
            removed += status.get("removed_events", 0)
            folded += status.get("folded_events", 0)
        finally:
            server.kill()
    wanted = max(1, rounds // 4)
    if killed_while_running < wanted:
        raise SystemExit(f"{killed_while_running} kills of {rounds} fell into a scavenge, not "
                         f"{wanted}: too little was tried")
    server = start(folder)
    try:
        check(server, model)
        deadline = time.monotonic() + 60
        while server.json("store", "scavenge", "status")["state"] == "running":
            if time.monotonic() > deadline:
                raise SystemExit("a scavenge that went on after the start does not end")
            threading.Event().wait(0.05)
        last = server.json("store", "scavenge", "--wait")
        if last["state"] != "done":
            raise SystemExit(f"the last scavenge: {last}")
        removed += last["removed_events"]
        folded += last["folded_events"]
        check(server, model)
    finally:
        server.kill()
    for index in folder.rglob("index"):
        shutil.rmtree(index)
    server = start(folder)
    try:
        check(server, model)
    finally:
        server.kill()
    verified = subprocess.run(
        [annals_server.program(), "store", "verify", str(folder)], capture_output=True, text=True
    )
    if verified.returncode != 0:
        raise SystemExit(f"seed {seed}, folder {folder}:\n{verified.stdout}{verified.stderr}")
    leftovers = [str(path) for path in folder.rglob("*.scavenged.tmp")]
    if leftovers or removed == 0 or folded == 0:
        raise SystemExit(f"left over: {leftovers}; removed: {removed}; folded: {folded}")
    shutil.rmtree(folder)
    print(f"{rounds} rounds, {killed_while_running} killed in a running scavenge, "
          f"{sum(map(len, model.acknowledged.values()))} events, {removed} removed, "
          f"{folded} folded")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args()
    print("seed", options.seed, flush=True)
    run(options.rounds, options.seed)


if __name__ == "__main__":
    main()
