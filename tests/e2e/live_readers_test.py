# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Live readers over server-sent events and websockets, under many writers, with connections that
break at random and a server that is killed and started again: each sees exactly the log, in order.

The writers repeat an append with the same id until it is answered, so the log has each event once.
"""

import http.client
import json
import pathlib
import random
import socket
import tempfile
import threading
import unittest
import uuid

from program import Server
from websocket import WebSocket

WRITERS = 32
EVENTS_EACH = 40
RESTARTS = 3
STREAMS = 8


class Place:
    """Where the server is now; whoever finds nobody there waits for the next one."""

    def __init__(self, port):
        self.changed = threading.Condition()
        self.port = port
        self.generation = 0

    def move(self, port):
        with self.changed:
            self.port = port
            self.generation += 1
            self.changed.notify_all()

    def now(self):
        with self.changed:
            return self.port, self.generation

    def wait_for_another(self, generation):
        with self.changed:
            self.changed.wait_for(lambda: self.generation != generation, 1)


class Writer(threading.Thread):
    def __init__(self, place, number):
        super().__init__()
        self.place = place
        self.number = number
        self.written = []
        self.failure = None

    def run(self):
        connection = None
        for index in range(EVENTS_EACH):
            event = {"id": str(uuid.uuid4()), "type": "counted",
                     "data": {"writer": self.number, "index": index}}
            path = f"/v1/streams/count-{self.number % STREAMS}"
            while True:
                port, generation = self.place.now()
                try:
                    if connection is None:
                        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                    connection.request("POST", path, json.dumps(event),
                                       {"Content-Type": "application/json"})
                    answer = connection.getresponse()
                    body = answer.read()
                except (OSError, http.client.HTTPException):
                    body = None
                if body is None:
                    if connection is not None:
                        connection.close()
                    connection = None
                    self.place.wait_for_another(generation)
                    continue
                if answer.status == 201:
                    self.written.append(event["id"])
                    break
                if answer.status not in (429, 503):
                    self.failure = f"{answer.status} {body!r}"
                    return
                connection.close()
                connection = None
                self.place.wait_for_another(generation)
        if connection is not None:
            connection.close()


class Reader(threading.Thread):
    """Reads until it has the last event; its connections break after a random number of events."""

    def __init__(self, place, seed):
        super().__init__()
        self.place = place
        self.random = random.Random(seed)
        self.got = []
        self.connections = 0
        self.failure = None
        self.is_done = False

    def run(self):
        try:
            while not self.is_done:
                port, generation = self.place.now()
                self.connections += 1
                try:
                    self.read(port, self.random.randrange(1, 400))
                    continue
                except OSError:
                    pass
                self.place.wait_for_another(generation)
        except Exception as failure:  # pylint: disable=broad-except
            self.failure = repr(failure)

    def take(self, event):
        self.got.append((event["position"], event["id"]))
        self.is_done = event["type"] == "ended"


class FeedReader(Reader):
    """Goes on with Last-Event-ID, as an EventSource does."""

    last_id = None

    def read(self, port, events):
        with socket.create_connection(("127.0.0.1", port), 60) as connection:
            again = f"Last-Event-ID: {self.last_id}\r\n" if self.last_id else ""
            connection.sendall(
                ("GET /v1/events?category=count HTTP/1.0\r\nAccept: text/event-stream\r\n"
                 f"{again}\r\n").encode())
            lines = connection.makefile(encoding="utf-8", newline="\n")
            status = lines.readline()
            if " 200 " not in status:
                if not status or " 503 " in status:
                    raise OSError("not now")
                raise AssertionError(status)
            name, identity, data = "", None, None
            for line in lines:
                line = line.rstrip("\r\n")
                if line.startswith("id:"):
                    identity = line[3:].strip()
                elif line.startswith("event:"):
                    name = line[6:].strip()
                elif line.startswith("data:"):
                    data = line[5:].strip()
                elif not line and data is not None:
                    if name == "resync":
                        raise AssertionError(data)
                    if identity:
                        self.last_id = identity
                    if not name:
                        self.take(json.loads(data))
                        events -= 1
                    if self.is_done or events == 0:
                        return  # in the middle of whatever else has come
                    name, identity, data = "", None, None
            raise OSError("the server ended the feed")


class SocketReader(Reader):
    """Goes on from the position of its last message; gives credit in small portions."""

    position = None

    def read(self, port, events):
        with WebSocket(port) as server:
            start = {"after": self.position} if self.position else {"from": "start"}
            server.say({"op": "subscribe", "id": "all", "credit": 20, "batch_events_max": 7,
                        "filter": {"prefixes": ["count-"]}, **start})  # fmt: skip
            while events > 0 and not self.is_done:
                message = server.hear()
                if message["op"] == "error":
                    if message["problem"]["code"] != "shutting_down":
                        raise AssertionError(message)
                    raise OSError("the server is stopping")
                if "position" in message:
                    for event in message.get("events", []):
                        self.take(event)
                        events -= 1
                    self.position = message["position"]
                if message["op"] == "events":
                    count = len(message["events"])
                    server.say({"op": "credit", "id": "all", "events": count})


def whole_log(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    url = "/v1/events?limit=500"
    log = []
    while url:
        connection.request("GET", url)
        answer = connection.getresponse()
        page = json.loads(answer.read())
        log += [(event["position"], event["id"]) for event in page["events"]]
        link = answer.getheader("Link")
        url = link[1:link.index(">")] if link else None
    connection.close()
    return log


class LiveReaders(unittest.TestCase):
    def test_they_see_exactly_the_log(self):
        seed = random.randrange(1 << 30)
        chance = random.Random(seed)
        with tempfile.TemporaryDirectory() as scratch, self.subTest(seed=seed):
            folder = pathlib.Path(scratch) / "data"
            server = Server(folder)
            place = Place(server.ready["http_port"])
            readers = [FeedReader(place, chance.random()) for _ in range(4)]
            readers += [SocketReader(place, chance.random()) for _ in range(4)]
            writers = [Writer(place, number) for number in range(WRITERS)]
            for thread in readers + writers:
                thread.daemon = True
                thread.start()
            for restart in range(RESTARTS):
                wanted = WRITERS * EVENTS_EACH * (restart + 1) // (RESTARTS + 1)
                while sum(len(writer.written) for writer in writers) < wanted:
                    writers[restart].join(0.01)
                if restart % 2 == 0:
                    server.kill()
                else:
                    self.assertEqual(server.stop(), 0)
                server = Server(folder)
                place.move(server.ready["http_port"])
            for writer in writers:
                writer.join(120)
                self.assertIsNone(writer.failure)
                self.assertEqual(len(writer.written), EVENTS_EACH)
            connection = http.client.HTTPConnection("127.0.0.1", place.now()[0], timeout=30)
            connection.request("POST", "/v1/streams/count-end", '{"type":"ended"}',
                               {"Content-Type": "application/json"})
            self.assertEqual(connection.getresponse().status, 201)
            log = whole_log(place.now()[0])
            written = [identity for writer in writers for identity in writer.written]
            self.assertEqual(sorted(written), sorted(identity for _, identity in log[:-1]))
            for reader in readers:
                reader.join(120)
                self.assertIsNone(reader.failure)
                self.assertTrue(reader.is_done, f"{len(reader.got)} of {len(log)}")
                self.assertGreater(reader.connections, 1)
                self.assertEqual(reader.got, log)
            self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
