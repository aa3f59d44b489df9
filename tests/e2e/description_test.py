# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""/openapi.json held against what the routes take: the parameters that they list when one of them
is not known, and the header fields that they name when their value cannot be meant. And /docs, the
page that is made of it, in a real browser.
"""

import http.client
import json
import pathlib
import re
import tempfile
import unittest

from browser import Browser
from program import Server

UNKNOWN = "no-such-parameter"
TOO_LONG = "x" * 4_000
UUID = "01900000-0000-7000-8000-000000000001"
# What stands for the parts of a path; any text for those that are not here.
SEGMENTS = {"namespace": "default", "id": UUID, "position": "1", "member": "1"}
FEED = {"Accept": "text/event-stream"}
CLOUD = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/x", "ce-type": "t"}
# A value that no route can mean, and what else a request must say for the field to be looked at.
HEADERS = {
    "If-Match": ("nonsense", {}),
    "If-None-Match": ("nonsense", {}),
    "Idempotency-Key": (TOO_LONG, {}),
    "Min-Position": ("nonsense", {}),
    "Last-Event-ID": ("nonsense", FEED),
    "ce-specversion": ("0.3", CLOUD),
    "ce-id": ("", CLOUD),
    "ce-source": ("", CLOUD),
    "ce-type": ("", CLOUD),
    "ce-time": ("nonsense", CLOUD),
}
# Some routes refuse also what can be meant: they only know the field.
MEANT = {"If-Match": "*", "If-None-Match": "*"}
# Kept as they are, whatever they say.
KEPT = {"Actor", "Correlation-Id", "Causation-Id", "ce-subject"}
# What must be there before others are looked at.
QUERIES = {"undoEntity": "to=0", "deleteNamespace": "confirm=deletenamespace"}
CONTENT = {
    "appendToStream": {"type": "t"},
    "append": [{"type": "t", "stream": "order-1"}],
}


class Description(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        server = Server(pathlib.Path(scratch.name) / "data")
        cls.addClassCleanup(server.kill)
        cls.port = server.ready["http_port"]
        cls.document = json.loads(cls.ask("GET", "/openapi.json")[1])
        cls.ask("POST", "/v1/streams/order-1", json.dumps({"type": "t", "id": UUID}))

    @classmethod
    def ask(cls, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", cls.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            is_feed = answer.getheader("Content-Type") == "text/event-stream"
            return answer.status, "" if is_feed else answer.read().decode()
        finally:
            connection.close()

    def operations(self):
        """(method, path, what is said of it) of all but the handshake."""
        for path, place in self.document["paths"].items():
            for method, operation in place.items():
                if not path.endswith("/ws"):
                    yield method.upper(), path, operation

    def parameters(self, operation, where):
        found = set()
        for parameter in operation.get("parameters", []):
            if "$ref" in parameter:
                parameter = self.document["components"]["parameters"][
                    parameter["$ref"].rsplit("/", 1)[1]]
            if parameter["in"] == where:
                found.add(parameter["name"])
        return found

    @classmethod
    def target(cls, path, operation):
        """With a name of its own for what one operation does away with and another reads."""

        def text(part):
            return SEGMENTS.get(part.group(1), operation["operationId"].lower())

        query = QUERIES.get(cls.name_of(operation), "")
        return re.sub(r"\{(\w+)\}", text, path) + "?" + query

    def fields(self, *request):
        """What the answer says is wrong."""
        try:
            return json.loads(self.ask(*request)[1]).get("fields", {})
        except (ValueError, AttributeError):
            return {}

    def test_parameters_are_those_that_the_routes_list(self):
        seen = 0
        for method, path, operation in self.operations():
            with self.subTest(method=method, path=path):
                described = self.parameters(operation, "query")
                headers = {"Content-Type": self.content_type(operation)}
                fields = self.fields(method, f"{self.target(path, operation)}&{UNKNOWN}=1",
                                     self.content(operation), headers)  # fmt: skip
                if fields.get("field") != UNKNOWN:
                    # Pages and health answer whatever is asked beside their path.
                    self.assertFalse(path.startswith("/v1/") and path != "/v1/healtz", fields)
                    self.assertEqual(described, set())
                    continue
                seen += 1
                rule = fields["rule"]
                if not described:
                    self.assertEqual(rule, "left out: there are no parameters here")
                    continue
                listed = rule.removeprefix("left out: the parameters here are ")
                self.assertEqual(set(listed.split(", ")), described)
        self.assertGreater(seen, 100)

    @staticmethod
    def content_type(operation):
        types = list(operation.get("requestBody", {}).get("content", {}))
        return types[0] if types else "application/json"

    @staticmethod
    def name_of(operation):
        return operation["operationId"].removesuffix("In")

    @classmethod
    def content(cls, operation):
        if "requestBody" not in operation:
            return None
        return json.dumps(CONTENT.get(cls.name_of(operation), {}))

    def refused(self, method, path, operation, name, value, others):
        """The rule that a route has for a header field and that the value breaks; or nothing."""
        headers = {"Content-Type": self.content_type(operation), **others, name: value}
        fields = self.fields(method, self.target(path, operation), self.content(operation),
                             headers)  # fmt: skip
        return fields.get("rule", "there is one") if fields.get("field") == name else None

    def takes(self, method, path, operation, name):
        value, others = HEADERS[name]
        if self.refused(method, path, operation, name, value, others) is None:
            return False
        meant = MEANT.get(name)
        rule = meant and self.refused(method, path, operation, name, meant, others)
        return not (rule or "").startswith("left out")

    def test_header_fields_are_those_that_the_routes_look_at(self):
        seen = set()
        for method, path, operation in self.operations():
            described = self.parameters(operation, "header") - KEPT
            if method == "GET":
                described.discard("If-None-Match")  # whatever it says: who has it is told 304
            taken = {name for name in HEADERS if self.takes(method, path, operation, name)}
            with self.subTest(method=method, path=path):
                self.assertEqual(described, taken)
            seen |= taken
        self.assertEqual(seen, set(HEADERS))

    def test_the_page_shows_every_operation_in_a_browser(self):
        wanted = []
        for method, path, operation in self.operations():
            if not path.startswith("/v1/ns/"):
                names = [*self.parameters(operation, "path"), *self.parameters(operation, "query"),
                         *self.parameters(operation, "header")]  # fmt: skip
                statuses = sorted(operation["responses"])
                wanted.append([method, path, operation["summary"], sorted(names), statuses])
        with Browser() as browser:
            page = browser.open(f"http://127.0.0.1:{self.port}/docs")
            page.run("""new Promise(done => {
                const look = () => document.querySelector('h2') ? done() : setTimeout(look, 20);
                look();
            })""")
            shown = page.run("""[...document.querySelectorAll('summary:has(.method)')].map(line => {
                const [method, path] = line.children;
                const all = line.parentElement;
                const names = [...all.querySelectorAll('tr')].map(row => row.cells[0].textContent);
                const said = [...all.querySelectorAll('p')].map(one => one.textContent);
                const statuses = said.filter(one => /^[0-9]{3}: ./.test(one));
                return [method.textContent, path.textContent,
                        line.lastChild.textContent.trim(), names.sort(),
                        statuses.map(one => one.slice(0, 3)).sort()];
            })""")
            shown = [one for one in shown if not one[1].endswith("/ws")]
            self.assertCountEqual(shown, wanted)
            headings = page.run("[...document.querySelectorAll('h2')].map(one => one.textContent)")
            self.assertEqual(headings[-1], "schemas")
            text = page.run("document.body.textContent")
            for name in self.document["components"]["schemas"]:
                self.assertIn(name, text)
            self.assertIn("Version " + self.document["info"]["version"], text)
            self.assertNotIn("undefined", page.run("document.getElementById('main').textContent"))


if __name__ == "__main__":
    unittest.main()
