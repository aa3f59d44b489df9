# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Each row of eskit's contract for its users service (1.6, 10), over gRPC; where the original is
wrong, what samples/users/README.md says instead."""

import unittest
import uuid

import grpc
from crudstore import service_pb2 as crud_pb2
from users import service_pb2 as users_pb2
from users_client import Code, UsersTest, get_json, new_email, originator, start_users


class CreateTest(UsersTest):
    def test_answers_the_user_at_version_one(self):
        user = self.users.create(self.email, "Ada", "Lovelace")
        self.assertEqual(uuid.UUID(user.originator.id).version, 4)
        self.assertEqual(user.originator.version, "1")
        self.assertEqual((user.email, user.first_name, user.last_name, user.active),
                         (self.email, "Ada", "Lovelace", True))
        self.assertEqual(list(user.workspaces), [])
        self.assertEqual(self.users.get(user.originator.id), user)

    def test_refuses_what_is_no_address(self):
        self.refused(Code.INVALID_ARGUMENT, "missing email", self.users.create, "")
        for email in ("ada", "@example.com", "ada@", "a b@example.com"):
            self.refused(Code.INVALID_ARGUMENT,
                         f'email "{email}" is not of the form name@domain',
                         self.users.create, email)

    def test_gives_an_address_to_one_user(self):
        user = self.users.create(self.email)
        for email in (self.email, self.email.upper()):
            error = self.refused(
                Code.ALREADY_EXISTS, f'email "{email}" belongs to another user',
                self.users.create, email)
            details = dict(error.trailing_metadata())["grpc-status-details-bin"]
            self.assertIn(b"email_taken", details)
        self.users.delete(user.originator.id)
        self.assertNotEqual(self.users.create(self.email).originator.id, user.originator.id)


class GetTest(UsersTest):
    def test_refuses_what_is_missing_and_what_is_no_version(self):
        request = users_pb2.GetRequest()
        self.refused(Code.INVALID_ARGUMENT, "missing originator id", self.users.Get, request)
        self.refused(Code.INVALID_ARGUMENT, "missing originator id", self.users.get, "", "1")
        for version in ("0", "-1", "abc", "18446744073709551616"):
            self.refused(Code.INVALID_ARGUMENT,
                         f'version "{version}" is not a whole number from 1 up',
                         self.users.get, str(uuid.uuid4()), version)

    def test_knows_who_is_not_there(self):
        self.refused(Code.NOT_FOUND, "not found: not found", self.users.get, str(uuid.uuid4()))
        id = self.users.create(self.email).originator.id
        self.refused(Code.NOT_FOUND, "not found: not found", self.users.get, id, "2")

    def test_shows_each_version(self):
        first = self.users.create(self.email, "Ada")
        id = first.originator.id
        second = self.users.update(id, "1", first_name="Augusta", active=True)
        third = self.users.update(id, "2", last_name="King", active=False)
        for user in (first, second, third):
            self.assertEqual(self.users.get(id, user.originator.version), user)
        self.assertEqual(self.users.get(id), third)

    def test_shows_deleted_ones_to_who_asks_for_them(self):
        user = self.users.create(self.email, "Ada")
        id = user.originator.id
        self.users.delete(id)
        self.refused(Code.NOT_FOUND, "not found: deleted", self.users.get, id)
        self.refused(Code.NOT_FOUND, "not found: deleted", self.users.get, id, "2")
        # the version is the one before the deletion
        self.assertEqual(self.users.get(id, fetch_deleted=True), user)
        self.assertEqual(self.users.get(id, "2", fetch_deleted=True), user)
        self.assertEqual(self.users.get(id, "1"), user)


class UpdateTest(UsersTest):
    def setUp(self):
        super().setUp()
        self.user = self.users.create(self.email, "Ada", "Lovelace")
        self.id = self.user.originator.id

    def test_refuses_what_is_missing(self):
        self.refused(Code.INVALID_ARGUMENT, "missing originator", self.users.Update,
                     users_pb2.UpdateRequest(active=True))
        self.refused(Code.INVALID_ARGUMENT, "missing originator id", self.users.update, "", "1")

    def test_keeps_empty_texts_and_takes_active_and_workspaces(self):
        updated = self.users.update(self.id, "1", workspaces=["engine", "notes"])
        self.assertEqual(updated.originator.version, "2")
        self.assertEqual(
            (updated.email, updated.first_name, updated.last_name, updated.active),
            (self.email, "Ada", "Lovelace", False))
        self.assertEqual(list(updated.workspaces), ["engine", "notes"])
        kept = self.users.update(self.id, "2", first_name="Augusta", active=True)
        self.assertEqual(list(kept.workspaces), ["engine", "notes"])
        self.assertEqual(list(self.users.get(self.id).workspaces), ["engine", "notes"])
        self.assertEqual(list(self.users.update(self.id, "3", active=True,
                                                workspaces=["notes"]).workspaces), ["notes"])

    def test_refuses_a_stale_version(self):
        self.users.update(self.id, "1", first_name="Augusta")
        for version in ("1", "3"):
            error = self.refused(
                Code.ALREADY_EXISTS, "update failed old version : duplicate",
                self.users.update, self.id, version, first_name="Byron")
            details = dict(error.trailing_metadata())["grpc-status-details-bin"]
            for part in (b"version_conflict", b"current_version"):
                self.assertIn(part, details)
        self.assertEqual(self.users.get(self.id).first_name, "Augusta")

    def test_takes_the_newest_version_where_none_is_named(self):
        self.users.update(self.id, first_name="Augusta")
        self.assertEqual(self.users.update(self.id, last_name="King").originator.version, "3")

    def test_writes_nothing_where_nothing_changes(self):
        again = self.users.update(self.id, "1", first_name="Ada", active=True)
        self.assertEqual(again, self.user)
        self.assertEqual(len(self.events(self.id)), 1)

    def test_writes_what_changed(self):
        self.users.update(self.id, "1", first_name="Augusta", active=True)
        self.users.update(self.id, "2", active=True, email=new_email())
        kinds = [kind for kind, _, _ in self.events(self.id)]
        self.assertEqual(kinds, ["Created", "Updated", "Updated"])
        self.assertEqual(self.events(self.id)[1][1:], ({"firstName": "Augusta"}, []))

    def test_moves_an_address(self):
        other = new_email()
        self.users.update(self.id, "1", email=other, active=True)
        self.refused(Code.ALREADY_EXISTS, f'email "{other}" belongs to another user',
                     self.users.create, other)
        successor = self.users.create(self.email)
        self.refused(Code.ALREADY_EXISTS, f'email "{self.email}" belongs to another user',
                     self.users.update, self.id, "2", email=self.email, active=True)
        self.users.delete(successor.originator.id)
        back = self.users.update(self.id, "2", email=self.email, active=True)
        self.assertEqual((back.email, back.originator.version), (self.email, "3"))

    def test_changes_the_case_of_its_own_address(self):
        upper = self.email.upper()
        self.assertEqual(self.users.update(self.id, "1", email=upper, active=True).email, upper)
        self.refused(Code.ALREADY_EXISTS, f'email "{self.email}" belongs to another user',
                     self.users.create, self.email)

    def test_knows_who_is_not_there(self):
        self.refused(Code.NOT_FOUND, "update failed : not found",
                     self.users.update, str(uuid.uuid4()), "1")
        self.users.delete(self.id)
        self.refused(Code.NOT_FOUND, "update failed : deleted", self.users.update, self.id, "2")


class DeleteTest(UsersTest):
    def test_answers_the_version_of_the_deletion(self):
        id = self.users.create(self.email).originator.id
        self.users.update(id, "1", first_name="Ada")
        self.assertEqual(self.users.delete(id, "2"), originator(id, "3"))
        kind, data, tags = self.events(id)[-1]
        self.assertEqual((kind, data, tags), ("Deleted", {}, [f"email:{self.email}"]))

    def test_takes_the_newest_version_where_none_is_named(self):
        id = self.users.create(self.email).originator.id
        self.assertEqual(self.users.delete(id), originator(id, "2"))

    def test_refuses_a_stale_version(self):
        id = self.users.create(self.email).originator.id
        self.users.update(id, "1", first_name="Ada")
        self.refused(Code.ALREADY_EXISTS, "append : duplicate error : stored_event",
                     self.users.delete, id, "1")
        self.assertEqual(self.users.get(id).first_name, "Ada")

    def test_knows_who_is_not_there(self):
        self.refused(Code.INVALID_ARGUMENT, "missing originator id", self.users.delete, "")
        self.refused(Code.NOT_FOUND, "not found", self.users.delete, str(uuid.uuid4()))
        id = self.users.create(self.email).originator.id
        self.users.delete(id)
        self.refused(Code.NOT_FOUND, "deleted", self.users.delete, id)


class NeighboursTest(UsersTest):
    def test_is_well(self):
        answer = self.users.Healtz(users_pb2.HealthRequest(), timeout=30)
        self.assertEqual(answer.SerializeToString(), b"")

    def crud(self, name, request):
        channel = grpc.insecure_channel(self.server.address)
        with channel:
            call = channel.unary_unary(
                f"/contracts.crudstore.CrudStoreService/{name}",
                type(request).SerializeToString,
                getattr(crud_pb2, f"{name}Response").FromString)
            return call(request, timeout=30)

    def test_its_users_are_entities_of_every_door(self):
        id = self.users.create(self.email, "Ada").originator.id
        self.users.update(id, "1", active=True, workspaces=["engine"])
        document = self.server.json("crud", "get", "contracts.users.User", id)
        shown = document.get("document", document)
        self.assertEqual((shown["email"], shown["firstName"], shown["workspaces"]),
                         (self.email, "Ada", ["engine"]))
        got = self.crud("Get", crud_pb2.GetRequest(
            entity_type="contracts.users.User", originator=originator(id)))
        self.assertEqual(got.originator, originator(id, "2"))
        self.assertIn(self.email, got.payload)

    def test_registers_its_type(self):
        # beside the doors, so it may come after them: a long poll waits for the event
        stream = "contracts.eventstore.types.RegisterType-contracts.users.User"
        status, events = get_json(self.server, f"/v1/events?prefix={stream}&wait=30s")
        self.assertEqual((status, [one["stream"] for one in events["events"]]), (200, [stream]))
        request = crud_pb2.GetTypeRequest(entity_type="contracts.users.User")
        self.assertEqual(self.crud("GetType", request).spec.entity_type, "contracts.users.User")
        with start_users(self.server.address) as second:  # finds it there
            self.assertEqual(second.ask("GET", "/health/ready")[0], 200)

    def test_serves_reflection_and_health(self):
        channel = grpc.insecure_channel(f"127.0.0.1:{self.sample.ports['grpc']}")
        with channel:
            check = channel.unary_unary("/grpc.health.v1.Health/Check")
            # message HealthCheckResponse { ServingStatus status = 1; }, SERVING = 1
            self.assertEqual(check(b"", timeout=30), b"\x08\x01")
            reflect = channel.stream_stream(
                "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
            # message ServerReflectionRequest { string list_services = 7; }
            answer = next(reflect(iter([b"\x3a\x00"]), timeout=30))
            self.assertIn(b"contracts.users.UserService", answer)


if __name__ == "__main__":
    unittest.main()
