# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Entities and consumers over HTTP: conditions, patches, history, lists, bulk, races, and that gRPC
(the command line) sees the same."""

import concurrent.futures
import http.client
import json
import pathlib
import tempfile
import unittest
import urllib.parse

from program import CommandLine, Server

MERGE = "application/merge-patch+json"
OPERATIONS = "application/json-patch+json"


class Answer:
    def __init__(self, response, body):
        self.status = response.status
        self.text = body
        self.headers = response.headers

    def json(self):
        return json.loads(self.text)

    @property
    def code(self):
        return self.json()["code"]


class Http(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.server = Server(pathlib.Path(cls.scratch.name) / "data")
        cls.annals = CommandLine(cls.server.address, cls.scratch.name)

    @classmethod
    def tearDownClass(cls):
        cls.server.kill()
        cls.scratch.cleanup()

    def ask(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.server.ready["http_port"], timeout=30)  # fmt: skip
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, str):
            body = json.dumps(body)
        if body is not None:
            fields.setdefault("Content-Type", "application/json")
            body = body.encode()
        try:
            connection.request(method, path, body, fields)
            response = connection.getresponse()
            return Answer(response, response.read().decode())
        finally:
            connection.close()


class Entities(Http):
    def setUp(self):
        self.type = "t" + self.id().rsplit("_", 1)[-1] + str(id(self))
        self.url = f"/v1/entities/{self.type}/7"

    def put(self, body, **headers):
        return self.ask("PUT", self.url, body, **headers)

    def document(self, query=""):
        return self.ask("GET", self.url + query).json()["document"]

    def test_an_entity_lives(self):
        made = self.put('{"name": "pen", "price": 1.50, "n": 12345678901234567890}', Actor="ann")
        self.assertEqual(made.status, 201, made.text)
        self.assertEqual((made.headers["ETag"], made.headers["Location"]), ('"r0"', self.url))
        self.assertTrue(made.headers["Position"])
        got = self.ask("GET", self.url)
        self.assertEqual(got.headers["ETag"], '"r0"')
        self.assertIn('"document":{"n":12345678901234567890,"name":"pen","price":1.50}', got.text)
        self.assertEqual(got.json()["created"]["actor"], "ann")
        self.assertEqual(self.ask("GET", self.url, If_None_Match='"r0"').status, 304)
        replaced = self.put({"name": "pencil"})
        self.assertEqual((replaced.status, replaced.headers["ETag"]), (200, '"r1"'))
        self.assertEqual(self.ask("GET", self.url, If_None_Match='"r0"').status, 200)
        self.assertEqual(self.put({"name": "pencil"}).json()["is_unchanged"], True)
        gone = self.ask("DELETE", self.url, If_Match='"r1"')
        self.assertEqual(gone.status, 200, gone.text)
        self.assertEqual(self.ask("GET", self.url).code, "entity_deleted")
        self.assertEqual(self.document("?deleted"), {"name": "pencil"})
        self.assertEqual(self.document("?as_of=0")["name"], "pen")
        self.assertEqual(self.put({"a": 1}).status, 201)
        self.assertEqual(self.ask("GET", f"/v1/entities/{self.type}/8").code, "entity_not_found")

    def test_conditions_hold_or_are_412(self):
        self.assertEqual(self.put({}, If_Match="*").status, 412)
        self.assertEqual(self.put({}, If_Match='"r0"').status, 412)
        self.assertEqual(self.put({}, If_None_Match="*").status, 201)
        refused = self.put({}, If_None_Match="*")
        self.assertEqual((refused.status, refused.code), (412, "entity_exists"))
        self.assertEqual(self.put({"a": 1}, If_Match='"r0"').status, 200)
        for refused in (
            self.put({"a": 2}, If_Match='"r0"'),
            self.ask("PATCH", self.url, {"a": 2}, Content_Type=MERGE, If_Match='"r0"'),
            self.ask("DELETE", self.url, If_Match='"r0"'),
            self.ask("POST", self.url + "/undo?to=0", If_Match='"r0"'),
        ):
            self.assertEqual((refused.status, refused.code), (412, "conflict"), refused.text)
            self.assertEqual(refused.json()["current_revision"], 1)
        self.assertEqual(self.put({}, If_Match="1").status, 400)
        self.assertEqual(self.put({}, If_Match="*").status, 200)

    def test_a_condition_that_cannot_be_is_named_with_what_was_sent(self):
        url = f"/v1/entities/{self.type}"
        refused = self.ask("POST", url, {}, If_Match='"r3"')
        fields = refused.json()["fields"]
        self.assertEqual((refused.status, fields["field"], fields["value"]),
                         (400, "If-Match", '"r3"'), refused.text)  # fmt: skip
        refused = self.ask("DELETE", self.url, If_None_Match="*")
        fields = refused.json()["fields"]
        self.assertEqual((refused.status, fields["field"], fields["value"]),
                         (400, "If-None-Match", "*"), refused.text)  # fmt: skip

    def test_says_what_it_takes(self):
        answer = self.ask("OPTIONS", self.url)
        self.assertEqual((answer.status, answer.text), (204, ""))
        self.assertEqual(answer.headers["Allow"], "DELETE, GET, HEAD, PATCH, PUT, OPTIONS")
        self.assertEqual(answer.headers["Accept-Patch"], f"{MERGE}, {OPERATIONS}")
        self.assertEqual(self.ask("POST", self.url, {}).status, 405)
        self.assertEqual(self.ask("OPTIONS", "/v1/entities").status, 404)

    def test_one_that_cannot_be_read_breaks_nobody_else(self):
        url = f"/v1/entities/{self.type}"
        self.put({"n": 1})
        self.ask("PUT", url + "/8", {"n": 2})
        broken = self.ask("POST", f"/v1/streams/{self.type}-7",
                          {"type": f"{self.type}.Updated", "data": "text"})  # fmt: skip
        self.assertLess(broken.status, 300, broken.text)
        self.assertEqual(self.ask("GET", self.url).code, "entity_unreadable")
        page = self.ask("GET", url).json()
        self.assertEqual([one["id"] for one in page["entities"]], ["8"])
        self.assertEqual([(one["id"], one["revision"]) for one in page["unreadable"]], [("7", 1)])
        count = self.ask("GET", url + "?count").json()
        self.assertEqual((count["count"], count["unreadable"]), (1, 1))
        changes = self.ask("GET", self.url + "/history").json()["changes"]
        self.assertEqual(("problem" in changes[0], "problem" in changes[1]), (False, True))
        self.assertEqual(self.put({"n": 3}, If_Match='"r0"').status, 412)
        self.assertEqual(self.put({"n": 3}, If_Match='"r1"').status, 200)
        self.assertEqual(self.document(), {"n": 3})
        self.assertNotIn("unreadable", self.ask("GET", url).json())

    def test_patches(self):
        self.put({"a": 1, "b": {"c": 2}})
        patched = self.ask("PATCH", self.url, {"a": None, "b": {"d": 3}}, Content_Type=MERGE)
        self.assertEqual((patched.status, patched.headers["ETag"]), (200, '"r1"'))
        self.assertEqual(self.document(), {"b": {"c": 2, "d": 3}})
        operations = [{"op": "test", "path": "/b/c", "value": 2},
                      {"op": "add", "path": "/n", "value": None}]  # fmt: skip
        self.assertEqual(
            self.ask("PATCH", self.url, operations, Content_Type=OPERATIONS).status, 200)
        self.assertEqual(self.document(), {"b": {"c": 2, "d": 3}, "n": None})
        operations[0]["value"] = 9
        failed = self.ask("PATCH", self.url, operations, Content_Type=OPERATIONS)
        self.assertEqual((failed.status, failed.code), (422, "patch_failed"))
        fields = failed.json()["fields"]
        self.assertEqual((fields["field"], fields["value"], fields["path"], fields["rule"]),
                         ("patch[0].value", "9", "/b/c", "it is 2 there"))
        for operation, value in ((dict(op="spin", path="/b"), "spin"),
                                 (dict(op="add", path=7, value=1), "7")):
            wrong = self.ask("PATCH", self.url, [operation], Content_Type=OPERATIONS)
            self.assertEqual((wrong.status, wrong.json()["fields"]["value"]), (400, value))
        no_object = self.ask("PATCH", self.url, [], Content_Type=MERGE)
        self.assertEqual((no_object.status, no_object.json()["fields"]["field"]), (400, "patch"))
        unsupported = self.ask("PATCH", self.url, {})
        self.assertEqual(unsupported.status, 415)
        self.assertEqual(unsupported.headers["Accept-Patch"], f"{MERGE}, {OPERATIONS}")
        self.assertEqual(self.put("<a/>", Content_Type="text/xml").status, 415)
        self.assertEqual(self.put("[1]").status, 400)
        self.assertEqual(self.put("{").status, 400)

    def test_a_creation_is_a_whole_document_with_its_nulls(self):
        self.put({"n": 1, "note": None})
        self.put({"n": 2, "note": None})
        created, updated = self.ask("GET", self.url + "/history").json()["changes"]
        self.assertEqual((created["format"], created["patch"]),
                         ("application/json", {"n": 1, "note": None}))
        self.assertEqual((updated["format"], updated["patch"]), (MERGE, {"n": 2}))

    def test_history_diff_and_undo(self):
        for number in range(3):
            self.put({"n": number}, Actor=f"actor-{number}", Correlation_Id="c")
        told = self.ask("GET", self.url + "/history?limit=2")
        changes = told.json()["changes"]
        self.assertEqual([one["change"] for one in changes], ["created", "updated"])
        self.assertEqual([one["actor"] for one in changes], ["actor-0", "actor-1"])
        self.assertEqual(changes[1]["patch"], {"n": 1})
        link = told.headers["Link"]
        self.assertEqual(link, f'<{self.url}/history?from=2&limit=2>; rel="next"')
        rest = self.ask("GET", link[1 : link.index(">")]).json()
        self.assertEqual(([one["patch"] for one in rest["changes"]], "next" in rest),
                         ([{"n": 2}], False))  # fmt: skip
        self.assertEqual(
            self.ask("GET", self.url + "/diff?before=2&after=0").json()["patch"], {"n": 0})
        self.assertEqual(self.ask("GET", self.url + "/diff?before=2").status, 400)
        undone = self.ask("POST", self.url + "/undo?to=0")
        self.assertEqual((undone.status, undone.headers["ETag"]), (200, '"r3"'))
        self.assertEqual(self.document(), {"n": 0})
        self.assertEqual(
            self.ask("GET", self.url + "/history?from=3").json()["changes"][0]["undoes_to"], 0)

    def test_keys_make_a_change_once(self):
        first = self.put({"a": 1}, Idempotency_Key="k1")
        again = self.put({"a": 1}, Idempotency_Key="k1")
        self.assertEqual((first.status, again.status), (201, 201))
        self.assertEqual(again.headers["Idempotency-Replayed"], "true")
        self.assertEqual(first.json()["position"], again.json()["position"])
        self.assertEqual(self.put({"a": 2}, Idempotency_Key="k1").status, 422)
        made = [self.ask("POST", f"/v1/entities/{self.type}", {"b": 1}, Idempotency_Key="k2")
                for _ in range(2)]  # fmt: skip
        self.assertEqual(made[0].json()["id"], made[1].json()["id"])

    def test_many_at_once_all_or_none(self):
        url = f"/v1/entities/{self.type}"
        many = [{"id": f"e{n:02}", "document": {"n": n}} for n in range(12)]
        made = self.ask("POST", url, many)
        self.assertEqual((made.status, len(made.json()["entities"])), (201, 12), made.text)
        lines = '{"id":"x","document":{"n":99}}\n{"document":{"n":100}}\n'
        more = self.ask("POST", url, lines, Content_Type="application/x-ndjson")
        self.assertEqual(more.status, 201, more.text)
        refused = self.ask("POST", url, [{"id": "new", "document": {}}, many[0]])
        self.assertEqual((refused.status, refused.code), (409, "entity_exists"))
        self.assertEqual(self.ask("GET", url + "/new").status, 404)
        bad = self.ask("POST", url, '{"id":"y","document":{}}\n{"id":1}\n',
                       Content_Type="application/x-ndjson")  # fmt: skip
        self.assertEqual((bad.status, bad.json()["fields"]["field"]), (400, "line 2"), bad.text)
        # as it was sent: by its place in the array, by its line (a blank one is none)
        twice = self.ask("POST", url, [{"id": "z", "document": {}}, {"id": "z", "document": {}}])
        self.assertEqual((twice.status, twice.json()["fields"]["field"]), (400, "[1].id"))
        self.assertTrue(twice.json()["detail"].startswith("[1].id "), twice.text)
        twice = self.ask("POST", url, '{"id":"z","document":{}}\n\n{"id":"z","document":{}}\n',
                         Content_Type="application/x-ndjson")  # fmt: skip
        self.assertEqual((twice.status, twice.json()["fields"]["field"]), (400, "line 3.id"))
        for many, status, value in (([], 400, "[]"), ([{"document": {}}] * 1001, 413, "1001")):
            refused = self.ask("POST", url, many)
            fields = refused.json()["fields"]
            self.assertEqual((refused.status, fields["field"], fields["value"]),
                             (status, "body", value), refused.text)
        wrong = self.ask("POST", url, [{"document": {}}, 7])
        self.assertEqual((wrong.status, wrong.json()["fields"]["field"]), (400, "[1]"), wrong.text)
        self.assertEqual(self.ask("GET", url + "?count").json()["count"], 14)

    def test_the_key_of_many_stands_for_all_of_them(self):
        url = f"/v1/entities/{self.type}"
        many = [{"id": f"{n}", "document": {"n": n}} for n in range(3)]
        made = self.ask("POST", url, many, Idempotency_Key="k")
        again = self.ask("POST", url, many, Idempotency_Key="k")
        self.assertEqual((made.status, again.status), (201, 201), again.text)
        self.assertEqual(again.headers["Idempotency-Replayed"], "true")
        other = [{"id": "other", "document": {}}]
        refused = self.ask("POST", url, other, Idempotency_Key="k")
        self.assertEqual((refused.status, refused.code), (422, "id_conflict"), refused.text)
        self.assertEqual(self.ask("GET", url + "/other").status, 404)

    def test_lists_page_by_page(self):
        url = f"/v1/entities/{self.type}"
        self.ask("POST", url, [{"id": f"e{n:02}", "document": {"n": n}} for n in range(12)])
        seen = []
        path = url + "?limit=4&where=" + urllib.parse.quote("n>=2")
        while path:
            page = self.ask("GET", path)
            seen += [one["document"]["n"] for one in page.json()["entities"]]
            link = page.headers.get("Link")
            path = link and link[1 : link.index(">")]
        self.assertEqual(seen, list(range(2, 12)))
        self.assertEqual(self.ask("GET", url + "?count&where=n%3C3").json()["count"], 3)
        bare = self.ask("GET", url + "?no_documents&limit=1").json()["entities"][0]
        self.assertNotIn("document", bare)
        self.ask("DELETE", url + "/e00")
        self.assertEqual(self.ask("GET", url + "?count").json()["count"], 11)
        self.assertEqual(self.ask("GET", url + "?count&deleted").json()["count"], 12)
        self.assertEqual(self.ask("GET", url + "?wher=n").status, 400)
        for path, largest in ((url, 1000), (url + "/e01/history", 4096),
                              ("/v1/entity-types", 1000), ("/v1/consumers", 4096)):
            for limit in ("0", "x", "99999999999"):
                refused = self.ask("GET", f"{path}?limit={limit}")
                self.assertEqual((refused.status, refused.json()["fields"]),
                                 (400, {"field": "limit", "value": limit,
                                        "rule": f"a number, 1 to {largest}"}))
        refused = self.ask("GET", url + "/e01?as_of=foo").json()["fields"]
        self.assertEqual((refused["field"], refused["value"]), ("as_of", "foo"))
        self.assertIn("a revision, or a time", refused["rule"])
        for useless, field in (("wait=1s", "wait"), ("count&no_documents", "no_documents")):
            refused = self.ask("GET", url + "?" + useless)
            self.assertEqual(refused.status, 400)
            self.assertEqual(refused.json()["fields"]["field"], field)

    def test_reads_its_own_writes(self):
        made = self.put({"a": 1})
        token = made.headers["Position"]
        self.assertEqual(self.ask("GET", self.url, Min_Position=token).status, 200)
        page = self.ask("GET", f"/v1/entities/{self.type}?min_position={token}").json()
        self.assertEqual(len(page["entities"]), 1)

    def test_of_two_writers_one_wins_and_the_other_learns_the_revision(self):
        self.put({"n": 0})
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for revision in range(20):
                answers = list(pool.map(
                    lambda writer, at=revision: self.put(
                        {"n": at, "writer": writer}, If_Match=f'"r{at}"'), range(2)))  # fmt: skip
                statuses = sorted(one.status for one in answers)
                self.assertEqual(statuses, [200, 412], [one.text for one in answers])
                (lost,) = (one for one in answers if one.status == 412)
                self.assertEqual(lost.json()["current_revision"], revision + 1)

    def test_the_command_line_sees_the_same(self):
        self.put('{"a": 1.20}')
        got = self.annals("crud", "get", self.type, "7", "-o", "jsonl")
        self.assertIn('"document":{"a":1.20}', got.out)
        self.annals("crud", "patch", self.type, "7", "--data", '{"b":2.0}')
        self.assertIn('"document":{"a":1.20,"b":2.0}', self.ask("GET", self.url).text)

    def test_namespaces_are_apart(self):
        self.ask("POST", "/v1/namespaces", {"name": "tenant"})
        made = self.ask("PUT", f"/v1/ns/tenant/entities/{self.type}/7", {"a": 1})
        self.assertEqual((made.status, made.headers["Location"]),
                         (201, f"/v1/ns/tenant/entities/{self.type}/7"))  # fmt: skip
        self.assertEqual(self.ask("GET", self.url).status, 404)


class Consumers(Http):
    def append(self):
        made = self.ask("POST", "/v1/streams/order-1", {"type": "placed"})
        return made.headers["Position"]

    def test_a_consumer_lives(self):
        url = "/v1/consumers/billing"
        self.assertEqual(self.ask("GET", url).code, "consumer_not_found")
        first, second = self.append(), self.append()
        self.assertEqual(self.ask("PUT", url, {"position": first}).json()["epoch"], 0)
        claimed = self.ask("POST", url + "/claim", {"owner": "host-1"}).json()
        self.assertEqual((claimed["owner"], claimed["position"]), ("host-1", first))
        fenced = self.ask("PUT", url, {"position": second})
        self.assertEqual((fenced.status, fenced.code), (409, "consumer_fenced"))
        epoch = claimed["epoch"]
        saved = self.ask("PUT", url, {"position": second, "epoch": epoch})
        self.assertEqual((saved.status, saved.json()["behind"]), (200, 0), saved.text)
        back = self.ask("PUT", url, {"position": first, "epoch": epoch})
        self.assertEqual((back.status, back.code), (409, "consumer_ahead"))
        rewound = self.ask("POST", url + "/rewind", {"to": 0, "reason": "again"}, Actor="ann")
        self.assertEqual(rewound.status, 200, rewound.text)
        self.assertGreater(rewound.json()["epoch"], epoch)
        self.assertEqual(self.ask("POST", url + "/rewind", {"to": 0}).status, 400)
        names = [one["consumer"] for one in self.ask("GET", "/v1/consumers").json()["consumers"]]
        self.assertEqual(names, ["billing"])
        self.assertEqual(self.ask("DELETE", url).status, 204)
        self.assertEqual(self.ask("GET", url).status, 404)

    def test_refuses_what_it_does_not_know(self):
        url = "/v1/consumers/other"
        self.assertEqual(self.ask("PUT", url, "[]").status, 400)
        self.assertEqual(self.ask("PUT", url, {"position": "x"}).status, 400)
        refused = self.ask("PUT", url, {"position": "x", "epok": 1})
        self.assertEqual(refused.json()["fields"]["field"], "epok")
        for name in ("If-Match", "If-None-Match"):
            refused = self.ask("PUT", url, {"position": "x"}, **{name: "*"})
            fields = refused.json()["fields"]
            self.assertEqual((refused.status, fields["field"], fields["value"]), (400, name, "*"))

    def test_lists_page_by_page(self):
        token = self.append()
        for name in "abc":
            self.ask("PUT", f"/v1/consumers/list-{name}", {"position": token})
        page = self.ask("GET", "/v1/consumers?prefix=list-&limit=2")
        self.assertEqual([one["consumer"] for one in page.json()["consumers"]],
                         ["list-a", "list-b"])  # fmt: skip
        link = page.headers["Link"]
        rest = self.ask("GET", link[1 : link.index(">")]).json()["consumers"]
        self.assertEqual([one["consumer"] for one in rest], ["list-c"])


class Types(Http):
    SCHEMA = '{"type":"object","properties":{"price":{"minimum":0.10}},"required":["name"]}'

    def setUp(self):
        self.type = "schema" + str(id(self))
        self.url = f"/v1/entity-types/{self.type}"

    def test_a_type_has_versions_and_its_entities_satisfy_the_newest(self):
        made = self.ask("PUT", self.url, self.SCHEMA, Actor="ann")
        self.assertEqual((made.status, made.headers["Location"]), (201, self.url), made.text)
        self.assertEqual(made.json()["changed"]["actor"], "ann")
        self.assertIn('"minimum":0.10', self.ask("GET", self.url).text)
        again = self.ask("PUT", self.url, self.SCHEMA)
        self.assertEqual((again.status, again.json()["is_unchanged"]), (200, True))
        entity = f"/v1/entities/{self.type}/7"
        refused = self.ask("PUT", entity, {"price": 0})
        self.assertEqual((refused.status, refused.code), (422, "document_not_valid"))
        self.assertEqual(self.ask("PUT", entity, {"name": "pen", "price": 1}).status, 201)
        wider = self.ask("PUT", self.url + "?compatibility=full", {"type": "object"})
        self.assertEqual((wider.status, wider.code), (409, "schema_not_compatible"))
        wider = self.ask("PUT", self.url + "?expect=1", {"type": "object"})
        self.assertEqual((wider.status, wider.json()["version"]), (200, 2), wider.text)
        late = self.ask("PUT", self.url + "?expect=1", {"type": ["object", "null"]})
        self.assertEqual((late.status, late.code), (409, "conflict"))
        self.assertEqual(self.ask("GET", self.url + "?version=1").json()["version"], 1)
        versions = self.ask("GET", self.url + "/versions").json()["versions"]
        self.assertEqual([one["version"] for one in versions], [1, 2])
        gone = self.ask("DELETE", self.url, Actor="bob")
        self.assertEqual((gone.status, gone.json()["is_deleted"]), (200, True), gone.text)
        self.assertEqual(self.ask("GET", self.url).code, "entity_type_not_found")

    def test_conditions_hold_or_are_412(self):
        put = lambda schema, **headers: self.ask("PUT", self.url, schema, **headers)  # noqa: E731
        self.assertEqual(put({}, If_Match='"v1"').status, 412)
        self.assertEqual(put({}, If_Match="*").status, 412)
        made = put({}, If_None_Match="*")
        self.assertEqual((made.status, made.headers["ETag"]), (201, '"v1"'), made.text)
        late = put({"type": "object"}, If_None_Match="*")
        self.assertEqual((late.status, late.code), (412, "conflict"), late.text)
        force = lambda schema, **headers: self.ask(  # noqa: E731
            "PUT", self.url + "?force", schema, **headers)
        wider = force({"type": "object"}, If_Match='"v1"')
        self.assertEqual((wider.status, wider.headers["ETag"]), (200, '"v2"'), wider.text)
        self.assertEqual(force({}, If_Match='"v1"').status, 412)
        self.assertEqual(force({}, If_Match="*").headers["ETag"], '"v3"')
        got = self.ask("GET", self.url)
        self.assertEqual(got.headers["ETag"], '"v3"')
        self.assertEqual(self.ask("GET", self.url, If_None_Match='"v3"').status, 304)
        self.assertEqual(self.ask("GET", self.url, If_None_Match='"v2"').status, 200)
        for header, value in (("If-Match", '"r3"'), ("If-Match", "3"), ("If-None-Match", '"v3"')):
            refused = put({}, **{header: value})
            fields = refused.json()["fields"]
            self.assertEqual((refused.status, fields["field"], fields["value"]),
                             (400, header, value), refused.text)  # fmt: skip
        both = self.ask("PUT", self.url + "?expect=3", {}, If_Match='"v3"')
        self.assertEqual((both.status, both.json()["fields"]["field"]), (400, "expect"))
        self.assertEqual(self.ask("DELETE", self.url, If_Match='"v2"').status, 412)
        self.assertEqual(self.ask("DELETE", self.url, If_None_Match="*").status, 400)
        self.assertEqual(self.ask("DELETE", self.url, If_Match='"v3"').status, 200)
        self.assertEqual(self.ask("DELETE", self.url, If_Match="*").status, 412)
        self.assertEqual(self.ask("DELETE", self.url).status, 404)
        again = put({}, If_None_Match="*")
        self.assertEqual((again.status, again.headers["ETag"]), (200, '"v4"'), again.text)

    def test_a_check_names_breaks_and_entities_and_changes_nothing(self):
        self.assertEqual(self.ask("PUT", self.url, {"type": "object"}).status, 201)
        self.ask("PUT", f"/v1/entities/{self.type}/7", {"price": 1})
        narrow = {"type": "object", "required": ["name"]}
        report = self.ask("POST", self.url + "/check?against_data", narrow).json()
        self.assertEqual((report["against_version"], report["is_compatible"]), (1, False))
        self.assertEqual(report["breaks"][0]["keyword"], "required")
        self.assertEqual((report["looked_at"], report["failed"]), (1, 1))
        self.assertEqual(report["failures"][0]["id"], "7")
        self.assertEqual(self.ask("GET", self.url).json()["version"], 1)
        none = self.ask("POST", self.url + "/check?compatibility=none", narrow).json()
        self.assertEqual((none["is_compatible"], none["breaks"]), (True, []))

    def test_what_is_none_is_refused_by_name(self):
        for query, field in (("compatibility=all", "compatibility"), ("draft=4", "draft"),
                             ("validate=maybe", "validate"), ("versoin=1", "versoin")):  # fmt: skip
            refused = self.ask("PUT", f"{self.url}?{query}", {})
            self.assertEqual((refused.status, refused.json()["fields"]["field"]), (400, field))
        self.assertEqual(self.ask("PUT", self.url, "{").json()["fields"]["field"], "schema")
        wrong = self.ask("PUT", self.url, {"type": "text"})
        self.assertEqual((wrong.status, wrong.code), (400, "schema_not_acceptable"))

    def test_lists_page_by_page(self):
        for letter in "abc":
            self.assertEqual(self.ask("PUT", f"{self.url}-{letter}", {}).status, 201)
        page = self.ask("GET", f"/v1/entity-types?limit=2&after={self.type}")
        self.assertEqual([one["type"][-2:] for one in page.json()["types"]], ["-a", "-b"])
        link = page.headers["Link"]
        rest = self.ask("GET", link[1 : link.index(">")]).json()["types"]
        self.assertEqual(rest[0]["type"], self.type + "-c")


if __name__ == "__main__":
    unittest.main()
