# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Import and export as a user meets them: every format there and back, a log restored byte for
byte, pipes, other servers, programs that are killed in the middle, records that are bad.

On what `annals demo csv` writes, and on the real files where they are: ANNALS_SHARED_DATA names
their folder, else ../shared/data beside the checkout is looked at. Without them those tests say so
and are skipped.
"""

import collections
import csv
import gzip
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest
import xml.etree.ElementTree

from kept_port import KeptPort
from program import BINARY, ROOT, CommandLine, Server

FOLDER = pathlib.Path(os.environ.get("ANNALS_SHARED_DATA", ROOT.parent / "shared/data"))
PERMITS = FOLDER / "permit-receipts.csv"
RETAIL = FOLDER / "online-retail.csv"
RETAIL_SECONDS_MAX = 10  # about one on a quiet machine

DEMO = ("--stream", "order-{order}", "--type-column", "event", "--time-column", "at",
        "--actor-column", "by", "--tag-column", "customer=customer",
        "--number-column", "quantity")  # fmt: skip
PERMIT = ("--stream-column", "case:concept:name", "--type-column", "concept:name",
          "--time-column", "time:timestamp", "--actor-column", "org:resource",
          "--tag-column", "group=org:group")  # fmt: skip
SERVER_GIVES = ("position", "revision", "recorded_time")
XES = "{http://www.xes-standard.org/}"


def event_keys(lines):
    """What an event says itself, without what the server gave it."""
    return [{k: v for k, v in line.items() if k not in SERVER_GIVES} for line in lines]


def by_stream(events):
    streams = collections.defaultdict(list)
    for event in events:
        streams[event["stream"]].append(event)
    return dict(streams)


class WithFolder(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def serve(self, name, grpc_port=0):
        server = Server(self.folder / name, grpc_port=grpc_port)
        self.addCleanup(server.kill)
        return server, CommandLine(server.address, self.folder)

    def run_ok(self, annals, *words, **more):
        answer = annals(*words, **more)
        self.assertEqual(answer.code, 0, answer.err)
        return answer

    def demo(self, annals, rows=1000):
        self.run_ok(annals, "demo", "csv", "--rows", rows, "-f", "orders.csv")
        self.run_ok(annals, "import", "csv", "orders.csv", *DEMO)

    def lines(self, name):
        with open(self.folder / name, encoding="utf-8") as file:
            return [json.loads(line) for line in file]


class RoundTrips(WithFolder):
    def setUp(self):
        super().setUp()
        self.server, self.annals = self.serve("first")
        self.demo(self.annals)
        self.run_ok(
            self.annals, "stream", "append", "odd-1", "--type", "Odd",
            "--data", '{"text":"a \\"quoted\\", <tag> & more","deep":[1,{"x":null}]}',
            "--metadata", '{"m":1}', "--actor", "O'Neil, <J>", "--tag", "k:100%, so",
        )  # fmt: skip
        self.run_ok(self.annals, "export", "ndjson", "all.ndjson", "--all")
        self.all = self.lines("all.ndjson")

    def copy(self, kind, name, *flags):
        """Out in the format, into another server, out again as NDJSON."""
        self.run_ok(self.annals, "export", kind, name, "--all")
        _, second = self.serve("second-" + name)
        answer = self.run_ok(second, "import", kind, name, *flags, "-o", "json")
        self.assertEqual(answer.json()["added"], len(self.all))
        again = self.run_ok(second, "import", kind, name, *flags, "-o", "json").json()
        self.assertEqual((again["added"], again["already_there"]), (0, len(self.all)))
        self.run_ok(second, "export", "ndjson", name + ".back", "--all")
        return self.lines(name + ".back")

    def test_formats_that_keep_the_order_of_the_log(self):
        for kind, name in (("ndjson", "x.ndjson"), ("csv", "x.csv"), ("cloudevents", "x.json"),
                           ("ndjson", "x.ndjson.gz"), ("csv", "x.csv.zst")):  # fmt: skip
            with self.subTest(name=name):
                self.assertEqual(event_keys(self.copy(kind, name)), event_keys(self.all))
        self.assertEqual(len(json.loads((self.folder / "x.json").read_text())), len(self.all))
        with gzip.open(self.folder / "x.ndjson.gz", "rt", encoding="utf-8") as file:
            self.assertEqual([json.loads(line) for line in file], self.all)
        with open(self.folder / "x.csv", newline="", encoding="utf-8") as file:
            self.assertEqual([row["id"] for row in csv.DictReader(file)],
                             [event["id"] for event in self.all])  # fmt: skip

    def test_xes_keeps_the_order_of_each_stream(self):
        back = self.copy("xes", "x.xes")
        self.assertEqual(by_stream(event_keys(back)), by_stream(event_keys(self.all)))

    def test_pipes(self):
        out = self.run_ok(self.annals, "export", "ndjson", "-", "--stream", "odd-1", "-q").out
        self.assertEqual(out, (self.folder / "all.ndjson").read_text().splitlines(True)[-1])
        _, second = self.serve("second")
        self.run_ok(second, "import", "ndjson", "-", "--source", "pipe", stdin=out)
        (event,) = self.run_ok(second, "stream", "read", "odd-1", "-o", "jsonl").json_lines()
        self.assertEqual(event["id"], json.loads(out)["id"])
        nameless = second("import", "ndjson", "-", stdin=out)
        self.assertEqual((nameless.code, "--source" in nameless.err), (2, True))

    def test_from_another_server_over_grpc_and_http(self):
        http = f"http://127.0.0.1:{self.server.ready['http_port']}"
        for number, address in enumerate((self.server.address, http)):
            with self.subTest(address=address):
                name = f"copy-{number}"
                _, second = self.serve(name)
                self.run_ok(self.annals, "export", "ndjson", name + ".first", "--all")
                self.run_ok(second, "import", "store", address, "--all")
                self.run_ok(second, "export", "ndjson", name + ".second", "--all")
                copied = event_keys(self.lines(name + ".second"))
                self.assertEqual(copied, event_keys(self.lines(name + ".first")))
                # The other server goes on: what is new comes, in whatever pages.
                self.run_ok(self.annals, "stream", "append", f"later-{number}", "--type", "Later")
                more = self.run_ok(second, "import", "store", address, "--all", "-o", "json").json()
                self.assertEqual((more["added"], more["rejected"]), (1, 0), more)
                bad = second("import", "store", address, "--all", "--match", "(")
                self.assertEqual((bad.code, bad.out), (2, ""))
                self.assertIn('match "(" is no regular expression: missing closing', bad.err)

    def test_selections(self):
        def exported(*flags):
            out = self.run_ok(self.annals, "export", "ndjson", "-", "-q", *flags).out
            return [json.loads(line) for line in out.splitlines()]

        placed = [event for event in self.all if event["type"] == "OrderPlaced"]
        self.assertEqual(exported("--type", "OrderPlaced"), placed)
        self.assertEqual(exported("--category", "odd"), self.all[-1:])
        prefix = [event for event in self.all if event["stream"].startswith("order-10")]
        self.assertEqual(exported("--prefix", "order-10"), prefix)
        self.assertEqual(exported("--match", "^order-1001$"), exported("--stream", "order-1001"))
        self.assertEqual(exported("--all", "--since", self.all[-1]["recorded_time"]), self.all[-1:])
        until = self.all[-1]["recorded_time"]
        self.assertEqual(exported("--all", "--until", until), self.all[:-1])
        neither = self.annals("export", "ndjson", "-")
        self.assertEqual((neither.code, "--all" in neither.err), (2, True))


class Restoring(WithFolder):
    """What comes back is what was there, to the byte."""

    def fill(self, annals):
        self.demo(annals)
        self.run_ok(annals, "stream", "append", "gone-1", "--type", "Opened")
        self.run_ok(annals, "stream", "delete", "gone-1")
        self.run_ok(annals, "stream", "append", "gone-2", "--type", "Opened")
        self.run_ok(annals, "stream", "tombstone", "gone-2", "--yes")
        self.run_ok(annals, "stream", "metadata", "set", "order-1001", "--max-count", 2)
        self.run_ok(annals, "namespace", "create", "side")
        self.run_ok(annals, "stream", "append", "here-1", "--type", "Side", "-n", "side")

    def export_all(self, annals, name, *flags):
        self.run_ok(annals, "export", "ndjson", name, "--all", "--system", *flags)
        return (self.folder / name).read_bytes()

    def test_a_log_is_restored_byte_for_byte(self):
        server, annals = self.serve("first")
        self.fill(annals)
        through_server = self.export_all(annals, "server.ndjson")
        side = self.export_all(annals, "side.ndjson", "-n", "side")
        self.run_ok(annals, "export", "csv", "server.csv", "--all", "--system")
        locked = annals("export", "ndjson", "locked.ndjson", "--all", "--data", "first")
        self.assertEqual((locked.code, "directory_locked" in locked.err), (1, True), locked.err)
        self.assertEqual(server.stop(), 0)
        from_folder = self.export_all(annals, "folder.ndjson", "--data", "first")
        self.assertIn(b'"append":{"events":1000', from_folder)

        for name, kind, wanted in (("server.ndjson", "ndjson", through_server),
                                   ("server.csv", "csv", through_server),
                                   ("folder.ndjson", "ndjson", from_folder)):  # fmt: skip
            with self.subTest(file=name):
                data = "restored-" + name
                restore = ("import", kind, name, "--restore", "--data", data)
                self.run_ok(annals, *restore)
                self.run_ok(annals, "import", "ndjson", "side.ndjson", "--restore", "--data", data,
                            "-n", "side")  # fmt: skip
                refused = annals(*restore)
                self.assertEqual((refused.code, "not_empty" in refused.err), (3, True), refused.err)
                self.check_restored(annals, data, name, wanted, through_server, side)

    def check_restored(self, annals, data, name, wanted, through_server, side):
        if wanted != through_server:
            again = self.export_all(annals, name + ".again", "--data", data)
            self.assertEqual(again, wanted)
        for run in ("first", "restarted", "reindexed"):
            server = Server(self.folder / data)
            self.addCleanup(server.kill)
            restored = CommandLine(server.address, self.folder)
            export = f"{name}.{run}"
            self.assertEqual(self.export_all(restored, export), through_server)
            self.assertEqual(self.export_all(restored, export + ".side", "-n", "side"), side)
            self.assertEqual(restored("stream", "read", "gone-1").code, 4)
            dead = restored("stream", "append", "gone-2", "--type", "More")
            self.assertEqual((dead.code, "stream_deleted" in dead.err), (3, True), dead.err)
            page = restored("stream", "read", "order-1001", "-o", "jsonl").json_lines()
            self.assertEqual(len(page), 2)
            self.assertEqual(server.stop(), 0)
            if run == "restarted":
                for index in (self.folder / data).glob("namespaces/*/index"):
                    subprocess.run(["rm", "-r", index], check=True)
        verified = annals("store", "verify", data, "-o", "json")
        self.assertEqual(verified.code, 0, verified.err)

    def test_retries_are_known_after_a_restore_from_the_folder(self):
        server, annals = self.serve("first")
        self.demo(annals)
        self.assertEqual(server.stop(), 0)
        self.export_all(annals, "folder.ndjson", "--data", "first")
        self.run_ok(annals, "import", "ndjson", "folder.ndjson", "--restore", "--data", "second")
        _, second = self.serve("second")
        report = self.run_ok(second, "import", "csv", "orders.csv", *DEMO, "-o", "json").json()
        self.assertEqual((report["added"], report["already_there"]), (0, 1000))
        self.run_ok(second, "stream", "append", "order-1001", "--type", "More")
        info = self.run_ok(second, "stream", "info", "order-1001", "-o", "json").json()
        self.assertEqual(info["last_position"], 1001)

    def test_what_was_scavenged_and_forgotten_comes_back_as_it_was(self):
        server, annals = self.serve("first")
        self.demo(annals)
        self.export_all(annals, "before.ndjson")
        streams = sorted({line["stream"] for line in self.lines("before.ndjson")})
        for stream in streams[:20]:
            self.run_ok(annals, "stream", "metadata", "set", stream, "--max-count", 1)
        self.assertEqual(server.stop(), 0)
        scavenge = ("store", "scavenge", "--folder", "first", "-o", "json")
        removed = self.run_ok(annals, *scavenge).json()
        self.assertGreater(removed["removed_events"], 0)
        self.assertEqual(removed["folded_events"], 0)  # forever, unless named
        folded = self.run_ok(annals, *scavenge, "--keep-stubs", "0s").json()["folded_events"]
        server, annals = self.serve("first")
        for stream in streams[20:30]:
            self.run_ok(annals, "stream", "metadata", "set", stream, "--max-count", 1)
        self.assertEqual(server.stop(), 0)
        self.run_ok(annals, *scavenge)
        wanted = self.export_all(annals, "scavenged.ndjson", "--data", "first")
        lines = self.lines("scavenged.ndjson")
        forgotten = [line for line in lines if "forgotten" in line.get("removed", {})]
        stubs = [line for line in lines if "fingerprint" in line.get("removed", {})]
        self.assertEqual(len(forgotten), folded)
        self.assertGreater(len(stubs), 0)
        self.assertTrue(all("id" not in line and "tags" not in line for line in forgotten))

        self.run_ok(annals, "import", "ndjson", "scavenged.ndjson", "--restore", "--data", "second")
        again = self.export_all(annals, "again.ndjson", "--data", "second")
        self.assertEqual(again, wanted)
        self.run_ok(annals, "store", "verify", "second")
        _, second = self.serve("second")
        for stream in streams:
            shown = self.run_ok(second, "stream", "read", stream, "-o", "jsonl").json_lines()
            kept = [line for line in lines if line["stream"] == stream and "removed" not in line]
            self.assertEqual([event["id"] for event in shown], [line["id"] for line in kept])
        # Without --restore they are passed over and counted.
        _, third = self.serve("third")
        report = third("import", "ndjson", "scavenged.ndjson", "-o", "json").json()
        self.assertEqual(report["removed"], len(forgotten) + len(stubs))
        own = [line for line in lines if line["stream"].startswith("$") and "removed" not in line]
        self.assertEqual(report["rejected"], len(own))

    def test_the_servers_own_part_is_restored(self):
        server, annals = self.serve("first")
        self.run_ok(annals, "stream", "append", "a-1", "--type", "Happened")
        position = annals("store", "info", "-o", "json").json()["position"]
        self.run_ok(annals, "consumer", "save", "mailer", position)
        self.assertEqual(server.stop(), 0)
        system = ("export", "ndjson", "--all", "--system", "--part", "system", "--data")
        self.run_ok(annals, *system, "first", "system.ndjson")
        streams = {line["stream"] for line in self.lines("system.ndjson")}
        self.assertIn("$consumer-mailer", streams)
        self.export_all(annals, "events.ndjson", "--data", "first")
        for name, part in (("events.ndjson", "events"), ("system.ndjson", "system")):
            restore = ("import", "ndjson", name, "--restore", "--data", "second", "--part", part)
            self.run_ok(annals, *restore)
        self.run_ok(annals, *system, "second", "again.ndjson")
        self.assertEqual(self.lines("again.ndjson"), self.lines("system.ndjson"))
        _, second = self.serve("second")
        listed = self.run_ok(second, "consumer", "list", "-o", "jsonl")
        self.assertIn("mailer", listed.out)

    def test_what_is_no_whole_log_restores_nothing(self):
        server, annals = self.serve("first")
        self.demo(annals, rows=50)
        self.run_ok(annals, "export", "ndjson", "part.ndjson", "--type", "OrderPlaced")
        self.run_ok(annals, "export", "ndjson", "all.ndjson", "--all")
        self.assertEqual(server.stop(), 0)
        answer = annals("import", "ndjson", "part.ndjson", "--restore", "--data", "second")
        self.assertEqual((answer.code, "not_restorable" in answer.err), (3, True), answer.err)
        self.assertIn("line 2: position", answer.err)
        self.run_ok(annals, "import", "ndjson", "all.ndjson", "--restore", "--data", "second")
        homeless = annals("import", "ndjson", "all.ndjson", "--restore")
        self.assertEqual((homeless.code, "--data" in homeless.err), (2, True))


class Interrupted(WithFolder):
    def kill_when(self, process, is_time):
        """SIGKILL once it is time; False when the program was done before."""
        while process.poll() is None:
            if is_time():
                process.send_signal(signal.SIGKILL)
                process.communicate()
                return process.returncode == -signal.SIGKILL
        process.communicate()
        return False

    def test_an_import_that_was_killed_goes_on_and_doubles_nothing(self):
        rows = 60_000
        server, annals = self.serve("first")
        self.run_ok(annals, "demo", "csv", "--rows", rows, "-f", "orders.csv")
        process = annals.start("import", "csv", "orders.csv", *DEMO)

        def has_some():
            info = annals("store", "info", "-o", "json")
            return info.code == 0 and info.json()["events"] > 2_000

        self.assertTrue(self.kill_when(process, has_some), "it was done before it was killed")
        report = self.run_ok(annals, "import", "csv", "orders.csv", *DEMO, "-o", "json").json()
        self.assertGreater(report["already_there"], 0)
        self.assertGreater(report["added"], 0)
        self.assertEqual(report["added"] + report["already_there"], rows)
        self.run_ok(annals, "export", "csv", "out.csv", "--all")
        with open(self.folder / "out.csv", newline="", encoding="utf-8") as file:
            stored = [(row["stream"], row["type"]) for row in csv.DictReader(file)]
        with open(self.folder / "orders.csv", newline="", encoding="utf-8") as file:
            given = [("order-" + row["order"], row["event"]) for row in csv.DictReader(file)]
        self.assertEqual(stored, given)

    def test_an_import_outlives_orderly_stops_of_the_server(self):
        rows = 60_000
        port = KeptPort()
        self.addCleanup(port.close)
        server, annals = self.serve("first", grpc_port=port.number)
        self.run_ok(annals, "demo", "csv", "--rows", rows, "-f", "orders.csv")
        process = annals.start("import", "csv", "orders.csv", *DEMO, "-o", "json")

        def events():
            info = annals("store", "info", "-o", "json")
            return info.json()["events"] if info.code == 0 else 0

        stops = 0
        while process.poll() is None and stops < 4:
            if events() < (stops + 1) * 5_000:
                continue
            self.assertEqual(server.stop(), 0)
            server = Server(self.folder / "first", grpc_port=port.number)
            self.addCleanup(server.kill)
            stops += 1
        out, err = process.communicate()
        self.assertEqual(process.returncode, 0, err)
        self.assertGreater(stops, 0, "it was done before the server stopped")
        report = json.loads(out)
        self.assertEqual(report["added"] + report["already_there"], rows)
        self.assertEqual(events(), rows)

    def test_an_export_that_was_killed_goes_on(self):
        _, annals = self.serve("first")
        self.demo(annals, rows=60_000)
        self.run_ok(annals, "export", "ndjson", "whole.ndjson", "--all")
        state = self.folder / "half.ndjson.part.state"
        process = annals.start("export", "ndjson", "half.ndjson", "--all")
        self.assertTrue(self.kill_when(process, state.exists), "it was done before it was killed")
        self.assertFalse((self.folder / "half.ndjson").exists())
        other = annals("export", "ndjson", "half.ndjson", "--category", "order", "--dry-run")
        self.assertEqual(other.code, 2)
        again = self.run_ok(annals, "export", "ndjson", "half.ndjson", "--all")
        self.assertIn("going on with the half export", again.err)
        whole = (self.folder / "whole.ndjson").read_bytes()
        self.assertEqual((self.folder / "half.ndjson").read_bytes(), whole)
        there = annals("export", "ndjson", "half.ndjson", "--all")
        self.assertEqual((there.code, "--force" in there.err), (3, True), there.err)

    def test_half_an_export_of_something_else_is_not_gone_on_with(self):
        _, annals = self.serve("first")
        self.demo(annals, rows=100)
        (self.folder / "x.ndjson.part").write_text("half a li")
        answer = self.run_ok(annals, "export", "ndjson", "x.ndjson", "--all")
        self.assertIn("cannot go on with the half export", answer.err)
        self.assertEqual(len(self.lines("x.ndjson")), 100)


class Rejects(WithFolder):
    def mended(self, kind, name, text, rejects, mend):
        """Imports, mends what was set aside, imports that; all messages of the first import."""
        _, annals = self.serve("data")
        (self.folder / name).write_text(text)
        first = annals("import", kind, name)
        self.assertEqual(first.code, 1, first.err)
        path = self.folder / rejects
        path.write_text(mend(path.read_text()))
        self.run_ok(annals, "import", kind, rejects)
        self.events = self.run_ok(annals, "stream", "read", "--all", "-o", "jsonl").json_lines()
        return first.err

    def test_ndjson(self):
        err = self.mended(
            "ndjson", "x.ndjson",
            '{"stream":"a-1","type":"A"}\n{"stream":"a-1","tipe":"B"}\n'
            '{"stream":"$a","type":"C"}\n',
            "x.rejected.ndjson", lambda text: text.replace("tipe", "type").replace("$a", "b-1"),
        )  # fmt: skip
        self.assertIn("line 2: tipe", err)
        self.assertIn("line 3: stream", err)
        self.assertEqual([event["type"] for event in self.events], ["A", "B", "C"])

    def test_xes(self):
        err = self.mended(
            "xes", "x.xes",
            '<log><trace><string key="concept:name" value="c-1"/>\n'
            '<event><string key="concept:name" value="A"/></event>\n'
            '<event><string key="concept:name" value="B"/>'
            '<date key="time:timestamp" value="noon"/></event></trace></log>',
            "x.rejected.xes", lambda text: text.replace("noon", "2024-01-01T12:00:00Z"),
        )  # fmt: skip
        self.assertIn("line 3: trace 1, event 2: 'noon' is not a time", err)
        self.assertEqual([(e["stream"], e["type"]) for e in self.events],
                         [("c-1", "A"), ("c-1", "B")])  # fmt: skip
        self.assertEqual(self.events[1]["valid_time"], "2024-01-01T12:00:00Z")

    def test_cloud_events(self):
        good = '{"specversion":"1.0","id":"%s","source":"/x","type":"T","subject":"c-1"}'
        bad = good.replace("1.0", "0.3")
        err = self.mended(
            "cloudevents", "x.json", "[" + good % 1 + ",\n" + bad % 2 + ",\n" + good % 3 + "]",
            "x.rejected.ndjson", lambda text: text.replace("0.3", "1.0"),
        )  # fmt: skip
        self.assertIn("line 2: specversion", err)
        self.assertEqual([e["dialect"]["ce.id"] for e in self.events], ["1", "3", "2"])

    def test_an_input_that_breaks_off_keeps_what_stood_before(self):
        _, annals = self.serve("data")
        (self.folder / "x.xes").write_text(
            '<log><trace><string key="concept:name" value="c-1"/>'
            '<event><string key="concept:name" value="A"/></event>\n<oops'
        )
        answer = annals("import", "xes", "x.xes")
        self.assertEqual((answer.code, "unreadable_input" in answer.err), (2, True), answer.err)
        self.assertEqual(len(annals("stream", "read", "--all", "-o", "jsonl").json_lines()), 1)


@unittest.skipUnless(RETAIL.exists(), f"{RETAIL} is not there; set ANNALS_SHARED_DATA")
class RealRetail(WithFolder):
    MAPPING = ("--stream", "invoice-{InvoiceNo}", "--type", "ItemSold",
               "--number-column", "Quantity", "--tag-column", "customer=CustomerID")  # fmt: skip

    def rows(self):
        """The good ones, and how many are bad: not UTF-8, or cut off."""
        with open(RETAIL, newline="", encoding="utf-8", errors="surrogateescape") as file:
            rows = list(csv.DictReader(file))
        good = [row for row in rows if None not in row.values() and self.is_utf8(row)]
        return good, len(rows) - len(good)

    @staticmethod
    def is_utf8(row):
        return not any("\udc80" <= sign <= "\udcff" for text in row.values() for sign in text)

    def test_it_imports_in_seconds_and_comes_back_whole(self):
        server, annals = self.serve("first")
        started = time.monotonic()
        imported = annals("import", "csv", RETAIL, *self.MAPPING, "-o", "json",
                          "--rejects", "bad.csv")  # fmt: skip
        seconds = time.monotonic() - started
        report = imported.json()
        rows, bad = self.rows()
        self.assertEqual((report["added"], report["rejected"]), (len(rows), bad), imported.err)
        with open(self.folder / "bad.csv", "rb") as file:
            self.assertEqual(len(file.readlines()), bad + 1)
        self.assertLess(seconds, RETAIL_SECONDS_MAX)
        self.run_ok(annals, "export", "ndjson", "all.ndjson", "--all", "--system")
        stored = self.lines("all.ndjson")
        for event, row in zip(stored, rows):
            self.assertEqual(event["stream"], "invoice-" + row["InvoiceNo"])
            self.assertEqual(event["data"].get("Description", ""), row["Description"])
            self.assertEqual(str(event["data"]["Quantity"]), row["Quantity"])
        self.assertEqual(server.stop(), 0)
        self.run_ok(annals, "import", "ndjson", "all.ndjson", "--restore", "--data", "second")
        _, second = self.serve("second")
        self.run_ok(second, "export", "ndjson", "again.ndjson", "--all", "--system")
        first, again = (self.folder / name for name in ("all.ndjson", "again.ndjson"))
        self.assertEqual(again.read_bytes(), first.read_bytes())


@unittest.skipUnless(PERMITS.exists(), f"{PERMITS} is not there; set ANNALS_SHARED_DATA")
class RealPermits(WithFolder):
    def test_as_xes_it_is_what_process_mining_reads(self):
        _, annals = self.serve("first")
        self.run_ok(annals, "import", "csv", PERMITS, *PERMIT)
        self.run_ok(annals, "export", "xes", "permits.xes", "--all")
        with open(PERMITS, newline="", encoding="utf-8") as file:
            rows = by_stream(
                {**row, "stream": row["case:concept:name"]} for row in csv.DictReader(file)
            )
        log = xml.etree.ElementTree.parse(self.folder / "permits.xes").getroot()
        self.assertEqual(log.tag, XES + "log")
        self.assertEqual(log.get("xes.version"), "1849-2016")
        self.check_order_of_parts(log)
        traces = log.findall(XES + "trace")
        self.assertEqual(len(traces), 1434)
        for trace in traces:
            (name,) = [a.get("value") for a in trace if a.get("key") == "concept:name"]
            events = [self.attributes(event) for event in trace.findall(XES + "event")]
            self.assertEqual([e["concept:name"] for e in events],
                             [row["concept:name"] for row in rows[name]])  # fmt: skip
            for event, row in zip(events, rows[name]):
                self.assertEqual(event["org:resource"], row["org:resource"])
                self.assertEqual(event["org:group"], row["org:group"])
                self.assertRegex(event["time:timestamp"], r"^\d{4}-\d\d-\d\dT[\d:.]+\+0[12]:00$")

    def check_order_of_parts(self, log):
        """The sequence of the standard's schema: extension*, global*, classifier*, attributes,
        trace*; keys are unique within a parent, prefixes declared, globals on every event."""
        order = ("extension", "global", "classifier", "string", "trace")
        parts = [order.index(part.tag.removeprefix(XES)) for part in log]
        self.assertEqual(parts, sorted(parts))
        prefixes = {part.get("prefix") for part in log.findall(XES + "extension")}
        for event in log.iter(XES + "event"):
            keys = [attribute.get("key") for attribute in event]
            self.assertEqual(len(keys), len(set(keys)))
            self.assertTrue({"concept:name", "time:timestamp"} <= set(keys))
        keys = {attribute.get("key", "") for attribute in log.iter()}
        own = {key for key in keys if re.fullmatch(r"annals:\w+", key)}
        self.assertTrue(own)
        self.assertIn("annals", prefixes)

    @staticmethod
    def attributes(event):
        return {attribute.get("key"): attribute.get("value") for attribute in event}


if __name__ == "__main__":
    unittest.main()
