# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""A scavenged store as its readers meet it: through the command line, pages, feeds and websockets
each of them is told what is gone, once and in its place; before and after the cut.
"""

import http.client
import json
import pathlib
import tempfile
import unittest
import urllib.request

from program import CommandLine, Server
from websocket import WebSocket

FEED_SECONDS_MAX = 60


class Removed(unittest.TestCase):
    """Positions 1, 2 and 4 are three events of order-1 that are gone; 3, 5 and 6 are left."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.serve()
        for stream in ("order-1", "order-1", "user-1", "order-1", "user-1", "order-1"):
            self.run_ok("stream", "append", stream, "--type", "Happened", "--tag", f"of:{stream}")
        self.run_ok("stream", "metadata", "set", "order-1", "--max-count", 1)
        self.run_ok("store", "scavenge", "--wait")

    def serve(self):
        self.server = Server(self.folder / "data")
        self.addCleanup(self.server.kill)
        self.port = self.server.ready["http_port"]
        self.annals = CommandLine(self.server.address, self.folder)

    def forget(self):
        """Cuts the log: stubs become ranges."""
        self.assertEqual(self.server.stop(), 0)
        forget = ("store", "scavenge", "--folder", "data", "--keep-stubs", "0s", "-o", "json")
        report = self.run_ok(*forget)
        self.assertGreaterEqual(report.json()["folded_events"], 3)
        self.serve()

    def run_ok(self, *words):
        answer = self.annals(*words)
        self.assertEqual(answer.code, 0, answer.err)
        return answer

    def page(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/v1/{path}") as answer:
            return json.load(answer)

    def pages(self, path, limit):
        """All that the pages tell, times aside."""
        told, position = [], ""
        while True:
            page = self.page(f"{path}limit={limit}{position}")
            told += page.get("removed", [])
            if page["is_end"]:
                return [{k: v for k, v in one.items() if k != "removed_time"} for one in told]
            position = f"&after={page['next']}"

    def feed(self, path, last_id=None):
        """Everything up to the end of history: (name, id, data)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=FEED_SECONDS_MAX)
        self.addCleanup(connection.close)
        headers = {"Accept": "text/event-stream"}
        if last_id:
            headers["Last-Event-ID"] = last_id
        connection.request("GET", f"/v1/{path}", headers=headers)
        items, item = [], {}
        for line in connection.getresponse():
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                item[name] = value
            elif "data" in item:
                items.append((item.get("event", ""), item["id"], json.loads(item["data"])))
                if items[-1][0] == "caught-up":
                    return items
                item = {}
        raise AssertionError("the feed ended")

    def test_pages_tell_of_each_once_before_and_after_the_cut(self):
        gone = [{"first_position": 1, "last_position": 2, "events": 2},
                {"first_position": 4, "last_position": 4, "events": 1}]  # fmt: skip
        of_order = {"first_position": 1, "last_position": 4, "events": 3}
        of_stream = {**of_order, "last_position": 5, "first_revision": 0, "last_revision": 2}
        self.assertIn("removed_time", self.page("events")["removed"][0])
        for is_cut in (False, True):
            if is_cut:
                self.forget()
                self.assertNotIn("removed_time", self.page("events")["removed"][0])
            for limit in (1, 2, 100):
                self.assertEqual(self.pages("events?", limit), gone)
                self.assertEqual(self.pages("events?direction=backwards&", limit), gone[::-1])
                self.assertEqual(self.pages("events?category=order&", limit), [of_order])
                self.assertEqual(self.pages("events?category=user&", limit), [])
                self.assertEqual(self.pages("streams/order-1?", limit), [of_stream])
                self.assertEqual(self.pages("streams/user-1?", limit), [])
        told = self.pages("events?tag=of:order-1&", 1)
        self.assertEqual(len(told), 1)
        self.assertTrue(told[0]["is_uncertain"])
        self.assertEqual((told[0]["first_position"], told[0]["events"]), (1, 0))

    def test_feeds_tell_in_place_and_go_on_behind_any_id(self):
        self.forget()
        items = self.feed("events")
        names = [(name, data.get("position", data.get("last_position")))
                 for name, _, data in items[:-1]]  # fmt: skip
        self.assertEqual(names, [("removed", 2), ("", 3), ("removed", 4), ("", 5), ("", 6)])
        for at, (_, identity, _) in enumerate(items[:-1]):
            again = self.feed("events", identity)
            self.assertEqual([(one[0], one[2]) for one in again[:-1]],
                             [(one[0], one[2]) for one in items[at + 1 : -1]])  # fmt: skip

    def test_websockets_tell_with_the_events(self):
        with WebSocket(self.port) as server:
            server.say({"op": "subscribe", "id": "a", "credit": 100})
            told, given, mark = [], [], ""
            while mark != "caught-up":
                message = server.hear()
                told += [(one["first_position"], one["last_position"], one["events"])
                         for one in message.get("removed", [])]  # fmt: skip
                given += [event["position"] for event in message.get("events", [])]
                mark = message.get("mark", "")
        self.assertEqual(told, [(1, 2, 2), (4, 4, 1)])
        self.assertEqual(given, [3, 5, 6])

    def test_the_command_line_says_so_in_a_line(self):
        self.forget()
        line = "3 events are gone (revisions 0 to 2)"
        rows = self.run_ok("stream", "read", "order-1").out.splitlines()
        self.assertEqual(rows[1], line)
        self.assertEqual(len(rows), 3)
        rows = self.run_ok("stream", "read", "order-1", "--backwards").out.splitlines()
        self.assertEqual(rows[2], line)
        rows = self.run_ok("stream", "read", "--all").out.splitlines()
        self.assertEqual([rows[1], rows[3]], ["2 events are gone (positions 1 to 2)",
                                              "1 event is gone (position 4)"])  # fmt: skip
        told = self.run_ok("stream", "read", "order-1", "-o", "json").json()["removed"]
        self.assertEqual(told, [{"first_position": 1, "last_position": 5, "events": 3,
                                 "first_revision": 0, "last_revision": 2}])  # fmt: skip
        lines = self.run_ok("stream", "read", "order-1", "-o", "jsonl")
        self.assertEqual(len(lines.json_lines()), 1)
        self.assertIn(line, lines.err)
        for words in (("--from-start",), ()):
            rows = self.run_ok("stream", "tail", "order-1", *words).out.splitlines()
            self.assertIn(line, rows[:2])
            self.assertEqual(len([row for row in rows if "Happened" in row]), 1)
        self.assertEqual(self.run_ok("stream", "read", "user-1").out.count("gone"), 0)


if __name__ == "__main__":
    unittest.main()
