# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Each row of eskit's contract for its crud store (2.2, 2.4), over gRPC: once with an empty store,
once with one that holds the permit data (skipped where ../shared/data is not there).

Starts the built program (ANNALS_PROGRAM) in memory, or takes a running server:
ANNALS_TEST_GRPC=host:port ANNALS_TEST_HTTP=host:port.
"""

import hashlib
import json
import threading
import time
import unittest
import uuid

import grpc
from common import originator_pb2
from crudstore import schema_pb2
from crudstore import service_pb2 as crud_pb2
from eskit_test import Code, Eskit

from permits import add_filled

SERVICE = "/contracts.crudstore.CrudStoreService/"
REGISTER = "contracts.eventstore.types.RegisterType"
METHODS = ("Create", "Update", "Delete", "Get", "List", "RegisterType", "GetType", "UpdateType",
           "ListTypes")


def originator(id, version=""):
    return originator_pb2.Originator(id=id, version=version)


class CrudStore:
    """Stub of contracts.crudstore.CrudStoreService."""

    def __init__(self, address):
        self.channel = grpc.insecure_channel(address)
        for name in (*METHODS, "Healtz"):
            message = "Health" if name == "Healtz" else name
            setattr(self, name, self.channel.unary_unary(
                SERVICE + name,
                getattr(crud_pb2, message + "Request").SerializeToString,
                getattr(crud_pb2, message + "Response").FromString))

    def close(self):
        self.channel.close()

    def create(self, type, payload, id=None, version=""):
        request = crud_pb2.CreateRequest(entity_type=type, payload=payload)
        if id is not None:
            request.originator.CopyFrom(originator(id, version))
        made = self.Create(request, timeout=30).originator
        return made.id, made.version

    def update(self, type, id, version, payload):
        request = crud_pb2.UpdateRequest(
            entity_type=type, originator=originator(id, version), payload=payload)
        made = self.Update(request, timeout=30).originator
        return made.id, made.version

    def delete(self, type, id, version=""):
        request = crud_pb2.DeleteRequest(entity_type=type, originator=originator(id, version))
        made = self.Delete(request, timeout=30).originator
        return made.id, made.version

    def get(self, type, id, version="", deleted=False):
        request = crud_pb2.GetRequest(
            entity_type=type, originator=originator(id, version), deleted=deleted)
        got = self.Get(request, timeout=30)
        return got.originator.id, got.originator.version, got.payload

    def list(self, type, page="", limit=0, skip_payload=False):
        request = crud_pb2.ListRequest(
            entity_type=type, pagination_id=page, limit=limit, skip_payload=skip_payload)
        return self.List(request, timeout=30)

    def register(self, type, version=0, schema="", skip_duplicate=False):
        return self.RegisterType(crud_pb2.RegisterTypeRequest(
            spec=spec(type, version, schema), skip_duplicate=skip_duplicate), timeout=30)

    def get_type(self, type):
        return self.GetType(crud_pb2.GetTypeRequest(entity_type=type), timeout=30).spec

    def update_type(self, type, version=0, schema=""):
        return self.UpdateType(
            crud_pb2.UpdateTypeRequest(spec=spec(type, version, schema)), timeout=30)

    def types(self, limit=0):
        listed = self.ListTypes(crud_pb2.ListTypesRequest(limit=limit), timeout=30)
        return [one.entity_type for one in listed.results]


def spec(type, version=0, schema=""):
    made = schema_pb2.CrudEntitySpec(entity_type=type)
    if version or schema:
        made.schema_spec.CopyFrom(
            schema_pb2.SchemaSpec(schema_version=version, json_schema=schema))
    return made


class Crud(Eskit):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.crud = CrudStore(cls.address)

    @classmethod
    def tearDownClass(cls):
        cls.crud.close()
        super().tearDownClass()


class CreateTest(Crud):
    def test_refuses_what_is_missing(self):
        create = self.crud.create
        self.refused(Code.INVALID_ARGUMENT, create, "", "{}", text="missing entity type")
        self.refused(Code.INVALID_ARGUMENT, create, self.type, "", text="missing payload")
        self.refused(Code.INVALID_ARGUMENT, create, self.type, "{}", "",
                     text="missing originator id")

    def test_gives_an_id_and_version_one(self):
        id, version = self.crud.create(self.type, '{"a":1}')
        self.assertEqual((uuid.UUID(id).version, version), (4, "1"))
        self.assertEqual(self.crud.create(self.type, "{}", self.id), (self.id, "1"))

    def test_honours_a_version(self):
        self.assertEqual(self.crud.create(self.type, "{}", self.id, "7"), (self.id, "7"))
        self.assertEqual(self.crud.get(self.type, self.id)[1], "7")
        self.refused(Code.NOT_FOUND, self.crud.get, self.type, self.id, "7",
                     text="not found: not found")

    def test_refuses_a_used_id_and_bad_versions(self):
        self.crud.create(self.type, "{}", self.id)
        self.refused(Code.ALREADY_EXISTS, self.crud.create, self.type, "{}", self.id,
                     text="duplicate")
        self.refused(Code.ALREADY_EXISTS, self.crud.create, self.type + "x", "{}", self.id)
        self.refused(Code.ALREADY_EXISTS, self.crud.create, self.type, "{}", self.id, "9")
        self.refused(Code.INTERNAL, self.crud.create, self.type, "{}", self.id, "abc",
                     begins="creation failed : ")
        self.refused(Code.INTERNAL, self.crud.create, self.type, "{}", "y" + self.id, str(2**31),
                     begins="creation failed : ")
        self.crud.create(self.type, "{}", "y" + self.id, str(2**31 - 1))
        self.refused(Code.INVALID_ARGUMENT, self.crud.create, self.type, "{}", "x" + self.id, "0")

    def test_stores_the_payload_verbatim_json_or_not(self):
        for payload in ('{ "b" :1.0, "a":"<&>" }', "plain ünï", "[1]", " "):
            id, _ = self.crud.create(self.type, payload)
            self.assertEqual(self.crud.get(self.type, id), (id, "1", payload))
            event, = self.store.events(id)
            self.assertEqual(event.payload, payload)

    def test_writes_a_created_event_with_the_time(self):
        before = int(time.time())
        self.crud.create(self.type, "{}", self.id)
        event, = self.store.events(self.id)
        self.assertEqual((event.event_type, event.originator.version),
                         (self.type + ".Created", "1"))
        self.assertTrue(before <= event.occured_on <= time.time() + 1)

    def test_makes_a_deleted_one_anew_under_an_unused_version(self):
        self.crud.create(self.type, '{"a":9}', self.id)
        self.crud.delete(self.type, self.id)
        for version in ("", "1", "2"):
            self.refused(Code.ALREADY_EXISTS, self.crud.create, self.type, "{}", self.id, version)
        self.assertEqual(self.crud.create(self.type, '{"re":1}', self.id, "3"), (self.id, "3"))
        # Not with what was there before, as the entity store has it.
        self.assertEqual(self.crud.get(self.type, self.id), (self.id, "3", '{"re":1}'))

    def test_lets_one_of_many_have_an_id(self):
        codes = []

        def create():
            crud = CrudStore(self.address)
            try:
                crud.create(self.type, "{}", self.id)
                codes.append("OK")
            except grpc.RpcError as error:
                codes.append(error.code())
            crud.close()

        writers = [threading.Thread(target=create) for _ in range(8)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        self.assertEqual((codes.count("OK"), codes.count(Code.ALREADY_EXISTS)), (1, 7))


class UpdateTest(Crud):
    def test_refuses_what_is_missing(self):
        update = self.crud.Update
        request = crud_pb2.UpdateRequest(entity_type=self.type, payload="{}")
        self.refused(Code.INVALID_ARGUMENT, update, request, text="missing originator")
        self.refused(Code.INVALID_ARGUMENT, self.crud.update, self.type, "", "1", "{}",
                     text="missing originator id")
        self.refused(Code.INVALID_ARGUMENT, self.crud.update, self.type, self.id, "", "{}",
                     text="missing originator version")

    def test_stores_the_difference_as_a_merge_patch(self):
        self.crud.create(self.type, '{"a":1,"b":{"c":2,"d":3},"e":[1,2]}', self.id)
        made = self.crud.update(self.type, self.id, "1", '{"b":{"c":2,"x":4},"e":[1],"n":null}')
        self.assertEqual(made, (self.id, "2"))
        event = self.store.events(self.id)[-1]
        self.assertEqual(event.event_type, self.type + ".Updated")
        self.assertEqual(json.loads(event.payload),
                         {"a": None, "b": {"d": None, "x": 4}, "e": [1]})
        self.assertEqual(self.crud.get(self.type, self.id),
                         (self.id, "2", '{"b":{"c":2,"x":4},"e":[1]}'))

    def test_refuses_a_stale_version(self):
        self.crud.create(self.type, "{}", self.id)
        self.crud.update(self.type, self.id, "1", '{"a":1}')
        self.refused(Code.ALREADY_EXISTS, self.crud.update, self.type, self.id, "1", '{"a":2}',
                     text="update failed old version : duplicate")

    def test_refuses_what_is_not_there(self):
        self.refused(Code.INTERNAL, self.crud.update, self.type, self.id, "1", "{}",
                     text="update failed : not found")
        self.crud.create(self.type, "{}", self.id)
        self.refused(Code.INTERNAL, self.crud.update, self.type, self.id, "2", "{}",
                     text="update failed : not found")
        self.crud.delete(self.type, self.id)
        self.refused(Code.INTERNAL, self.crud.update, self.type, self.id, "2", "{}",
                     text="update failed : deleted")
        self.refused(Code.INTERNAL, self.crud.update, self.type, self.id, "x", "{}")

    def test_refuses_documents_that_are_no_objects(self):
        text = "update failed : patch creation failed : Invalid JSON Document"
        self.crud.create(self.type, "{}", self.id)
        for payload in ("plain", "[1]", "1", '"a"', ""):
            self.refused(Code.INTERNAL, self.crud.update, self.type, self.id, "1", payload,
                         text=text)
        id, _ = self.crud.create(self.type, "plain")
        self.refused(Code.INTERNAL, self.crud.update, self.type, id, "1", "{}", text=text)

    def test_writes_an_event_also_when_nothing_changes(self):
        self.crud.create(self.type, '{"a":1}', self.id)
        self.assertEqual(self.crud.update(self.type, self.id, "1", '{"a":1}'), (self.id, "2"))
        self.assertEqual(self.store.events(self.id)[-1].payload, "{}")

    def test_takes_another_entity_type(self):
        self.crud.create(self.type, '{"a":1}', self.id)
        self.crud.update("Other", self.id, "1", '{"a":2}')
        self.assertEqual(self.store.events(self.id)[-1].event_type, "Other.Updated")
        self.assertEqual(self.crud.get("Third", self.id)[2], '{"a":2}')

    def test_lets_one_of_two_writers_win_each_version(self):
        self.crud.create(self.type, '{"n":0}', self.id)
        outcomes = []

        def write(crud):
            for version in range(1, 11):
                try:
                    crud.update(self.type, self.id, str(version), json.dumps({"n": version}))
                    outcomes.append("OK")
                except grpc.RpcError as error:
                    outcomes.append(error.code())

        stores = [CrudStore(self.address) for _ in range(2)]
        writers = [threading.Thread(target=write, args=(store,)) for store in stores]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        for store in stores:
            store.close()
        # Who comes first to a version may be early for the next one: then it is not there yet.
        self.assertLessEqual(set(outcomes), {"OK", Code.ALREADY_EXISTS, Code.INTERNAL})
        versions = [int(event.originator.version) for event in self.store.events(self.id)]
        self.assertEqual(versions, list(range(1, len(versions) + 1)))
        self.assertEqual(outcomes.count("OK"), len(versions) - 1)


class GetTest(Crud):
    def test_refuses_what_is_missing(self):
        self.refused(Code.INVALID_ARGUMENT, self.crud.get, self.type, "",
                     text="missing originator id")
        self.refused(Code.INVALID_ARGUMENT, self.crud.get, "", self.id,
                     text="missing entity type")
        self.refused(Code.NOT_FOUND, self.crud.get, self.type, self.id,
                     text="not found: not found")
        self.refused(Code.INTERNAL, self.crud.get, self.type, self.id, "x",
                     begins="getting entity failed : ")

    def test_shows_each_version(self):
        self.crud.create(self.type, '{"a": 1}', self.id)
        self.crud.update(self.type, self.id, "1", '{"a":2}')
        self.crud.update(self.type, self.id, "2", '{"a":3}')
        shown = [self.crud.get(self.type, self.id, version)[1:] for version in ("1", "2", "3", "")]
        self.assertEqual(shown,
                         [("1", '{"a": 1}'), ("2", '{"a":2}'), ("3", '{"a":3}'), ("3", '{"a":3}')])
        self.refused(Code.NOT_FOUND, self.crud.get, self.type, self.id, "4",
                     text="not found: not found")

    def test_shows_deleted_ones_when_asked(self):
        self.crud.create(self.type, '{"a":1}', self.id)
        self.crud.update(self.type, self.id, "1", '{"a":2}')
        self.crud.delete(self.type, self.id)
        self.refused(Code.NOT_FOUND, self.crud.get, self.type, self.id, text="not found: deleted")
        self.refused(Code.NOT_FOUND, self.crud.get, self.type, self.id, "3",
                     text="not found: deleted")
        self.assertEqual(self.crud.get(self.type, self.id, deleted=True),
                         (self.id, "2", '{"a":2}'))
        self.assertEqual(self.crud.get(self.type, self.id, "2"), (self.id, "2", '{"a":2}'))

    def test_writes_changed_documents_as_go_does(self):
        self.crud.create(self.type, '{ "z":"<&>", "n":12345678901234567890, "o":{"y":1,"x":2} }',
                         self.id)
        self.crud.update(self.type, self.id, "1",
                         '{"z":"<&>","n":12345678901234567890,"o":{"y":1,"x":2},"a":true}')
        self.assertEqual(
            self.crud.get(self.type, self.id)[2],
            '{"a":true,"n":12345678901234567890,"o":{"y":1,"x":2},'
            '"z":"\\u003c\\u0026\\u003e"}')

    def test_replays_other_events(self):
        self.store.append(self.id, "1", self.type + ".Placed", '{"a":1}')
        self.store.append(self.id, "2", self.type + ".Noted", "whatever")
        self.store.append(self.id, "3", self.type + ".UPDATED", '{"b":2}')
        self.assertEqual(self.crud.get(self.type, self.id)[1:], ("3", '{"a":1,"b":2}'))


class DeleteTest(Crud):
    def test_refuses_what_is_missing(self):
        self.refused(Code.INVALID_ARGUMENT, self.crud.delete, self.type, "",
                     text="missing originator id")
        self.refused(Code.INVALID_ARGUMENT, self.crud.delete, "", self.id,
                     text="missing entity type")
        self.refused(Code.UNKNOWN, self.crud.delete, self.type, self.id, text="not found")

    def test_writes_a_deleted_event(self):
        self.crud.create(self.type, '{"a":1}', self.id)
        self.assertEqual(self.crud.delete(self.type, self.id), (self.id, "2"))
        event = self.store.events(self.id)[-1]
        self.assertEqual((event.event_type, event.payload), (self.type + ".Deleted", "{}"))
        self.refused(Code.UNKNOWN, self.crud.delete, self.type, self.id, text="deleted")

    def test_refuses_a_stale_version(self):
        self.crud.create(self.type, '{"a":1}', self.id)
        self.crud.update(self.type, self.id, "1", '{"a":2}')
        self.refused(Code.ALREADY_EXISTS, self.crud.delete, self.type, self.id, "1",
                     text="append : duplicate error : stored_event")
        self.assertEqual(self.crud.delete(self.type, self.id, "2"), (self.id, "3"))


class ListTest(Crud):
    def ids(self, page):
        return [item.originator.id for item in page.results]

    def test_refuses_what_is_missing(self):
        self.refused(Code.INVALID_ARGUMENT, self.crud.list, "", text="missing entity type")
        self.refused(Code.INVALID_ARGUMENT, self.crud.list, self.type, "abc")

    def test_is_empty_without_entities(self):
        page = self.crud.list(self.type)
        self.assertEqual((list(page.results), page.next_page_id), ([], ""))

    def test_goes_page_by_page(self):
        made = [self.crud.create(self.type, json.dumps({"n": n}))[0] for n in range(25)]
        first = self.crud.list(self.type)
        self.assertEqual(self.ids(first), made[:10])
        self.assertEqual([json.loads(item.payload)["n"] for item in first.results],
                         list(range(10)))
        self.assertEqual({item.entity_type for item in first.results}, {self.type})
        second = self.crud.list(self.type, first.next_page_id, 10)
        self.assertEqual(self.ids(second), made[10:20])
        third = self.crud.list(self.type, second.next_page_id, 10)
        self.assertEqual(self.ids(third), made[20:])
        last = self.crud.list(self.type, third.next_page_id, 10)
        self.assertEqual((self.ids(last), last.next_page_id), ([], ""))

    def test_shows_an_updated_one_again_on_a_later_page(self):
        ids = [self.crud.create(self.type, '{"n":1}')[0] for _ in range(4)]
        first = self.crud.list(self.type, "", 2)
        self.assertEqual(self.ids(first), ids[:2])
        self.crud.update(self.type, ids[0], "1", '{"n":2}')
        later = self.crud.list(self.type, first.next_page_id, 10)
        self.assertEqual(self.ids(later), [ids[2], ids[3], ids[0]])
        self.assertEqual([(item.originator.version, item.payload) for item in later.results][2],
                         ("2", '{"n":2}'))
        self.assertEqual(self.ids(self.crud.list(self.type)), ids)

    def test_leaves_out_deleted_ones_and_shows_the_last_state(self):
        ids = [self.crud.create(self.type, '{"n":1}')[0] for _ in range(3)]
        self.crud.delete(self.type, ids[1])
        self.crud.update(self.type, ids[2], "1", '{"n":2}')
        page = self.crud.list(self.type)
        self.assertEqual(self.ids(page), [ids[0], ids[2]])
        self.assertEqual([item.payload for item in page.results], ['{"n":1}', '{"n":2}'])
        self.assertEqual([item.originator.version for item in page.results], ["1", "2"])

    def test_leaves_out_payloads(self):
        self.crud.create(self.type, '{"n":1}', self.id)
        item, = self.crud.list(self.type, skip_payload=True).results
        self.assertEqual((item.entity_type, item.payload, item.originator.id),
                         (self.type, "", self.id))


SCHEMA = '{"type":"object","required":["q"],"properties":{"q":{"type":"string","minLength":2}}}'


class TypesTest(Crud):
    def test_refuses_what_is_missing(self):
        self.refused(Code.INVALID_ARGUMENT, self.crud.RegisterType,
                     crud_pb2.RegisterTypeRequest(), text="missing spec")
        self.refused(Code.INVALID_ARGUMENT, self.crud.register, "", text="missing entity type")
        self.refused(Code.INVALID_ARGUMENT, self.crud.UpdateType, crud_pb2.UpdateTypeRequest(),
                     text="missing spec")
        self.refused(Code.INVALID_ARGUMENT, self.crud.update_type, "", text="missing entity type")
        self.refused(Code.INVALID_ARGUMENT, self.crud.get_type, "", text="missing entity type")
        self.refused(Code.NOT_FOUND, self.crud.get_type, self.type, text="not found")
        self.refused(Code.NOT_FOUND, self.crud.update_type, self.type,
                     text="schema not found: <nil>")

    def test_registers_once(self):
        self.crud.register(self.type)
        self.refused(Code.ALREADY_EXISTS, self.crud.register, self.type,
                     text="already registered")
        self.crud.register(self.type, 1, SCHEMA, skip_duplicate=True)
        self.assertEqual(self.crud.get_type(self.type), spec(self.type))

    def test_refuses_what_is_no_schema(self):
        self.refused(Code.INVALID_ARGUMENT, self.crud.register, self.type, 0, SCHEMA,
                     text="schema : version is required")
        self.refused(Code.INVALID_ARGUMENT, self.crud.register, self.type, 1, "no json",
                     begins="schema : invalid spec : ")
        self.refused(Code.INVALID_ARGUMENT, self.crud.register, self.type, 1, '{"type":"thing"}',
                     begins="schema : ")
        self.refused(Code.INVALID_ARGUMENT, self.crud.register, self.type, 1, '{"$ref":"#/a"}',
                     begins="schema : compile schema : ")

    def test_keeps_types_as_entities(self):
        self.crud.register(self.type, 1, SCHEMA)
        event, = self.store.events(self.type)
        self.assertEqual(event.event_type, REGISTER + ".Created")
        self.assertEqual(
            json.loads(event.payload),
            {"entityType": self.type,
             "schemaSpec": {"schemaVersion": "1", "jsonSchema": SCHEMA}})

    def test_validates_what_is_created_and_updated(self):
        self.crud.register(self.type, 1, SCHEMA)
        self.refused(Code.INVALID_ARGUMENT, self.crud.create, self.type, "{}",
                     text="validation : schema constraint failed : - (root): q is required\n")
        self.refused(Code.INVALID_ARGUMENT, self.crud.create, self.type, "plain",
                     begins="validation : ")
        self.refused(Code.INVALID_ARGUMENT, self.crud.create, self.type, '{"q":1}',
                     text="validation : schema constraint failed : - q: Invalid type. "
                          "Expected: string, given: integer\n")
        self.crud.create(self.type, '{"q":"ab"}', self.id)
        self.refused(Code.INVALID_ARGUMENT, self.crud.update, self.type, self.id, "1", '{"q":"a"}',
                     begins="validation : schema constraint failed : - q: String length")
        self.crud.update(self.type, self.id, "1", '{"q":"abc"}')

    def test_changes_a_type(self):
        self.crud.register(self.type, 2, SCHEMA)
        self.refused(Code.INVALID_ARGUMENT, self.crud.update_type, self.type, 2, "{}",
                     text="schema version not changed")
        self.crud.update_type(self.type, 1, '{"type":"object"}')
        self.assertEqual(self.crud.get_type(self.type), spec(self.type, 1, '{"type":"object"}'))
        self.crud.create(self.type, "{}")
        self.crud.update_type(self.type)
        self.assertEqual(self.crud.get_type(self.type), spec(self.type))
        self.crud.create(self.type, "plain")

    def test_lists_types_at_once(self):
        for number in range(3):
            self.crud.register(f"{self.type}{number}")
            self.assertIn(f"{self.type}{number}", self.crud.types(10_000))
        self.assertEqual(len(self.crud.types(2)), 2)

    def test_lists_twenty_types_unless_asked_for_more(self):
        for number in range(25):
            self.crud.register(f"{self.type}{number}")
        self.assertEqual(len(self.crud.types()), 20)
        self.assertEqual(len(self.crud.types(21)), 21)

    def test_a_plain_entity_breaks_a_type_of_its_name(self):
        self.crud.create("Plain", '{"x":1}', self.type)
        self.refused(Code.INTERNAL, self.crud.get_type, self.type, text="missing entity type")


class BothDoorsTest(Crud):
    """The same objects through annals crud and through eskit's door."""

    def setUp(self):
        super().setUp()
        if self.server is None:
            self.skipTest("needs a server of its own, for its command line")

    def entity(self, type, id):
        return self.server.json("crud", "get", type, id)

    def test_what_eskit_makes_annals_sees(self):
        self.crud.create(self.type, '{"a":1,"b":2}', self.id)
        self.crud.update(self.type, self.id, "1", '{"a":3}')
        seen = self.entity(self.type, self.id)
        self.assertEqual((seen["document"], seen["revision"]), ({"a": 3}, 1))
        hashes = [event["dialect"].get("entity.hash") for event in self.server.json(
            "stream", "read", f"{self.type}-{self.id}")["events"]]
        texts = '{"a":1,"b":2}', '{"a":3}'
        self.assertEqual(hashes, [hashlib.sha256(text.encode()).hexdigest() for text in texts])
        self.crud.delete(self.type, self.id)
        gone = self.server.run("crud", "get", self.type, self.id, check=False)
        self.assertEqual(gone.returncode, 3)
        self.assertIn("deleted", gone.stderr)

    def test_what_annals_makes_eskit_sees(self):
        crud = self.server.run
        crud("crud", "create", self.type, self.id, "--data", '{"a":1,"b":2}')
        crud("crud", "patch", self.type, self.id, "--data", '{"a":3}')
        self.assertEqual(self.crud.get(self.type, self.id), (self.id, "2", '{"a":3,"b":2}'))
        crud("crud", "replace", self.type, self.id, "--data", '{"a":null}')
        self.assertEqual(self.crud.get(self.type, self.id), (self.id, "3", '{"a":null}'))
        self.assertEqual(self.crud.update(self.type, self.id, "3", '{"c":1}'), (self.id, "4"))
        self.assertEqual(self.entity(self.type, self.id)["document"], {"c": 1})
        self.refused(Code.ALREADY_EXISTS, self.crud.create, self.type, "{}", self.id)
        item, = self.crud.list(self.type).results
        self.assertEqual((item.originator.id, item.payload), (self.id, '{"c":1}'))
        crud("crud", "delete", self.type, self.id)
        self.refused(Code.NOT_FOUND, self.crud.get, self.type, self.id, text="not found: deleted")

    def test_of_several_streams_of_an_id_the_types_own_counts_else_the_oldest(self):
        run = self.server.run
        older, newer, other = self.type + "Z", self.type + "A", self.type + "O"
        run("crud", "create", older, self.id, "--data", '{"of":"older"}')
        run("crud", "create", newer, self.id, "--data", '{"of":"newer"}')
        run("crud", "patch", newer, self.id, "--data", '{"n":1}')
        self.assertEqual(self.crud.get(older, self.id), (self.id, "1", '{"of":"older"}'))
        self.assertEqual(self.crud.get(newer, self.id), (self.id, "2", '{"n":1,"of":"newer"}'))
        self.assertEqual(self.crud.get(other, self.id), (self.id, "1", '{"of":"older"}'))
        for type in (older, newer, other):
            self.refused(Code.ALREADY_EXISTS, self.crud.create, type, "{}", self.id,
                         text="duplicate")
            self.refused(Code.ALREADY_EXISTS, self.crud.create, type, "{}", self.id, "7",
                         text="duplicate")
        self.crud.update(newer, self.id, "2", '{"of":"newer","n":2}')
        self.assertEqual(self.entity(newer, self.id)["document"], {"of": "newer", "n": 2})
        self.assertEqual(self.crud.get(older, self.id), (self.id, "1", '{"of":"older"}'))
        self.crud.update(older, self.id, "1", '{"of":"older","n":3}')
        self.assertEqual(self.entity(older, self.id)["revision"], 1)
        # A version is the id's, whatever the stream: 3 is taken.
        self.refused(Code.ALREADY_EXISTS, self.crud.delete, older, self.id)
        self.assertEqual(self.crud.get(newer, self.id), (self.id, "3", '{"n":2,"of":"newer"}'))

    def test_types_of_each_door_are_for_its_own_writers(self):
        """docs/adr/0023"""
        self.crud.register(self.type, 1, SCHEMA)
        run = self.server.run
        run("crud", "create", self.type, "native", "--data", "{}")
        self.refused(Code.INVALID_ARGUMENT, self.crud.create, self.type, "{}",
                     begins="validation : ")
        self.assertEqual(run("crud", "type", "get", self.type, check=False).returncode, 4)
        # what eskit registered is an entity that every door shows
        shown = self.entity(REGISTER, self.type)
        self.assertEqual(shown["document"]["schemaSpec"]["jsonSchema"], SCHEMA)
        other = self.type + "Native"
        run("crud", "type", "put", other, "--schema", '{"required":["n"]}')
        self.assertEqual(
            run("crud", "create", other, "1", "--data", "{}", check=False).returncode, 3)
        self.crud.create(other, "{}", self.id)
        self.refused(Code.NOT_FOUND, self.crud.get_type, other, text="not found")
        checked = run("crud", "type", "check", other, "--schema", '{"required":["n"]}',
                      "--against-data", check=False)
        self.assertEqual(checked.returncode, 3)
        self.assertIn(self.id, checked.stdout + checked.stderr)

    def test_lists_what_was_never_changed_letter_by_letter(self):
        """Which the read model of annals does not have, nor eskit's versions (docs/adr/0023)."""
        self.crud.create(self.type, '{ "b":1.50, "a":"<" }', self.id, "7")
        self.assertEqual(self.entity(self.type, self.id)["revision"], 0)
        item, = self.crud.list(self.type).results
        self.assertEqual((item.originator.version, item.payload), ("7", '{ "b":1.50, "a":"<" }'))


class HealthTest(Crud):
    def test_is_well(self):
        self.assertEqual(self.crud.Healtz(crud_pb2.HealthRequest(), timeout=30).message, "")


add_filled(globals(), CreateTest, UpdateTest, GetTest, DeleteTest, ListTest, TypesTest,
           BothDoorsTest)


if __name__ == "__main__":
    unittest.main()
