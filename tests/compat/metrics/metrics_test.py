# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What annals-metrics counts is what the log holds, whatever happens in between."""

import http.client
import json
import pathlib
import random
import re
import subprocess
import tempfile
import threading
import time
import unittest

import grpc
from crudstore import schema_pb2
from crudstore import service_pb2 as crud_pb2
from proxy import Proxy

from annals_server import Server
from sample import Sample

SECONDS_MAX = 120
SAVES = ("annals_metrics_saves_total", "default")
LINE = re.compile(r'^(\w+)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def start_metrics(store_address, *flags):
    return Sample("annals-metrics", "--store", store_address, "--save-interval-ms", "50", *flags)


def scrape(sample):
    """Series of /metrics: (name, labels' values by name) -> value."""
    status, header, text = sample.ask("GET", "/metrics")
    assert status == 200 and header["Content-Type"].startswith("text/plain"), text
    series = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, labels, value = LINE.match(line).groups()
            key = (name, *(value for _, value in sorted(LABEL.findall(labels or ""))))
            assert key not in series, f"{key} is there twice"
            series[key] = float(value)
    return series


def totals(series, name="eskit_events_store_total"):
    """Values of a family by (entity type, event type)."""
    return {key[1:]: value for key, value in series.items() if key[0] == name}


class Store:
    """Appends to a server and reads it back, over one kept connection a thread."""

    def __init__(self, server):
        self.server = server
        self.connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=60)

    def close(self):
        self.connection.close()

    def ask(self, method, path, content=None):
        self.connection.request(method, path, content and json.dumps(content))
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())

    def append(self, stream, *types):
        status, answer = self.ask("POST", f"/v1/streams/{stream}",
                                  [{"type": type, "data": {}} for type in types])
        assert status == 201, answer
        return answer["last_position"]

    def counted(self):
        """What is to be counted: (entity type, event type) -> events, and the last position."""
        found = {}
        after = ""
        last = 0
        while True:
            _, page = self.ask("GET", f"/v1/events?limit=4096&include_system=true{after}")
            for event in page["events"]:
                last = event["position"]
                if not event["stream"].startswith("$"):
                    entity, _, kind = event["type"].rpartition(".")
                    found[entity, kind] = found.get((entity, kind), 0) + 1
            if page["is_end"]:
                return found, last
            after = f"&after={page['next']}"


class MetricsTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "data"
        self.server = Server(self.folder)
        self.addCleanup(lambda: self.server.stop())
        self.store = Store(self.server)
        self.addCleanup(lambda: self.store.close())

    def start(self, *flags, address=None):
        sample = start_metrics(address or self.server.address, *flags)
        self.addCleanup(sample.stop)
        return sample

    def until(self, sample, holds):
        """Scrapes until it holds; the series then."""
        end = time.monotonic() + SECONDS_MAX
        while not holds(series := scrape(sample)):
            self.assertLess(time.monotonic(), end, series)
        return series

    def caught_up(self, sample, position):
        def holds(series):
            return (series["annals_metrics_live", "default"] == 1
                    and series["annals_metrics_position", "default"] >= position)
        return self.until(sample, holds)

    def check(self, sample):
        """Totals equal what the log holds, exactly."""
        counted, last = self.store.counted()
        series = self.caught_up(sample, last)
        self.assertEqual(totals(series), counted)
        self.assertEqual(sum(totals(series, "annals_events_total").values()),
                         sum(counted.values()))
        return series

    def test_counts_what_was_and_what_comes(self):
        self.store.append("order-1", "shop.Order.Placed", "shop.Order.Paid", "Plain")
        sample = self.start()
        self.check(sample)
        last = self.store.append("order-2", "shop.Order.Placed", "com.x.Y.Created")
        series = self.caught_up(sample, last)
        self.assertEqual(totals(series), {
            ("shop.Order", "Placed"): 2, ("shop.Order", "Paid"): 1, ("", "Plain"): 1,
            ("com.x.Y", "Created"): 1})
        self.assertEqual(totals(series, "annals_events_total"), {
            ("default", "shop.Order.Placed"): 2, ("default", "shop.Order.Paid"): 1,
            ("default", "Plain"): 1, ("default", "com.x.Y.Created"): 1})
        self.assertEqual(sample.ask("GET", "/health/ready")[0], 200)

    def test_counts_crud_events_of_registered_types(self):
        with grpc.insecure_channel(self.server.address) as channel:
            def crud(name, request):
                return channel.unary_unary(
                    f"/contracts.crudstore.CrudStoreService/{name}",
                    type(request).SerializeToString,
                    getattr(crud_pb2, f"{name}Response").FromString)(request, timeout=60)
            crud("RegisterType", crud_pb2.RegisterTypeRequest(
                spec=schema_pb2.CrudEntitySpec(entity_type="shop.Pen")))
            for entity in ("shop.Pen", "shop.Ink"):
                made = crud("Create",
                            crud_pb2.CreateRequest(entity_type=entity, payload='{"a":1}'))
                crud("Update", crud_pb2.UpdateRequest(
                    entity_type=entity, originator=made.originator, payload='{"a":2}'))
        schema = self.folder.parent / "schema.json"
        schema.write_text('{"type":"object"}')
        self.server.run("crud", "type", "put", "product", "--schema", f"@{schema}")
        self.store.append("product-1", "product.CREATED", "product.Sold", "product.deleted")
        series = self.check(self.start())
        self.assertEqual(totals(series, "eskit_events_crud_total"), {
            ("shop.Pen", "Created"): 1, ("shop.Pen", "Updated"): 1,
            ("product", "CREATED"): 1, ("product", "deleted"): 1})

    def test_counts_the_users_of_the_other_sample(self):
        users = Sample("annals-users", "--store", self.server.address, doors=("grpc", "http"))
        self.addCleanup(users.stop)
        sample = self.start()
        for number in range(3):
            status, _, made = users.ask("POST", "/v1/users", {"email": f"u{number}@example.com"})
            self.assertEqual(status, 201, made)
        series = self.until(sample, lambda series: totals(series, "eskit_events_crud_total") == {
            ("contracts.users.User", "Created"): 3})
        self.assertEqual(totals(series)["contracts.users.User", "Created"], 3)

    def test_bounds_the_number_of_series(self):
        types = [f"T{number:04}.Made" for number in range(1_020)]
        for start in range(0, len(types), 100):
            self.store.append("a", *types[start:start + 100])
        last = self.store.append("a", types[0], types[-1])
        sample = self.start()
        series = totals(self.caught_up(sample, last))
        self.assertEqual(len(series), 1_001)
        self.assertEqual((series["T0000", "Made"], series["T0999", "Made"]), (2, 1))
        self.assertEqual(series["", ""], 21)
        sample.stop()
        self.assertEqual(totals(self.caught_up(self.start(), last)), series)

    def test_totals_survive_a_restart(self):
        for round in range(3):
            sample = self.start()
            for number in range(20):
                self.store.append(f"a-{number}", "a.Made", "a.Used")
            series = self.check(sample)
            self.assertEqual(totals(series)["a", "Made"], 20 * (round + 1))
            self.assertEqual(sample.stop(), 0)
        sample = self.start()
        self.check(sample)
        # what was saved is where it went on: nothing is left to save
        series = scrape(sample)
        self.assertEqual(series["annals_metrics_saved_position", "default"],
                         series["annals_metrics_position", "default"])
        self.assertEqual(series["annals_metrics_saves_total", "default"], 0)
        self.assertIn("goes on behind position 120 with 120 events", "".join(sample.log))

    def test_killed_at_random_it_neither_loses_nor_doubles(self):
        pick = random.Random(7)
        stop = threading.Event()
        appended = threading.Semaphore(0)

        def append(number):
            store = Store(self.server)
            choose = random.Random(number)
            while not stop.is_set():
                types = [f"t{choose.randrange(5)}.Made" for _ in range(choose.randrange(1, 20))]
                store.append(f"s{number}-{choose.randrange(9)}", *types)
                appended.release()
            store.close()

        appenders = [threading.Thread(target=append, args=(number,)) for number in range(2)]
        for appender in appenders:
            appender.start()
        shown = {}
        saves = 0
        try:
            for life in range(8):
                sample = start_metrics(self.server.address)
                scrapes = pick.randrange(1, 12)
                give_up = time.monotonic() + SECONDS_MAX
                # every fourth is killed not before it has saved, however quick the others were
                while scrapes > 0 or (life % 4 == 3 and not series[SAVES]):
                    self.assertLess(time.monotonic(), give_up, "it does not save")
                    scrapes -= 1
                    self.assertTrue(appended.acquire(timeout=SECONDS_MAX))
                    series = scrape(sample)
                    saves += series[SAVES]
                    for labels, value in totals(series).items():
                        # a total never goes back, not over kills either: Prometheus would take it
                        # for a reset, and count again what it had counted
                        self.assertGreaterEqual(value, shown.get(labels, 0), labels)
                        shown[labels] = value
                sample.kill()
        finally:
            stop.set()
            for appender in appenders:
                appender.join()
        self.assertGreater(saves, 0, "no kill came after a save")
        series = self.check(self.start())
        for labels, value in shown.items():
            self.assertGreaterEqual(totals(series)[labels], value)

    def test_two_instances_count_the_same(self):
        first, second = self.start(), self.start()
        for number in range(50):
            self.store.append(f"a-{number}", "a.Made")
        self.check(first)
        self.check(second)
        for sample in (first, second):
            self.assertEqual(sample.stop(), 0)
        self.check(self.start())

    def test_outlives_cuts_and_restarts_of_the_store(self):
        proxy = Proxy(lambda: ("127.0.0.1", self.server.grpc_port))
        self.addCleanup(proxy.close)
        proxy.cut()
        sample = self.start(address=proxy.address)
        self.assertEqual(sample.ask("GET", "/health/live")[0], 200)
        self.assertEqual(sample.ask("GET", "/health/ready")[0], 503)
        self.assertEqual(totals(scrape(sample)), {})
        proxy.heal()
        self.store.append("a-1", "a.Made")
        self.check(sample)
        for end in (Server.stop, Server.kill):
            self.store.close()
            end(self.server)
            self.assertEqual(sample.ask("GET", "/health/ready")[0], 503)
            self.assertEqual(totals(scrape(sample))["a", "Made"], 1)
            self.server = Server(self.folder)
            self.store = Store(self.server)
        self.store.append("b-1", "b.Made")
        self.check(sample)
        self.assertGreater(scrape(sample)["annals_metrics_reconnects_total", "default"], 0)

    def test_counts_anew_when_the_log_is_another_one(self):
        sample = self.start()
        for _ in range(5):
            self.store.append("a-1", "a.Made")
        self.check(sample)
        sample.stop()
        # the log that is counted begins anew; what was kept of it is still there
        with tempfile.TemporaryDirectory() as folder:
            with Server(pathlib.Path(folder) / "data") as other:
                store = Store(other)
                store.append("b-1", "b.Made")
                self.copy_state(other)
                sample = self.start(address=other.address)
                series = self.caught_up(sample, 1)
                self.assertEqual(totals(series), {("b", "Made"): 1})
                self.assertEqual(series["annals_metrics_restarts_total", "default"], 1)
                sample.stop()
                store.close()

    def copy_state(self, other):
        """The kept totals of this store, in the other one."""
        document = self.server.json("--namespace", "annals-metrics", "crud", "get",
                                    "metrics-totals", "default.metrics")
        other.run("namespace", "create", "annals-metrics")
        other.run("--namespace", "annals-metrics", "crud", "create", "metrics-totals",
                  "default.metrics", "--data", json.dumps(document.get("document", document)))

    def test_says_what_it_wants(self):
        program = self.start().process.args[0]
        shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
        self.assertRegex(shown.stdout, r"^annals-metrics \d+\.\d+\.\d+\n$")
        shown = subprocess.run([program, "--help"], capture_output=True, text=True, check=True)
        for flag in ("--store", "--http", "--consumer", "Example:"):
            self.assertIn(flag, shown.stdout)
        done = subprocess.run([program, "--state-namespace", "default"], capture_output=True,
                              text=True, check=False, timeout=SECONDS_MAX)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--state-namespace", done.stderr)
        done = subprocess.run([program, "--store", "nonsense", "--http", "127.0.0.1:0"],
                              capture_output=True, text=True, check=False, timeout=SECONDS_MAX)
        self.assertEqual(done.returncode, 1)
        self.assertIn('"nonsense" is no HOST:PORT', done.stderr)


if __name__ == "__main__":
    unittest.main()
