# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""64 parallel writers that really stall, and live readers: subscribers of everything and of a
category, and polls of eskit, each see exactly the log.

The writers are eight processes of eight threads (stalling_writer.py). They are stopped in turn
(SIGSTOP), wherever they are, also with half a request on the wire, until others have gone on; some
are killed instead of woken. Nothing waits by the clock: a stall ends when so many appends of others
were answered.
"""

import http.client
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

from eskit_client import EventStore

from annals_server import Server

PROCESSES = 8
THREADS = 8
APPENDS = 12
KILLED = 2
HERE = pathlib.Path(__file__).resolve().parent


class Writers:
    """The processes, and how far each has come."""

    def __init__(self, server):
        self.changed = threading.Condition()
        self.said = [0] * PROCESSES
        self.halves = [0] * PROCESSES
        self.ended = [False] * PROCESSES
        self.processes = [
            subprocess.Popen(
                [sys.executable, str(HERE / "stalling_writer.py"), server.address,
                 str(server.http_port), str(number), str(THREADS), str(APPENDS)],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for number in range(PROCESSES)]
        self.listeners = [threading.Thread(target=self.listen, args=(number,), daemon=True)
                          for number in range(PROCESSES)]
        for listener in self.listeners:
            listener.start()

    def listen(self, number):
        for line in self.processes[number].stdout:
            with self.changed:
                if line.strip() == "half":
                    self.halves[number] += 1
                else:
                    self.said[number] += 1
                self.changed.notify_all()
        with self.changed:
            self.ended[number] = True
            self.changed.notify_all()

    def wait_for(self, is_enough):
        with self.changed:
            if not self.changed.wait_for(is_enough, 240):
                raise AssertionError(f"nothing goes on: {self.said} {self.ended}")

    def stall(self, number, others_do, is_killed):
        """Stands still until others have done so much, or have ended."""
        process = self.processes[number]
        process.send_signal(signal.SIGSTOP)
        others = [other for other in range(PROCESSES) if other != number]
        before = sum(self.said[other] for other in others)
        self.wait_for(lambda: sum(self.said[other] for other in others) >= before + others_do
                      or all(self.ended[other] for other in others))
        process.send_signal(signal.SIGKILL if is_killed else signal.SIGCONT)

    def end(self):
        for process, listener in zip(self.processes, self.listeners):
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()
            listener.join(30)
            process.stdout.close()
            process.stderr.close()


class Reader(threading.Thread):
    """Reads until it has met the event of the type Live.Ended."""

    def __init__(self):
        super().__init__(daemon=True)
        self.got = []
        self.failure = None

    def run(self):
        try:
            self.read()
        except Exception as failure:  # pylint: disable=broad-except
            self.failure = repr(failure)


class Subscriber(Reader):
    def __init__(self, server, query):
        super().__init__()
        self.port = server.http_port
        self.query = query

    def read(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=240)
        connection.request("GET", "/v1/events" + self.query,
                           headers={"Accept": "text/event-stream"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise AssertionError(answer.read())
        name = ""
        for line in answer:
            line = line.decode().rstrip("\r\n")
            if line.startswith("event:"):
                name = line[6:].strip()
            elif line.startswith("data:") and not name:
                event = json.loads(line[5:])
                self.got.append(event["position"])
                if event["type"] == "Live.Ended":
                    connection.close()
                    return
            elif not line:
                name = ""
        raise AssertionError("the feed ended")


class Poll(Reader):
    """A poll of eskit; with `again_after`, one that leaves after so many and comes back."""

    def __init__(self, server, again_after=None, **named):
        super().__init__()
        self.address = server.address
        self.again_after = again_after
        self.named = named

    def read(self):
        store = EventStore(self.address)
        from_id = ""
        while True:
            poll = store.poll(from_id, timeout=240, **self.named)
            for count, entry in enumerate(poll, 1):
                self.got.append(int(entry.id))
                from_id = str(self.got[-1] + 1)
                if entry.event.event_type == "Live.Ended":
                    poll.cancel()
                    store.close()
                    return
                if count == self.again_after:
                    break
            else:
                raise AssertionError("the poll ended")
            poll.cancel()


def whole_log(server):
    """(position, type) of each event."""
    connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=60)
    url = "/v1/events?limit=500"
    log = []
    while url:
        connection.request("GET", url)
        answer = connection.getresponse()
        page = json.loads(answer.read())
        log += [(event["position"], event["type"]) for event in page["events"]]
        link = answer.getheader("Link")
        url = link[1:link.index(">")] if link else None
    connection.close()
    return log


class LiveReaders(unittest.TestCase):
    def test_readers_see_exactly_the_log_under_64_writers_that_stall(self):
        seed = int(os.environ.get("ANNALS_TEST_SEED", random.randrange(1 << 30)))
        chance = random.Random(seed)
        with tempfile.TemporaryDirectory() as scratch, self.subTest(seed=seed), \
                Server(pathlib.Path(scratch) / "data") as server:
            readers = {
                "everything": Subscriber(server, ""),
                "a category": Subscriber(server, "?category=Live"),
                "poll of everything": Poll(server),
                "poll by selector": Poll(server, selector="Live.*"),
                "poll of a pipeline": Poll(server, pipeline_id="Live"),
                "poll that comes back": Poll(server, again_after=37, selector="*"),
            }
            for reader in readers.values():
                reader.start()
            writers = Writers(server)
            try:
                self.stall_all(writers, chance)
                stored = sum(writers.said)
            finally:
                writers.end()
            store = EventStore(server.address)
            store.append("the-end", "1", "Live.Ended")
            store.close()
            log = whole_log(server)
            positions = [position for position, _ in log]
            self.assertEqual(positions, list(range(1, len(log) + 1)))
            self.assertGreaterEqual(len(log), stored + 1, "each answered append is there")
            for name, reader in readers.items():
                reader.join(240)
                self.assertFalse(reader.is_alive(), f"{name}: {len(reader.got)} of {len(log)}")
                self.assertIsNone(reader.failure, name)
                self.assertEqual(reader.got, positions, name)

    def stall_all(self, writers, chance):
        """Each process stands still at least once; the last two that do are killed."""
        writers.wait_for(lambda: sum(writers.said) >= PROCESSES)
        order = list(range(PROCESSES)) + [chance.randrange(PROCESSES) for _ in range(PROCESSES)]
        chance.shuffle(order)
        to_kill = chance.sample(range(PROCESSES), KILLED)
        stalls = 0
        for at, number in enumerate(order):
            if writers.ended[number]:
                continue
            # At times just when half a request is under way.
            if chance.random() < 0.5:
                halves = writers.halves[number]
                writers.wait_for(lambda: writers.halves[number] > halves or writers.ended[number])
            is_last = number not in order[at + 1:]
            writers.stall(number, chance.randrange(5, 40), is_last and number in to_kill)
            stalls += 1
        self.assertGreaterEqual(stalls, PROCESSES // 2, "or nobody stalled")
        writers.wait_for(lambda: all(writers.ended))
        for number, process in enumerate(writers.processes):
            code = process.wait()
            if code not in (0, -signal.SIGKILL):
                self.fail(process.stderr.read())
            if code == 0:
                self.assertEqual(writers.said[number], THREADS * APPENDS)


if __name__ == "__main__":
    unittest.main()
