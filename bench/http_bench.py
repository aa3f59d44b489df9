#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Figures of the HTTP door, each beside its ceiling, measured in turns in the same run; one JSON
line each, as `annals bench` prints them:

    http_bench.py [--seconds 4] [--rounds 3] [--readers 1000] [--only NAME] [--build build/release]

The ceiling of requests is a null Beast handler (null_beast_server.cpp): Beast reads, the handler
makes a response of the same content, Beast writes; as many threads as the door has, no disk. What
a server gets that sends the same bytes ready made (null_http_server.cpp: one thread, reads and
writes tried at once) is in the remarks, and is the ceiling of feeds. wrk asks: one thread, 64
connections, one request in flight on each.
"""

import argparse
import http.client
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "tests/support"))
CONNECTIONS = 64
LANES_MAX = 4  # HttpDoorOptions::polling_threads
FAN_OUT_EVENTS = 2_000
BATCH_EVENTS = 100
DATA = {"text": "x" * 245}


class Null:
    """A null server; it ends with its standard input."""

    def __init__(self, program, folder, append_answer, read_answer, *more):
        files = [folder / f"{program.name}-{which}" for which in ("append", "read")]
        for file, answer in zip(files, (append_answer, read_answer)):
            file.write_bytes(answer)
        self.process = subprocess.Popen([program, *files, *more], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)  # fmt: skip
        self.port = int(self.process.stdout.readline().split()[-1])

    def close(self):
        self.process.communicate()


def say(port, method, path, body=b""):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status >= 300:
        raise SystemExit(f"{method} {path}: {answer.status} {content!r}")
    return content


def whole_answer(port, method, path, body=""):
    """The bytes of an answer, header fields too."""
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(
            f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode())  # fmt: skip
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(65536)
        head, body_bytes = head.split(b"\r\n\r\n", 1)
        size = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        while len(body_bytes) < size:
            body_bytes += connection.recv(65536)
        return head + b"\r\n\r\n" + body_bytes


def rate(port, script, seconds):
    """Requests a second of one run of wrk; none may fail."""
    done = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", TOP / "bench" / script,
         f"http://127.0.0.1:{port}/"], capture_output=True, text=True, check=True)  # fmt: skip
    words = done.stdout.splitlines()[-1].split()
    numbers = dict(zip(words[::2], map(float, words[1::2])))
    if numbers["failed"] or not numbers["requests"]:
        raise SystemExit(f"wrk: {done.stdout}")
    return numbers["requests"] / numbers["seconds"]


def show(name, value, unit, ceiling, ratio, goal, is_met):
    print(json.dumps({"figure": name, "value": round(value, 1), "unit": unit,
                      "ceiling": round(ceiling, 1), "ratio": round(ratio, 3), "goal": goal,
                      "met": bool(is_met)}), flush=True)  # fmt: skip


def remark(text):
    print(text, file=sys.stderr, flush=True)


def processor_seconds(process):
    """Of all its threads so far."""
    words = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def rate_and_cost(process, port, script, seconds):
    """(requests/s, processor time of a request in us)"""
    before = processor_seconds(process)
    value = rate(port, script, seconds)
    return value, (processor_seconds(process) - before) * 1e6 / (value * seconds)


def measure_requests(name, script, server, beast, ready_made, options):
    rounds = []
    costs = []
    rate(server.http_port, script, 1)
    for _ in range(options.rounds):
        # In turns, so that what else the machine does meets all alike.
        measured = [rate_and_cost(process, port, script, options.seconds) for process, port in (
            (beast.process, beast.port), (server.process, server.http_port),
            (ready_made.process, ready_made.port))]  # fmt: skip
        rounds.append([value for value, _ in measured])
        costs.append(", ".join(f"{cost:.1f}" for _, cost in measured))
    remark(f"{name}: requests/s of the null Beast handler, its own, and of ready made bytes: "
           + "; ".join(", ".join(f"{value:.0f}" for value in each) for each in rounds))  # fmt: skip
    remark(f"{name}: processor time of a request in us, in the same order: " + "; ".join(costs))
    ceiling, value, _ = (statistics.median(each) for each in zip(*rounds))
    ratio = statistics.median(own / null for null, own, _ in rounds)
    of_bytes = statistics.median(own / ready for _, own, ready in rounds)
    remark(f"{name}: {of_bytes:.3f} of ready made bytes")
    # A value above its bound tells of a disturbed machine.
    show(name, value, "requests/s", ceiling, ratio, 0.7, 0.7 <= ratio <= 1.05)


def memory_of(process):
    """Resident, without the pages of files: those are the log's."""
    for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise SystemExit("no RssAnon")


class Readers:
    """Open feeds; each checks that it gets every event once and in order."""

    def __init__(self, options, port, target, count, first, events):
        self.process = subprocess.Popen(
            [options.build / "bench/annals_feed_readers", str(port), target, str(count),
             str(first), str(events)], stdout=subprocess.PIPE, text=True)  # fmt: skip
        self.wait_for("open")

    def wait_for(self, word):
        line = self.process.stdout.readline().strip()
        if line != word:
            raise SystemExit(f"the readers said {line!r} instead of {word!r}")

    def end(self):
        if self.process.wait(60) != 0:
            raise SystemExit("the readers failed")


