# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Pages in a real browser, each with an EventSource and a websocket: through a server that is
killed and one that is stopped, both come back on the same port, and through connections that are
cut. Each sees exactly the log, in order.
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

from browser import Browser
from kept_port import KeptPort
from live_readers_test import whole_log
from program import Server

EVENTS = 600
RESTARTS = 2
CUT_BYTES_MAX = 60_000

# What a page would write: the EventSource comes back by itself; a websocket goes on behind its last
# message.
SCRIPT = """
window.feed = {got: [], opens: 0, strange: []};
window.sock = {got: [], opens: 0, strange: [], position: null};
const waiting = [];
const take = (reader, event) => {
  reader.got.push([event.position, event.id]);
  reader.done = event.type === 'ended';
  for (const one of waiting) one();
};
window.until = wanted => new Promise(kept => {
  const look = () => { if (wanted()) kept(true); };
  waiting.push(look);
  look();
});
const source = new EventSource('/v1/events?category=count');
source.onopen = () => ++feed.opens;
source.onmessage = message => take(feed, JSON.parse(message.data));
source.onerror = () => {
  if (source.readyState === EventSource.CLOSED) feed.strange.push('gave up');
};
source.addEventListener('resync', message => feed.strange.push(message.data));
const connect = () => {
  const socket = new WebSocket(`ws://${location.host}/v1/ws`, 'annals.v1');
  const say = what => socket.send(JSON.stringify(what));
  socket.onopen = () => {
    ++sock.opens;
    const start = sock.position === null ? {from: 'start'} : {after: sock.position};
    say({op: 'subscribe', id: 'all', credit: 20, batch_events_max: 7,
         filter: {categories: ['count']}, ...start});
  };
  socket.onmessage = message => {
    const said = JSON.parse(message.data);
    if (said.op === 'error' && said.problem.code !== 'shutting_down') sock.strange.push(said);
    if (said.op === 'events') say({op: 'credit', id: 'all', events: said.events.length});
    for (const event of said.events ?? []) take(sock, event);
    if (said.position) sock.position = said.position;
  };
  socket.onclose = () => setTimeout(connect, 50);
};
connect();
"""


class Cutter:
    """A way to the server that ends each connection after a random number of bytes."""

    def __init__(self, port, seed):
        self.port = port
        self.random = random.Random(seed)
        self.cuts = 0
        self.is_cutting = True
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.own_port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.port), 10)
                far.settimeout(None)
            except OSError:
                near.close()
                continue
            bytes_max = self.random.randrange(2_000, CUT_BYTES_MAX)
            for ends in ((near, far, None), (far, near, bytes_max)):
                threading.Thread(target=self.carry, args=ends, daemon=True).start()

    def carry(self, source, sink, bytes_max):
        carried = 0
        try:
            while piece := source.recv(1_024):
                sink.sendall(piece)
                carried += len(piece)
                if bytes_max and carried > bytes_max and self.is_cutting:
                    self.cuts += 1
                    break
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Writer(threading.Thread):
    """Repeats each append with the same id until it is answered."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port = port
        self.may_write = threading.Semaphore(0)
        self.written = []

    def append(self, event, stream):
        body = json.dumps(event)
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                connection.request("POST", f"/v1/streams/{stream}", body,
                                   {"Content-Type": "application/json"})
                if connection.getresponse().status == 201:
                    return
            except (OSError, http.client.HTTPException):
                pass
            finally:
                connection.close()

    def run(self):
        for number in range(EVENTS):
            self.may_write.acquire()
            event = {"id": str(uuid.uuid4()), "type": "counted",
                     "data": {"number": number, "text": "zoë\n" * 20}}
            self.append(event, f"count-{number % 5}")
            self.written.append(event["id"])
        self.append({"id": str(uuid.uuid4()), "type": "ended"}, "count-end")


class BrowserReaders(unittest.TestCase):
    maxDiff = None

    def test_pages_see_exactly_the_log(self):
        seed = random.randrange(1 << 30)
        with tempfile.TemporaryDirectory() as scratch, Browser() as browser, \
                self.subTest(seed=seed):
            folder = pathlib.Path(scratch) / "data"
            kept = KeptPort()
            self.addCleanup(kept.close)
            port = kept.number
            server = Server(folder, http_port=port)
            self.addCleanup(lambda: server.kill())
            cutter = Cutter(port, seed)
            self.addCleanup(cutter.close)
            pages = [browser.open(f"http://127.0.0.1:{each}/") for each in (port, cutter.own_port)]
            writer = Writer(port)
            writer.start()
            for page in pages:
                page.run(SCRIPT)
            for restart in range(RESTARTS):
                # Half of what is written now is read before the restart, half is on its way.
                part = EVENTS // (RESTARTS + 1)
                writer.may_write.release(part)
                seen = part * restart + part // 2
                for page in pages:
                    page.run(f"until(() => feed.got.length >= {seen} && sock.got.length >= {seen})")
                if restart % 2 == 0:
                    server.kill()
                else:
                    self.assertEqual(server.stop(), 0)
                server = Server(folder, http_port=port)
            writer.may_write.release(EVENTS)
            writer.join(120)
            self.assertEqual(len(writer.written), EVENTS)
            log = [list(each) for each in whole_log(port)]
            self.assertEqual([identity for _, identity in log[:-1]], writer.written)
            for page, is_cut in zip(pages, (False, True)):
                page.run("until(() => feed.done && sock.done)")
                for name in ("feed", "sock"):
                    with self.subTest(reader=name, is_cut=is_cut):
                        reader = page.run(name)
                        self.assertEqual(reader["strange"], [])
                        self.assertGreater(reader["opens"], RESTARTS)
                        self.assertEqual(reader["got"], log)
            self.assertGreater(cutter.cuts, 2)
            self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
