#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Figures of the Python client, each beside what bare grpcio does in the same run, in turns:

    build/clients/python/venv/bin/python bench/python_client_bench.py [--events 200000] [--rounds 3]
        [--memory]

One JSON line each. Catch-up: a consumer from the start of the log to its end, saving as it goes;
its ceiling is a bare Subscribe with the same batches that only counts. Append: one durable event of
256 bytes, one after the other, and 64 at once; the ceiling is a call to a server that answers with
nothing (`annals bench --null-server`). `of_bare` is the ratio to the same Append by bare grpcio:
what the client itself costs; the rest is the append. `of_sync_and_null`, one after the other: the
ratio to a null call and one fdatasync into written blocks of the same disk, which a durable append
cannot do without. --memory leaves the disk out.
"""

import argparse
import asyncio
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import uuid

TOP = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "tests/support"))

import annals  # noqa: E402
import grpc  # noqa: E402
import grpc.aio  # noqa: E402
from annals import v1  # noqa: E402
from annals_server import Server, program  # noqa: E402

DATA = {"text": "x" * 245}
APPEND_EVENTS = 1000
BATCHES = (100, 1000)
ROUND_TRIPS = 2000
AT_ONCE = 64
NULL_CALL = "/annals.bench.Null/Call"
APPEND = "/annals.v1.EventStore/Append"
SUBSCRIBE = "/annals.v1.EventStore/Subscribe"


class Null:
    """The server that answers with nothing."""

    def __init__(self):
        self._process = subprocess.Popen([program(), "bench", "--null-server"],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self._process.stdout.readline()
        self.address = f"127.0.0.1:{int(line.split()[-1])}"

    def close(self):
        self._process.kill()
        self._process.communicate()


class Disk:
    """A file of written blocks; sync() makes an event's bytes durable in it."""

    BYTES = 16 << 20

    def __init__(self, folder):
        self._file = os.open(folder / "written", os.O_RDWR | os.O_CREAT)
        os.pwrite(self._file, bytes(self.BYTES), 0)
        os.fsync(self._file)
        self._at = 0

    def sync(self):
        os.pwrite(self._file, b"x" * 256, self._at)
        os.fdatasync(self._file)
        self._at = (self._at + 256) % self.BYTES

    def close(self):
        os.close(self._file)


def channel_options():
    return annals.Options().channel_arguments()


def fill(address, events):
    with annals.connect(address) as store:
        for begin in range(0, events, APPEND_EVENTS):
            store.append(f"load-{begin // APPEND_EVENTS % 50}",
                         [annals.NewEvent("Loaded", DATA) for _ in range(APPEND_EVENTS)])


def bare_blocking(address, events, batch):
    with grpc.insecure_channel(address, options=channel_options()) as channel:
        subscribe = channel.unary_stream(
            SUBSCRIBE, request_serializer=v1.SubscribeRequest.SerializeToString,
            response_deserializer=v1.SubscribeResponse.FromString)
        begin, seen = time.perf_counter(), 0
        call = subscribe(v1.SubscribeRequest(batch_events_max=batch))
        for message in call:
            seen += len(message.events)
            if seen >= events:
                break
        taken = time.perf_counter() - begin
        call.cancel()
    return events / taken


async def bare_aio(address, events, batch):
    async with grpc.aio.insecure_channel(address, options=channel_options()) as channel:
        subscribe = channel.unary_stream(
            SUBSCRIBE, request_serializer=v1.SubscribeRequest.SerializeToString,
            response_deserializer=v1.SubscribeResponse.FromString)
        begin, seen = time.perf_counter(), 0
        call = subscribe(v1.SubscribeRequest(batch_events_max=batch))
        while seen < events:
            seen += len((await call.read()).events)
        taken = time.perf_counter() - begin
        call.cancel()
    return events / taken


def consumer_blocking(address, events, batch, name):
    """Event by event: each is handed to a function that looks at its type."""
    seen = 0
    with annals.connect(address) as store:
        consumer = store.consumer(name, batch_events_max=batch)

        def handle(event):
            nonlocal seen
            seen += event.type == "Loaded"
            if seen == events:
                consumer.stop()

        begin = time.perf_counter()
        consumer.run(handle)
        return events / (time.perf_counter() - begin)


async def consumer_aio(address, events, batch, name):
    seen = 0
    async with annals.aio.connect(address) as store:
        consumer = store.consumer(name, batch_events_max=batch)

        async def handle(event):
            nonlocal seen
            seen += event.type == "Loaded"
            if seen == events:
                consumer.stop()

        begin = time.perf_counter()
        await consumer.run(handle)
        return events / (time.perf_counter() - begin)


def ratio_of(values, others):
    """The median of the rounds' ratios; above 1: better than the others."""
    return round(statistics.median(one / other for one, other in zip(values, others)), 3)