def batches():
    event = {"type": "measured", "data": DATA}
    for _ in range(FAN_OUT_EVENTS // BATCH_EVENTS):
        yield json.dumps([event] * BATCH_EVENTS).encode()


def fan_out(options, process, port, target, first, publish):
    """(deliveries/s, bytes a reader) of so many readers."""
    before = memory_of(process)
    readers = Readers(options, port, target, options.readers, first, FAN_OUT_EVENTS)
    each = (memory_of(process) - before) / options.readers
    started = time.monotonic()
    publish()
    readers.wait_for("done")
    seconds = time.monotonic() - started
    readers.end()
    return FAN_OUT_EVENTS * options.readers / seconds, each


def last_position(port):
    return json.loads(say(port, "GET", "/v1/info"))["last_position"]


def feed_pieces(port, first):
    """What a feed says about the batches from a position on, a text each."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", f"/v1/events?from_position={first}",
                       headers={"Accept": "text/event-stream"})  # fmt: skip
    answer = connection.getresponse()
    events, lines = [], []
    while len(events) < FAN_OUT_EVENTS:
        line = answer.readline()
        lines.append(line)
        if line == b"\n":
            text = b"".join(lines)
            lines = []
            if b"\ndata: {\"stream\"" in text:
                events.append(text)
    connection.close()
    return [b"".join(events[at:at + BATCH_EVENTS])
            for at in range(0, len(events), BATCH_EVENTS)]  # fmt: skip


def measure_fan_out(server, null, options):
    port = server.http_port

    def publish():
        for batch in batches():
            say(port, "POST", "/v1/streams/fan-1", batch)

    values, ceilings = [], []
    for _ in range(options.rounds):
        first = last_position(port) + 1
        values.append(fan_out(options, server.process, port, "/v1/events?from=end", first, publish))
        pieces = feed_pieces(port, first)

        def publish_null(pieces=pieces):
            for piece in pieces:
                say(null.port, "POST", "/publish", piece)

        ceilings.append(fan_out(options, null.process, null.port, "/feed", first, publish_null))
    remark("feed_fan_out: " + ", ".join(
        f"{v[0]:.0f} of {c[0]:.0f} deliveries/s, {v[1]:.0f} of {c[1]:.0f} B a reader"
        for v, c in zip(values, ceilings)))  # fmt: skip
    ratio = statistics.median(v[0] / c[0] for v, c in zip(values, ceilings))
    value, ceiling = (statistics.median(e[0] for e in each) for each in (values, ceilings))
    show("http_feed_fan_out", value, "deliveries/s", ceiling, ratio, 0.7, ratio >= 0.7)
    # The first round: later ones use again what was given back.
    value, ceiling = values[0][1], ceilings[0][1]
    show("http_feed_memory", value, "bytes/reader", ceiling, value / max(ceiling, 1), 3,
         value <= 3 * ceiling)  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--readers", type=int, default=1_000)
    parser.add_argument("--only", choices=["append", "read", "fan_out"])
    parser.add_argument("--build", type=pathlib.Path, default=TOP / "build/release")
    parser.add_argument("--work", help="folder on the disk to be measured")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not there: install the Debian package wrk")
    os.environ.setdefault("ANNALS_PROGRAM", str(options.build / "apps/annals/annals"))
    from annals_server import Server  # pylint: disable=import-outside-toplevel

    with tempfile.TemporaryDirectory(dir=options.work) as scratch:
        folder = pathlib.Path(scratch)
        with Server(folder / "data") as server:
            port = server.http_port
            body = json.dumps({"type": "measured", "data": DATA})
            for _ in range(20):
                say(port, "POST", "/v1/streams/page-1", body.encode())
            answers = [whole_answer(port, "POST", "/v1/streams/bench-0", body),
                       whole_answer(port, "GET", "/v1/streams/page-1?limit=20")]  # fmt: skip
            contents = [answer.split(b"\r\n\r\n", 1)[1] for answer in answers]
            lanes = min(os.cpu_count(), LANES_MAX)
            null = Null(options.build / "bench/annals_null_http_server", folder, *answers)
            beast = Null(options.build / "bench/annals_null_beast_server", folder, *contents,
                         str(lanes))  # fmt: skip
            try:
                # First: memory that was given back already would hide what a reader takes.
                if options.only in (None, "fan_out"):
                    measure_fan_out(server, null, options)
                if options.only in (None, "append"):
                    measure_requests("http_append_64", "append.lua", server, beast, null, options)
                if options.only in (None, "read"):
                    measure_requests("http_read_64", "read.lua", server, beast, null, options)
            finally:
                beast.close()
                null.close()


if __name__ == "__main__":
    main()
