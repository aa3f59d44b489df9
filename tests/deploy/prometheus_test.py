# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""A real Prometheus scrapes a server that works: no panel, no alert asks for what is not there."""

import json
import pathlib
import re
import subprocess
import tempfile
import threading
import unittest
import urllib.error
import urllib.request

import grpc
from consumerstore import service_pb2

from annals_server import Server, program
from prometheus import Prometheus
from sample import Sample

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "deploy"
METRIC = re.compile(r"\b((?:annals|eskit|process|up)[a-z0-9_:]*)(?=[{\[ )]|$)")


class Work:
    """Everything that a server counts, again and again until it is ended."""

    def __init__(self, server):
        self.server = server
        self.http = f"http://127.0.0.1:{server.http_port}"
        self.rounds = 0
        self.error = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._follower = subprocess.Popen(
            [program(), "--server", server.address, "stream", "tail", "-o", "jsonl"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def request(self, method, path, body=None, expect=200, **headers):
        data = None if body is None else json.dumps(body).encode()
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(self.http + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        if status != expect:
            raise AssertionError(f"{method} {path} answered {status}: {text[:500]}")
        return text

    def _round(self, number):
        event = {"type": "shop.Order.Placed", "data": {"number": number}}
        stream = f"/v1/streams/order-{number}"
        self.request("POST", stream, event, 201, If_None_Match="*", Idempotency_Key=f"k{number}")
        self.request("POST", stream, event, 201, If_None_Match="*", Idempotency_Key=f"k{number}")
        self.request("POST", stream, event, 412, If_None_Match="*")
        self.request("GET", stream)
        self.request("PUT", f"/v1/entities/customer/c{number}", {"name": "Ada"}, 201)
        called = self.server.json(
            "stream", "append", f"call-{number}", "--type", "Called", "--data", "{}")
        self.server.run("consumer", "save", "calls", called["token"])
        self.server.run("group", "show", f"none-{number}", check=False)
        self.server.run("group", "work", "billing", "--limit", "1", "-o", "jsonl")

    def _run(self):
        try:
            while not self._over.is_set():
                self._round(self.rounds)
                self.rounds += 1
        except Exception as error:  # told by end()
            self.error = error

    def __enter__(self):
        self.server.run("group", "create", "billing", "--category", "order")
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join(120)
        self._follower.terminate()
        self._follower.wait(30)


def panels():
    for path in sorted((DEPLOY / "grafana" / "dashboards").glob("*.json")):
        dashboard = json.loads(path.read_text())
        for panel in dashboard["panels"]:
            for target in panel.get("targets", []):
                expression = target["expr"]
                for variable in ("$instance", "$namespace", "$entity"):
                    expression = expression.replace(variable, ".*")
                expression = expression.replace("$__rate_interval", "10s")
                yield f"{path.name}: {panel['title']}", expression


def alert_expressions():
    for name in ("alerts.yml", "recording.yml"):
        text = (DEPLOY / "prometheus" / "rules" / name).read_text()
        for rule, expression in re.findall(
                r"- (?:alert|record): (\S+)\n\s+expr: (?:>-\n)?((?:.|\n)*?)\n"
                r"\s*(?:for|labels|- |$)", text + "\n"):
            yield rule, " ".join(expression.split())


class RealPrometheus(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.scratch.cleanup)
        folder = pathlib.Path(cls.scratch.name)
        cls.server = cls.enterClassContext(Server(folder / "data"))
        save_as_eskit(cls.server)
        schema = folder / "schema.json"
        schema.write_text('{"type":"object"}')
        cls.server.run("crud", "type", "put", "customer", "--schema", f"@{schema}")
        cls.work = cls.enterClassContext(Work(cls.server))
        cls.totals = cls.enterClassContext(Sample(
            "annals-metrics", "--store", cls.server.address, "--save-interval-ms", "500"))
        cls.prometheus = cls.enterClassContext(Prometheus(folder, {
            "annals": f"127.0.0.1:{cls.server.http_port}",
            "annals-metrics": f"127.0.0.1:{cls.totals.ports['http']}"}))

    def tell_work(self):
        if self.work.error is not None:
            raise self.work.error

    def test_every_panel_has_data(self):
        seen = 0
        for title, expression in panels():
            with self.subTest(title, expression=expression):
                samples = self.prometheus.wait_for(expression, gives_up=self.tell_work)
                self.assertTrue(samples, "no data")
                seen += 1
        self.tell_work()
        self.assertGreater(seen, 50)

    def test_saves_of_clients_of_annals_are_shown(self):
        # the work goes on saving; eskit's consumer did so before the first scrape
        shown = [expression for title, expression in panels() if title == "consumers.json: Saves"]
        self.assertTrue(self.prometheus.wait_for(
            " or ".join(f"({expression}) > 0" for expression in shown), gives_up=self.tell_work))
        self.tell_work()

    def test_every_rule_asks_for_what_is_there(self):
        rules = list(alert_expressions())
        self.assertGreater(len(rules), 20)
        for rule, expression in rules:
            with self.subTest(rule, expression=expression):
                self.prometheus.ask(expression)  # it is understood
                names = METRIC.findall(expression)
                self.assertTrue(names)
                for name in names:
                    # a ratio of errors begins with the first error
                    if name not in ("annals:rpc_errors:ratio5m", "annals:rpc_errors:rate5m"):
                        self.assertTrue(self.prometheus.wait_for(name, gives_up=self.tell_work),
                                        f"{name} has no data")
        self.tell_work()

    def test_a_server_that_works_gives_no_alert(self):
        self.assertTrue(self.prometheus.wait_for("annals:append_events:rate5m"))
        groups = self.prometheus.get("/api/v1/rules", type="alert")["groups"]
        written = (DEPLOY / "prometheus/rules/alerts.yml").read_text().count("- alert: ")
        self.assertGreater(written, 15)
        self.assertEqual(sum(len(group["rules"]) for group in groups), written)
        for group in groups:
            for rule in group["rules"]:
                self.assertEqual((rule["name"], rule["health"]), (rule["name"], "ok"))
        alerts = self.prometheus.get("/api/v1/alerts")["alerts"]
        self.assertEqual([alert["labels"]["alertname"] for alert in alerts
                          if alert["state"] == "firing"], [])
        self.tell_work()

    def test_the_page_names_every_series_of_the_server_and_no_other(self):
        self.prometheus.wait_for('annals_appends_total{namespace="default",code="replay"} > 0')
        text = urllib.request.urlopen(self.work.http + "/metrics", timeout=30).read().decode()
        shown = set(re.findall(r"^# TYPE ((?:annals|eskit)_\w+)", text, re.MULTILINE))
        page = (DEPLOY.parent / "docs/reference/metrics.md").read_text()
        named = set(re.findall(r"`((?:annals|eskit)_\w+)`", page))
        # counted by the consumer beside the server
        named -= {"eskit_events_store_total", "eskit_events_crud_total"}
        self.assertEqual(shown - named, set(), "not on the page")
        # a figure of what has not happened yet has no series
        self.assertEqual(named - shown - {"annals_scavenge_last_ended_timestamp_seconds"}, set(),
                         "on the page alone")
        self.tell_work()

    def test_counts_are_those_of_the_work(self):
        self.prometheus.wait_for('annals_appends_total{namespace="default",code="replay"} > 0')
        text = urllib.request.urlopen(self.work.http + "/metrics", timeout=30).read().decode()
        for line in ('annals_appends_total{code="conflict",log="events",namespace="default"}',
                     'annals_append_failed_checks_total{check="stream",log="events",'
                     'namespace="default"}',
                     'eskit_events_stream_last_id{application_id="consumer",'
                     'partition_id="shop.Order"}',
                     'eskit_consumers_progress{consumer_name="metrics"} 3',
                     'eskit_consumers_consumed_count{consumer_name="metrics"} 2'):
            self.assertIn(line, text)
        self.tell_work()


def save_as_eskit(server):
    """Two saves of a consumer, as eskit's clients make them."""
    with grpc.insecure_channel(server.address) as channel:
        save = channel.unary_unary(
            "/contracts.consumerstore.ConsumerService/LogConsume",
            service_pb2.AppLogConsumeRequest.SerializeToString,
            service_pb2.AppLogConsumeResponse.FromString)
        for offset in ("1", "3"):
            save(service_pb2.AppLogConsumeRequest(consumer_id="metrics", offset=offset), timeout=30)


if __name__ == "__main__":
    unittest.main()
