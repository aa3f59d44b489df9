# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The users service as its clients call it, and what its tests share."""

import http.client
import json
import unittest
import uuid

import grpc
from common import originator_pb2
from users import service_pb2 as users_pb2

from annals_server import Server
from sample import Sample

Code = grpc.StatusCode
SERVICE = "/contracts.users.UserService/"
SECONDS_MAX = 60
# for tests that are not about the time a request may take: the machine may be slow
PATIENT = ("--timeout-ms", "30000")


class Users:
    """Stub of contracts.users.UserService."""

    def __init__(self, port):
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        for name in ("Healtz", "Create", "Get", "Update", "Delete"):
            message = "Health" if name == "Healtz" else name
            setattr(self, name, self.channel.unary_unary(
                SERVICE + name,
                getattr(users_pb2, message + "Request").SerializeToString,
                getattr(users_pb2, message + "Response").FromString))

    def close(self):
        self.channel.close()

    def create(self, email, first_name="", last_name="", timeout=SECONDS_MAX):
        request = users_pb2.CreateRequest(
            email=email, first_name=first_name, last_name=last_name)
        return self.Create(request, timeout=timeout).user

    def get(self, id, version="", fetch_deleted=False, timeout=SECONDS_MAX):
        request = users_pb2.GetRequest(
            originator=originator(id, version), fetch_deleted=fetch_deleted)
        return self.Get(request, timeout=timeout).user

    def update(self, id, version="", timeout=SECONDS_MAX, **members):
        request = users_pb2.UpdateRequest(originator=originator(id, version), **members)
        return self.Update(request, timeout=timeout).user

    def delete(self, id, version="", timeout=SECONDS_MAX):
        request = users_pb2.DeleteRequest(originator=originator(id, version))
        return self.Delete(request, timeout=timeout).originator


def originator(id, version=""):
    return originator_pb2.Originator(id=id, version=version)


def new_email():
    return f"u{uuid.uuid4().hex}@example.com"


def start_users(store_address, *flags):
    return Sample("annals-users", "--store", store_address, *flags, doors=("grpc", "http"))


class UsersTest(unittest.TestCase):
    """A store in memory and a users service for all tests of the class; addresses are new in each
    test."""

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(None))
        cls.sample = cls.enterClassContext(start_users(cls.server.address, *PATIENT))
        cls.users = Users(cls.sample.ports["grpc"])
        cls.addClassCleanup(cls.users.close)

    def setUp(self):
        self.email = new_email()

    def refused(self, code, text, call, *arguments, **named):
        with self.assertRaises(grpc.RpcError) as caught:
            call(*arguments, **named)
        error = caught.exception
        self.assertEqual((error.code(), error.details()), (code, text))
        return error

    def rest(self, status, method, path, body=None, fields=None):
        """Header fields and content of an answer that must have this status."""
        got, header, content = self.sample.ask(method, path, body, fields)
        self.assertEqual(got, status, content)
        return header, content

    def problem(self, status, code, method, path, body=None, fields=None):
        """A refusal, in both of its forms."""
        header, content = self.rest(status, method, path, body, fields)
        self.assertEqual(header["Content-Type"], "application/problem+json")
        self.assertEqual((content["status"], content["code"], content["error"]),
                         (status, code, code))
        self.assertEqual(content["detail"], content["message"])
        return content

    def events(self, id):
        """Type, data and tags of a user's events, as the store has them."""
        read = self.server.jsonl("stream", "read", f"contracts.users.User-{id}")
        return [(one["type"].rpartition(".")[2], one["data"], one.get("tags", []))
                for one in read]


def get_json(server, path):
    """Status and content of an answer of the store's HTTP door."""
    connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=SECONDS_MAX)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()
