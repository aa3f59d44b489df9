# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Each REST route of eskit's contract for its users service (1.7, 10): what it takes, what it
answers, which code it refuses with."""

import http.client
import json
import unittest
import uuid

from users_client import UsersTest, new_email


class RestTest(UsersTest):
    def create(self, **members):
        header, user = self.rest(201, "POST", "/v1/users", {"email": self.email, **members})
        return header, user, f"/v1/users?id={user['originator']['id']}"


class RoutesTest(RestTest):
    def test_creates(self):
        header, user, path = self.create(firstName="Ada", lastName="Lovelace")
        id = user["originator"]["id"]
        self.assertEqual(uuid.UUID(id).version, 4)
        self.assertEqual(user, {
            "originator": {"id": id, "version": 1}, "email": self.email, "firstName": "Ada",
            "lastName": "Lovelace", "active": True, "workspaces": []})
        self.assertEqual((header["ETag"], header["Location"]), ('"1"', path))
        self.assertEqual(self.rest(200, "GET", header["Location"])[1], user)

    def test_gets(self):
        _, first, path = self.create(firstName="Ada")
        header, second = self.rest(200, "PUT", path, {"lastName": "King", "active": False})
        self.assertEqual(header["ETag"], '"2"')
        self.assertEqual(self.rest(200, "GET", path)[1], second)
        self.assertEqual(self.rest(200, "GET", path + "&version=1")[1], first)
        self.problem(404, "not_found", "GET", path + "&version=3")
        self.problem(404, "not_found", "GET", f"/v1/users?id={uuid.uuid4()}")
        self.problem(404, "not_found", "GET", "/v1/users?id=%C3%BC%2F..")

    def test_updates_what_is_given(self):
        _, user, path = self.create(firstName="Ada", lastName="Lovelace")
        _, updated = self.rest(200, "PUT", path, {"firstName": "Augusta", "active": True,
                                                 "workspaces": ["engine", "notes"]})
        self.assertEqual(updated, {**user, "firstName": "Augusta",
                                   "workspaces": ["engine", "notes"],
                                   "originator": {**user["originator"], "version": 2}})
        # a user can be sent back as it was read
        _, same = self.rest(200, "PUT", path, updated)
        self.assertEqual(same, updated)
        _, cleared = self.rest(200, "PUT", path, {"workspaces": [], "lastName": ""})
        self.assertEqual((cleared["workspaces"], cleared["lastName"], cleared["active"]),
                         ([], "", True))
        self.assertEqual(self.rest(200, "GET", path)[1], cleared)

    def test_deletes(self):
        _, user, path = self.create(firstName="Ada")
        id = user["originator"]["id"]
        self.assertEqual(self.rest(200, "DELETE", path)[1],
                         {"originator": {"id": id, "version": 2}})
        self.problem(404, "not_found", "GET", path)
        self.problem(404, "not_found", "DELETE", path)
        self.problem(404, "not_found", "PUT", path, {"active": True})
        self.assertEqual(self.rest(200, "GET", path + "&fetchDeleted=true")[1], user)
        self.assertEqual(self.rest(200, "GET", path + "&version=1")[1], user)

    def test_folds_the_case_of_ascii_letters_alone(self):
        name = uuid.uuid4().hex
        self.rest(201, "POST", "/v1/users", {"email": f"Ada.{name}@example.com"})
        self.problem(409, "email_taken", "POST", "/v1/users", {"email": f"aDA.{name}@EXAMPLE.com"})
        for first_letter in ("\u00dc", "\u00fc", "\u212a", "k"):
            email = f"{first_letter}{name}@example.com"
            _, user = self.rest(201, "POST", "/v1/users", {"email": email})
            self.assertEqual(user["email"], email)

    def test_tells_how_it_is(self):
        self.assertEqual(self.rest(200, "GET", "/v1/health")[1], {"status": "ok"})
        header, content = self.rest(200, "GET", "/v1/healtz")
        self.assertEqual((header["Content-Type"], content), ("application/json", {}))
        for path in ("/health/live", "/health/ready"):
            self.assertEqual(self.rest(200, "GET", path)[1], {"status": "ok"})

    def test_has_no_other_routes(self):
        self.problem(404, "not_found", "GET", "/v1/nothing")
        header, _ = self.rest(405, "PATCH", "/v1/users", {})
        self.assertEqual(header["Allow"], "DELETE, GET, HEAD, POST, PUT")
        self.problem(405, "method_not_allowed", "POST", "/v1/healtz", {})
        header, content = self.rest(200, "HEAD", "/v1/health")
        self.assertEqual((header["Content-Length"], content), ("15", ""))

    def test_describes_itself(self):
        _, described = self.rest(200, "GET", "/openapi.json")
        self.assertEqual(described["openapi"], "3.1.0")
        routes = {(path, method.upper()) for path, methods in described["paths"].items()
                  for method in methods}
        self.assertEqual(routes, {
            ("/v1/users", "GET"), ("/v1/users", "POST"), ("/v1/users", "PUT"),
            ("/v1/users", "DELETE"), ("/v1/health", "GET"), ("/v1/healtz", "GET")})

    def test_counts_calls(self):
        self.create()
        self.users.create(new_email())
        _, text = self.rest(200, "GET", "/metrics")
        for series in ('users_http_answers_total{code="201",route="/v1/users"} ',
                       'grpc_server_started_total{grpc_method="Create",'
                       'grpc_service="contracts.users.UserService",grpc_type="unary"} ',
                       'grpc_server_handled_total{grpc_code="OK",grpc_method="Create",'
                       'grpc_service="contracts.users.UserService",grpc_type="unary"} ',
                       'grpc_server_handling_seconds_count{grpc_method="Create",'
                       'grpc_service="contracts.users.UserService",grpc_type="unary"} '):
            self.assertIn("\n" + series, text)
        self.rest(404, "GET", f"/{uuid.uuid4()}")
        self.assertIn('route="other"', self.rest(200, "GET", "/metrics")[1])


class RefusalsTest(RestTest):
    def test_refuses_bodies_that_are_said_to_be_something_else(self):
        _, user, path = self.create()
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        for method, where in (("POST", "/v1/users"), ("PUT", path)):
            body = {"email": new_email()}
            content = self.problem(415, "unsupported_media_type", method, where, body, form)
            self.assertIn(form["Content-Type"], content["detail"])
        self.assertEqual(self.rest(200, "GET", path)[1], user)
        self.rest(200, "PUT", path, {"lastName": "King"},
                  {"Content-Type": "application/merge-patch+json; charset=utf-8"})

    def test_refuses_bad_requests(self):
        _, _, path = self.create()
        for method, where, body in (
                ("GET", "/v1/users", None),
                ("GET", path + "&version=0", None),
                ("GET", path + "&version=x", None),
                ("GET", path + "&fetchDeleted=perhaps", None),
                ("GET", path + "&id=2", None),
                ("GET", path + "&nonsense=1", None),
                ("PUT", path + "&vesrion=1", {"active": False}),
                ("DELETE", path + "&vesrion=1", None),
                ("GET", "/v1/users?id=%zz", None),
                ("PUT", "/v1/users", {"active": True}),
                ("PUT", path, "nonsense"),
                ("PUT", path, []),
                ("PUT", path, {"active": "yes"}),
                ("PUT", path, {"email": ""}),
                ("PUT", path, {"workspaces": [""]}),
                ("PUT", path, {"firstname": "Ada"}),
                ("PUT", path, {"nonsense": None}),
                ("PUT", path, '{"active":false,"active":false}'),
                ("POST", "/v1/users", {"email": new_email(), "admin": True}),
                ("POST", "/v1/users", '{"email":"a@example.com","email":"b@example.com"}'),
                ("DELETE", "/v1/users", None),
                ("POST", "/v1/users", {}),
                ("POST", "/v1/users", {"email": "nobody"}),
                ("POST", "/v1/users", b"\xff"),
                ("POST", "/v1/users", "")):
            with self.subTest(f"{method} {where} {body}"):
                self.problem(400, "invalid_request", method, where, body)
        self.assertEqual(self.rest(200, "GET", path)[1]["originator"]["version"], 1)

    def test_refuses_a_taken_address_with_409(self):
        self.create()
        for email in (self.email, self.email.upper()):
            self.problem(409, "email_taken", "POST", "/v1/users", {"email": email})
        _, other = self.rest(201, "POST", "/v1/users", {"email": new_email()})
        self.problem(409, "email_taken", "PUT", f"/v1/users?id={other['originator']['id']}",
                     {"email": self.email})

    def test_answers_a_conflict_with_409_and_the_current_version(self):
        _, _, path = self.create()
        self.rest(200, "PUT", path + "&version=1", {"firstName": "Ada"})
        for version in (1, 3):
            for method, body in (("PUT", {"firstName": "Byron"}), ("DELETE", None)):
                content = self.problem(409, "version_conflict", method,
                                       f"{path}&version={version}", body)
                self.assertEqual(content["current_version"], 2)
        self.assertEqual(self.rest(200, "GET", path)[1]["firstName"], "Ada")

    def test_answers_a_failed_precondition_with_412(self):
        header, _, path = self.create()
        first = header["ETag"]
        header, _ = self.rest(200, "PUT", path, {"firstName": "Ada"}, {"If-Match": first})
        for method, body in (("PUT", {"firstName": "Byron"}), ("DELETE", None)):
            content = self.problem(412, "version_conflict", method, path, body,
                                   {"If-Match": first})
            self.assertEqual(content["current_version"], 2)
            self.problem(400, "invalid_request", method, path, body, {"If-Match": "W/" + first})
            self.problem(400, "invalid_request", method, path + "&version=2", body,
                         {"If-Match": first})
        self.rest(200, "PUT", path, {"firstName": "Byron"}, {"If-Match": "*"})
        self.rest(412, "DELETE", path, None, {"If-Match": header["ETag"]})
        self.rest(200, "DELETE", path, None, {"If-Match": '"3"'})

    def test_refuses_too_much(self):
        self.problem(413, "too_large", "POST", "/v1/users", "x" * (1 << 20) + "x")
        self.problem(431, "too_large", "GET", "/v1/users?id=" + "x" * 20_000)

    def test_keeps_a_connection(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.sample.ports["http"],
                                                timeout=60)
        try:
            sockets = set()
            for _ in range(3):
                body = json.dumps({"email": new_email()})
                connection.request("POST", "/v1/users", body)
                answer = connection.getresponse()
                answer.read()
                self.assertEqual(answer.status, 201)
                sockets.add(connection.sock.getsockname())
            self.assertEqual(len(sockets), 1)
        finally:
            connection.close()


if __name__ == "__main__":
    unittest.main()