def say(figure, unit, values, ceilings, **conditions):
    print(json.dumps({
        "figure": figure, "unit": unit, "value": round(statistics.median(values), 1),
        "ceiling": round(statistics.median(ceilings), 1), "ratio": ratio_of(values, ceilings),
        "rounds": [round(value, 1) for value in values], **conditions}), flush=True)


def catch_up(address, arguments):
    for batch in BATCHES:
        for flavour, bare, consumer in (
            ("blocking", bare_blocking, consumer_blocking),
            ("aio", lambda *a: asyncio.run(bare_aio(*a)),
             lambda *a: asyncio.run(consumer_aio(*a))),
        ):
            values, ceilings = [], []
            for turn in range(arguments.rounds):
                ceilings.append(bare(address, arguments.events, batch))
                values.append(consumer(address, arguments.events, batch,
                                       f"bench-{flavour}-{batch}-{turn}"))
            say(f"python_catch_up_{flavour}", "events/s", values, ceilings,
                batch_events_max=batch, events=arguments.events)


def one_by_one(call):
    """The median of so many, in a second: calls/s."""
    taken = []
    for _ in range(ROUND_TRIPS):
        begin = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begin)
    return 1 / statistics.median(taken)


def both(rates, others):
    """A second of rates that are needed one after the other."""
    return [1 / (1 / one + 1 / other) for one, other in zip(rates, others)]


def bare_append():
    """What a program without the client would send."""
    request = v1.AppendRequest(stream="bench-2")
    request.events.add(type="Loaded", id=uuid.uuid4().bytes, data=json.dumps(DATA).encode())
    return request


def append_blocking(address, null_address, disk, arguments):
    values, ceilings, bares, syncs = [], [], [], []
    with (annals.connect(address) as store,
          grpc.insecure_channel(null_address, options=channel_options()) as null_channel,
          grpc.insecure_channel(address, options=channel_options()) as channel):
        null = null_channel.unary_unary(NULL_CALL)
        bare = channel.unary_unary(APPEND, v1.AppendRequest.SerializeToString,
                                   v1.AppendResponse.FromString)
        body = bare_append().SerializeToString()
        for turn in range(arguments.rounds):
            syncs.append(one_by_one(disk.sync))
            ceilings.append(one_by_one(lambda: null(body, timeout=20)))
            bares.append(one_by_one(lambda: bare(bare_append(), timeout=20)))
            values.append(one_by_one(
                lambda: store.append("bench-1", annals.NewEvent("Loaded", DATA))))
    say("python_append_blocking_1", "appends/s", values, ceilings,
        of_bare=ratio_of(values, bares), of_sync_and_null=ratio_of(values, both(syncs, ceilings)),
        event_bytes=256)


async def at_once(call, in_flight):
    """Calls/s with so many in flight."""
    left = ROUND_TRIPS * 2

    async def work():
        nonlocal left
        while left > 0:
            left -= 1
            await call()

    begin = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(in_flight)))
    return ROUND_TRIPS * 2 / (time.perf_counter() - begin)


async def append_aio(address, null_address, disk, arguments):
    options = channel_options()
    async with (annals.aio.connect(address) as store,
                grpc.aio.insecure_channel(null_address, options=options) as null_channel,
                grpc.aio.insecure_channel(address, options=options) as channel):
        null = null_channel.unary_unary(NULL_CALL)
        bare = channel.unary_unary(APPEND, v1.AppendRequest.SerializeToString,
                                   v1.AppendResponse.FromString)
        body = bare_append().SerializeToString()
        for in_flight in (1, AT_ONCE):
            values, ceilings, bares, syncs = [], [], [], []
            for turn in range(arguments.rounds):
                syncs.append(one_by_one(disk.sync))
                ceilings.append(await at_once(lambda: null(body, timeout=20), in_flight))
                bares.append(await at_once(lambda: bare(bare_append(), timeout=20), in_flight))
                values.append(await at_once(
                    lambda: store.append("bench-1", annals.NewEvent("Loaded", DATA)), in_flight))
            beside = {}
            if in_flight == 1:
                beside["of_sync_and_null"] = ratio_of(values, both(syncs, ceilings))
            say(f"python_append_aio_{in_flight}", "appends/s", values, ceilings,
                of_bare=ratio_of(values, bares), event_bytes=256, **beside)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", action="store_true", help="a server that writes nothing")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        null = Null()
        disk = Disk(pathlib.Path(folder))
        with Server(None if arguments.memory else pathlib.Path(folder) / "data") as server:
            fill(server.address, arguments.events)
            catch_up(server.address, arguments)
            append_blocking(server.address, null.address, disk, arguments)
            asyncio.run(append_aio(server.address, null.address, disk, arguments))
        disk.close()
        null.close()


if __name__ == "__main__":
    main()
