# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The steps of the tour on a real file, held against the file as Python's csv module reads it.

The file is not part of the project: ANNALS_SHARED_DATA names its folder, else ../shared/data beside
the checkout is looked at. Without it the test says so and is skipped.
"""

import collections
import csv
import datetime
import json
import os
import pathlib
import tempfile
import time
import unittest

from program import ROOT, CommandLine, Server

FOLDER = pathlib.Path(os.environ.get("ANNALS_SHARED_DATA", ROOT.parent / "shared/data"))
FILE = FOLDER / "permit-receipts.csv"
MAPPING = (
    "--stream-column", "case:concept:name", "--type-column", "concept:name",
    "--time-column", "time:timestamp", "--actor-column", "org:resource",
    "--tag-column", "group=org:group",
)  # fmt: skip
TAKEN = {"case:concept:name", "concept:name", "time:timestamp", "org:resource"}
IMPORT_SECONDS_MAX = 5  # well below one second on a quiet machine


@unittest.skipUnless(FILE.exists(), f"{FILE} is not there; set ANNALS_SHARED_DATA")
class RealFile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.server = Server(pathlib.Path(cls.scratch.name) / "data")
        cls.annals = CommandLine(cls.server.address, cls.scratch.name)
        with open(FILE, newline="", encoding="utf-8") as file:
            cls.rows = list(csv.DictReader(file))
        started = time.monotonic()
        cls.imported = cls.annals("import", "csv", FILE, *MAPPING, "-o", "json")
        cls.import_seconds = time.monotonic() - started
        cls.stored = cls.annals("stream", "read", "--all", "--limit", 0, "-o", "jsonl").json_lines()

    @classmethod
    def tearDownClass(cls):
        cls.server.kill()
        cls.scratch.cleanup()

    def test_all_events_are_new(self):
        self.assertEqual(self.imported.code, 0, self.imported.err)
        report = self.imported.json()
        counts = (report["added"], report["already_there"], report["rejected"])
        self.assertEqual(counts, (8577, 0, 0))
        self.assertLess(self.import_seconds, IMPORT_SECONDS_MAX)

    def test_importing_twice_adds_nothing(self):
        report = self.annals("import", "csv", FILE, *MAPPING, "-o", "json").json()
        self.assertEqual((report["added"], report["already_there"]), (0, 8577))

    def test_counts_of_streams_and_types(self):
        streams = self.annals("stream", "list", "--limit", 0, "-o", "json").json()
        expected = collections.Counter(row["case:concept:name"] for row in self.rows)
        self.assertEqual({each["name"]: each["events"] for each in streams}, expected)
        self.assertEqual(len(streams), 1434)
        types = self.annals("type", "list", "--limit", 0, "-o", "json").json()
        expected = collections.Counter(row["concept:name"] for row in self.rows)
        self.assertEqual({each["name"]: each["events"] for each in types}, expected)
        (category,) = self.annals("category", "list", "-o", "json").json()
        self.assertEqual(
            (category["name"], category["streams"], category["events"]), ("case", 1434, 8577)
        )

    def test_every_event_is_its_row_in_the_order_of_the_file(self):
        self.assertEqual(len(self.stored), len(self.rows))
        revisions = collections.Counter()
        for number, (event, row) in enumerate(zip(self.stored, self.rows), 1):
            stream = row["case:concept:name"]
            data = {name: value for name, value in row.items() if name not in TAKEN and value}
            with self.subTest(row=number):
                self.assertEqual(event["position"], number)
                self.assertEqual(event["stream"], stream)
                self.assertEqual(event["revision"], revisions[stream])
                self.assertEqual(event["type"], row["concept:name"])
                self.assertEqual(event["actor"], row["org:resource"])
                self.assertEqual(event["data"], data)
                self.assertEqual(event.get("tags", []), [f"group:{row['org:group']}"])
            revisions[stream] += 1
        self.assertEqual(len({event["id"] for event in self.stored}), len(self.rows))

    def test_times_keep_their_zone(self):
        offsets = collections.Counter()
        for event, row in zip(self.stored, self.rows):
            stored = datetime.datetime.fromisoformat(event["valid_time"])
            written = datetime.datetime.fromisoformat(row["time:timestamp"])
            self.assertEqual(stored, written)
            self.assertEqual(stored.utcoffset(), written.utcoffset())
            offsets[stored.utcoffset()] += 1
        self.assertEqual(len(offsets), 2, "summer and winter time")

    def test_one_case_and_its_timeline(self):
        case = self.rows[0]["case:concept:name"]
        page = self.annals("stream", "read", case, "-o", "json").json()
        rows = [row for row in self.rows if row["case:concept:name"] == case]
        types = [each["type"] for each in page["events"]]
        self.assertEqual(types, [row["concept:name"] for row in rows])
        self.assertTrue(page["is_end"])

    def test_filters_find_what_the_file_holds(self):
        kind = "T02 Check confirmation of receipt"
        found = self.annals(
            "stream", "read", "--type", kind, "--tag", "group:Group 4", "--limit", 0, "-o", "jsonl"
        ).json_lines()
        rows = [row for row in self.rows if row["concept:name"] == kind]
        rows = [row for row in rows if row["org:group"] == "Group 4"]
        self.assertEqual(
            [(each["stream"], each["data"]["concept:instance"]) for each in found],
            [(row["case:concept:name"], row["concept:instance"]) for row in rows],
        )

    def test_an_event_by_its_id(self):
        wanted = self.stored[4000]
        (found,) = self.annals("event", "get", wanted["id"], "-o", "json").json()
        self.assertEqual(found, wanted)

    def test_a_conflict_names_what_it_met(self):
        case = self.rows[0]["case:concept:name"]
        answer = self.annals(
            "stream", "append", case, "--type", "Reviewed", "--expect", 0, "-o", "json"
        )
        self.assertEqual(answer.code, 3)
        error = json.loads(answer.err)["error"]
        count = sum(row["case:concept:name"] == case for row in self.rows)
        self.assertEqual(error["code"], "conflict")
        self.assertEqual(error["failed_checks"][0]["current_revision"], count - 1)


if __name__ == "__main__":
    unittest.main()
