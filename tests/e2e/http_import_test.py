# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""A CSV file brought in through HTTP alone, CloudEvents in batches by curl, makes the same store as
`annals import csv` through gRPC: streams, revisions, positions, types, times, actors, tags, data.

Once with the file of `annals demo csv`, and once with the real one, which is not part of the
project (real_file_test tells where it is looked for); without it that test says so and is skipped.
"""

import csv
import datetime
import json
import pathlib
import subprocess
import tempfile
import unittest

import real_file_test
from program import CommandLine, Server, clean_environment

BATCH_EVENTS = 500


class Mapping:
    """How a row becomes an event, here and as flags of `annals import csv`."""

    def __init__(self, stream, kind, time, actor, tags, numbers=(), stream_prefix=""):
        self.stream, self.kind, self.time, self.actor = stream, kind, time, actor
        self.tags, self.numbers, self.stream_prefix = tags, numbers, stream_prefix

    def flags(self):
        where = (("--stream", f"{self.stream_prefix}{{{self.stream}}}") if self.stream_prefix
                 else ("--stream-column", self.stream))
        flags = [*where, "--type-column", self.kind, "--time-column", self.time,
                 "--actor-column", self.actor]
        for key, column in self.tags.items():
            flags += ["--tag-column", f"{key}={column}"]
        for column in self.numbers:
            flags += ["--number-column", column]
        return flags

    def cloud_event(self, number, row):
        """As JSON text: numbers stay as they are spelled."""
        stream = self.stream_prefix + row[self.stream]
        time = datetime.datetime.fromisoformat(row[self.time]).isoformat()
        event = {"specversion": "1.0", "id": f"row-{number}", "source": "/file",
                 "type": row[self.kind], "subject": stream, "time": time}
        if row[self.actor]:
            event["actor"] = row[self.actor]
        tags = [f"{key}:{row[column]}" for key, column in self.tags.items() if row[column]]
        if tags:
            event["tags"] = ",".join(tag.replace("%", "%25").replace(",", "%2C") for tag in tags)
        taken = {self.stream, self.kind, self.time, self.actor}
        data = ",".join(
            f"{json.dumps(name)}:{value if name in self.numbers else json.dumps(value)}"
            for name, value in row.items() if value and name not in taken)  # fmt: skip
        return f'{json.dumps(event)[:-1]},"data":{{{data}}}}}'


def curl(*arguments, stdin=None):
    done = subprocess.run(["curl", "--silent", "--show-error", *arguments], input=stdin,
                          capture_output=True, text=True, timeout=120, check=True,
                          env=clean_environment())  # fmt: skip
    return done.stdout


def append_all(port, texts):
    """Answers of the batches."""
    answers = []
    for start in range(0, len(texts), BATCH_EVENTS):
        batch = "[" + ",".join(texts[start:start + BATCH_EVENTS]) + "]"
        answers.append(json.loads(curl(
            f"http://127.0.0.1:{port}/v1/append", "--data-binary", "@-",
            "-H", "Content-Type: application/cloudevents-batch+json", stdin=batch)))  # fmt: skip
    return answers


def stored(port):
    """Every event, as far as two stores can be the same; numbers as they are spelled."""
    events = []
    after = ""
    while True:
        page = json.loads(curl(f"http://127.0.0.1:{port}/v1/events?limit=4096{after}"),
                          parse_float=lambda text: ("number", text),
                          parse_int=lambda text: ("number", text))  # fmt: skip
        for event in page["events"]:
            names = ("position", "stream", "revision", "type", "valid_time", "actor", "tags",
                     "content_type")
            kept = {name: event.get(name) for name in names}
            events.append((kept, list(event["data"].items())))
        if page["is_end"]:
            return events
        after = f"&after={page['next']}"


class HttpImport(unittest.TestCase):
    def assert_same_store(self, file, mapping, rows_min):
        with open(file, newline="", encoding="utf-8") as opened:
            rows = list(csv.DictReader(opened))
        self.assertGreaterEqual(len(rows), rows_min)
        texts = [mapping.cloud_event(number, row) for number, row in enumerate(rows, 1)]
        by_http, by_grpc = Server(self.scratch / "http"), Server(self.scratch / "grpc")
        for server in (by_http, by_grpc):
            self.addCleanup(server.kill)
        port = by_http.ready["http_port"]
        answers = append_all(port, texts)
        self.assertEqual([each.get("is_replay") for each in answers], [False] * len(answers))
        imported = CommandLine(by_grpc.address, self.scratch)(
            "import", "csv", file, *mapping.flags(), "-o", "json")
        self.assertEqual(imported.code, 0, imported.err)
        self.assertEqual(imported.json()["added"], len(rows))
        mine, theirs = stored(port), stored(by_grpc.ready["http_port"])
        self.assertEqual(len(mine), len(rows))
        for row, (left, right) in enumerate(zip(mine, theirs), 1):
            with self.subTest(row=row):
                self.assertEqual(left, right)
        self.assertEqual(len(mine), len(theirs))
        again = append_all(port, texts)
        self.assertEqual([each.get("is_replay") for each in again], [True] * len(again))
        self.assertEqual(len(stored(port)), len(rows), "the same ids add nothing")
        for server in (by_http, by_grpc):
            self.assertEqual(server.stop(), 0)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.scratch = pathlib.Path(folder.name)

    def test_the_demo_file(self):
        done = CommandLine(folder=self.scratch)("demo", "csv", "-f", "orders.csv")
        self.assertEqual(done.code, 0, done.err)
        mapping = Mapping("order", "event", "at", "by", {"customer": "customer"},
                          ("quantity", "price"), "order-")  # fmt: skip
        self.assert_same_store(self.scratch / "orders.csv", mapping, 4000)

    @unittest.skipUnless(
        real_file_test.FILE.exists(), f"{real_file_test.FILE} is not there; set ANNALS_SHARED_DATA")
    def test_the_real_file(self):
        mapping = Mapping("case:concept:name", "concept:name", "time:timestamp", "org:resource",
                          {"group": "org:group"})  # fmt: skip
        self.assert_same_store(real_file_test.FILE, mapping, 8577)


if __name__ == "__main__":
    unittest.main()
