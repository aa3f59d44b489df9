# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Each row of eskit's contract for its event store (2.1, 2.4), over gRPC and HTTP: once with an
empty store, once with one that holds the permit data (skipped where ../shared/data is not there).

Starts the built program (ANNALS_PROGRAM) in memory, or takes a running, empty server:
ANNALS_TEST_GRPC=host:port ANNALS_TEST_HTTP=host:port.
"""

import http.client
import os
import threading
import time
import unittest
import uuid

import grpc
from eskit_client import EventStore, make_event
from eventstore import service_pb2

from annals_server import Server
from permits import add_filled

Code = grpc.StatusCode


class Eskit(unittest.TestCase):
    """One server and one client for all tests of the class; ids are new in each test."""

    @classmethod
    def setUpClass(cls):
        cls.server = None
        cls.address = os.environ.get("ANNALS_TEST_GRPC")
        cls.http = os.environ.get("ANNALS_TEST_HTTP")
        if not cls.address:
            cls.server = Server(None)
            cls.address = cls.server.address
            cls.http = f"127.0.0.1:{cls.server.http_port}"
        cls.store = EventStore(cls.address)

    @classmethod
    def tearDownClass(cls):
        cls.store.close()
        if cls.server:
            cls.server.stop()

    def setUp(self):
        self.id = str(uuid.uuid4())
        self.type = "T" + uuid.uuid4().hex

    def refused(self, code, call, *arguments, text=None, begins=None, **named):
        with self.assertRaises(grpc.RpcError) as caught:
            call(*arguments, **named)
        self.assertEqual(caught.exception.code(), code, caught.exception.details())
        if text is not None:
            self.assertEqual(caught.exception.details(), text)
        if begins is not None:
            self.assertTrue(caught.exception.details().startswith(begins),
                            caught.exception.details())
        return caught.exception

    def versions(self, version="", entity_type=""):
        events = self.store.events(self.id, version, entity_type)
        return [event.originator.version for event in events]

    def last_id(self):
        """Id of an entry that is made now, so that a test begins behind what is there."""
        marker = "M" + uuid.uuid4().hex
        self.store.append(str(uuid.uuid4()), "1", marker + ".Made")
        return int(self.store.logs(selector=marker + ".*")[0].id)


class AppendTest(Eskit):
    def test_refuses_what_is_missing(self):
        append = self.store.Append
        request = service_pb2.AppendEventRequest
        self.refused(Code.INVALID_ARGUMENT, append, request(), text="missing event")
        event = make_event("1", "1", "A.B")
        event.ClearField("originator")
        self.refused(Code.INVALID_ARGUMENT, append, request(event=event),
                     text="missing originator")
        self.refused(Code.INVALID_ARGUMENT, self.store.append, "1", "1", "",
                     text="missing event type")
        self.refused(Code.INTERNAL, self.store.append, "", "1", "A.B",
                     begins="append : inserting stored event : ")

    def test_refuses_versions_that_are_no_numbers(self):
        for version, why in (("", "invalid syntax"), ("abc", "invalid syntax"),
                             ("-1", "invalid syntax"), ("+1", "invalid syntax"),
                             ("18446744073709551616", "value out of range")):
            self.refused(Code.INTERNAL, self.store.append, self.id, version, "A.B",
                         text=f'append : strconv.ParseUint: parsing "{version}": {why}')
        self.refused(Code.INTERNAL, self.store.append, self.id, "2147483648", "A.B")
        self.refused(Code.INVALID_ARGUMENT, self.store.append, self.id, "0", "A.B")
        self.assertEqual(self.versions(), [])

    def test_answers_success_with_an_empty_message(self):
        answer = self.store.append(self.id, "1", "A.B")
        self.assertIsNotNone(answer, "a unary call must end with a message, also an empty one")
        self.assertEqual(answer.SerializeToString(), b"")

    def test_keeps_the_text_of_a_version_in_the_log(self):
        self.store.append(self.id, "001", self.type + ".B")
        self.assertEqual(self.versions(), ["1"])
        entry, = self.store.logs(pipeline_id=self.type)
        self.assertEqual(entry.event.originator.version, "001")
        self.refused(Code.ALREADY_EXISTS, self.store.append, self.id, "1", "A.B")

    def test_refuses_a_version_twice_also_the_identical_event(self):
        self.store.append(self.id, "1", "A.B", "x", 5)
        self.refused(Code.ALREADY_EXISTS, self.store.append, self.id, "1", "A.B", "x", 5,
                     text="append : stored_event: duplicate")

    def test_takes_gaps_back_fills_and_any_first_version(self):
        for version in ("7", "1", "5", "3"):
            self.store.append(self.id, version, "A.B")
        self.assertEqual(self.versions(), ["1", "3", "5", "7"])

    def test_knows_an_entity_by_its_id_alone(self):
        self.store.append(self.id, "1", "A.B")
        self.store.append(self.id, "2", "Other.C")
        self.assertEqual(self.versions(), ["1", "2"])

    def test_keeps_event_types(self):
        for number, name in enumerate(("Created", "com.x.Y.Created", "a-b%.C", "$x.Y"), 1):
            self.store.append(self.id, str(number), name)
        self.assertEqual([event.event_type for event in self.store.events(self.id)],
                         ["Created", "com.x.Y.Created", "a-b%.C", "$x.Y"])
        self.refused(Code.INTERNAL, self.store.append, self.id, "9", "x" * 256)

    def test_keeps_payloads_and_refuses_nul_and_too_much(self):
        payloads = ["", "{ \"a\" :1.0 }", "plain ünï", "x" * 3_900_000]
        for number, payload in enumerate(payloads, 1):
            self.store.append(self.id, str(number), "A.B", payload)
        self.assertEqual([event.payload for event in self.store.events(self.id)], payloads)
        self.refused(Code.INTERNAL, self.store.append, self.id, "9", "A.B", "a\0b")
        error = self.refused(Code.RESOURCE_EXHAUSTED, self.store.append, self.id, "9", "A.B",
                             "x" * 4_194_304)
        self.assertIn("larger than max", error.details())
        self.assertIn("vs. 4194304", error.details())

    def test_shows_exactly_the_event_that_was_sent(self):
        for version, occured_on in (("1", 0), ("2", 1795248560), ("3", -1), ("4", 2**62)):
            sent = make_event(self.id, version, self.type + ".B", '{"b":1,"a":2}', occured_on)
            self.store.Append(service_pb2.AppendEventRequest(event=sent))
            entry = self.store.logs(pipeline_id=self.type)[-1]
            self.assertEqual(entry.event.SerializeToString(), sent.SerializeToString())
            shown = self.store.events(self.id)[-1]
            self.assertEqual(shown.SerializeToString(), sent.SerializeToString())

    def test_lets_one_of_many_writers_have_a_version(self):
        codes = []

        def write():
            store = EventStore(self.address)
            for version in range(1, 11):
                try:
                    store.append(self.id, str(version), self.type + ".B")
                    codes.append("OK")
                except grpc.RpcError as error:
                    codes.append(error.code())
            store.close()

        writers = [threading.Thread(target=write) for _ in range(6)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        self.assertEqual(codes.count("OK"), 10)
        self.assertEqual(codes.count(Code.ALREADY_EXISTS), 50)
        self.assertEqual(len(self.versions()), 10)


class GetEventsTest(Eskit):
    def test_refuses_a_missing_originator_and_bad_versions(self):
        self.refused(Code.INVALID_ARGUMENT, self.store.GetEvents, service_pb2.GetEventsRequest(),
                     text="missing originator")
        for version in ("abc", "2147483648"):
            self.refused(Code.INTERNAL, self.store.events, self.id, version,
                         begins="fetch : fetch : ")

    def test_goes_up_to_a_version(self):
        for version in ("1", "2", "10"):
            self.store.append(self.id, version, "A.B")
        self.assertEqual(self.versions("2"), ["1", "2"])
        self.assertEqual(self.versions("9"), ["1", "2"])
        self.assertEqual(self.versions("10", "Ignored"), ["1", "2", "10"])
        self.assertEqual(self.versions("0"), [])

    def test_is_empty_for_what_is_unknown(self):
        self.assertEqual(self.store.events(self.id), [])
        self.assertEqual(self.store.events(""), [])


class LogsTest(Eskit):
    def fill(self, count, name):
        for _ in range(count):
            self.store.append(str(uuid.uuid4()), "1", f"{self.type}.{name}")

    def test_refuses_ids_that_are_no_numbers(self):
        text = 'invalid fromID : strconv.ParseUint: parsing "abc": invalid syntax'
        self.refused(Code.INVALID_ARGUMENT, self.store.logs, "abc", text=text)
        self.refused(Code.INVALID_ARGUMENT, list, self.store.poll("abc"), text=text)

    def test_takes_a_star_and_an_id_beyond_the_end(self):
        self.store.logs("1", selector="*")
        self.assertEqual(self.store.logs(str(2**60)), [])

    def test_holds_twenty_unless_asked(self):
        self.fill(30, "Made")
        self.assertEqual(len(self.store.logs(pipeline_id=self.type)), 20)
        self.assertEqual(len(self.store.logs(pipeline_id=self.type, size=25)), 25)
        self.assertEqual(len(self.store.logs(pipeline_id=self.type, size=10**6)), 30)
        self.assertEqual(len(self.store.logs(selector="*")), 20)

    def test_meets_pipeline_from_id_and_selector_together(self):
        for _ in range(12):
            self.fill(1, "Created")
            self.fill(1, "Updated")
        entries = self.store.logs(pipeline_id=self.type, size=100)
        self.assertEqual(len(entries), 24)
        ids = [int(entry.id) for entry in entries]
        self.assertEqual(ids, sorted(ids))
        later = self.store.logs(str(ids[10]), 2, "", self.type)
        self.assertEqual([int(entry.id) for entry in later], ids[10:12])
        created = self.store.logs(str(ids[1]), 2, self.type + ".Created")
        self.assertEqual([int(entry.id) for entry in created], [ids[2], ids[4]])
        both = self.store.logs("", 100, "*.Updated", self.type)
        self.assertEqual([int(entry.id) for entry in both], ids[1::2])
        self.assertEqual(len(self.store.logs("", 20, self.type + ".*")), 20)
        self.assertEqual(self.store.logs("", 20, "Nobody.*", self.type), [])


class LogsPollTest(Eskit):
    def test_gives_history_then_what_comes(self):
        self.store.append(self.id, "1", self.type + ".A")
        poll = self.store.poll(pipeline_id=self.type)
        self.assertEqual(next(poll).event.event_type, self.type + ".A")
        started = time.monotonic()
        self.store.append(self.id, "2", self.type + ".B")
        self.assertEqual(next(poll).event.event_type, self.type + ".B")
        self.assertLess(time.monotonic() - started, 2)
        poll.cancel()

    def test_begins_at_an_id(self):
        last = self.last_id()
        self.store.append(self.id, "1", "A.B")
        poll = self.store.poll(str(last + 1), size=1)
        self.assertEqual(int(next(poll).id), last + 1)
        poll.cancel()

    def test_frees_callers_that_leave(self):
        """50 idle polls, opened and left: the server's subscriptions go back to none."""
        polls = [self.store.poll(str(10**9), selector="Nobody.*") for _ in range(50)]
        self.assertEqual(self.subscriptions_that_become(len(polls)), len(polls))
        for poll in polls:
            poll.cancel()
        self.assertEqual(self.subscriptions_that_become(0), 0)

    def subscriptions_that_become(self, wanted):
        """The count once it is this, or what it is after 20 s (a poll's own deadline is at 60)."""
        deadline = time.monotonic() + 20
        while (count := self.subscriptions()) != wanted and time.monotonic() < deadline:
            pass  # each look is a call to the server
        return count

    def subscriptions(self):
        """Open subscriptions by /metrics."""
        connection = http.client.HTTPConnection(self.http, timeout=10)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        lines = [line for line in text.splitlines()
                 if line.startswith(("annals_subscriptions{", "annals_subscriptions "))]
        self.assertTrue(lines, "annals_subscriptions is not in /metrics")
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)

    def test_loses_nothing_of_32_writers(self):
        writers_count, each = 32, 20
        poll = self.store.poll(pipeline_id=self.type)

        def write():
            store = EventStore(self.address)
            entity = str(uuid.uuid4())
            for version in range(1, each + 1):
                store.append(entity, str(version), self.type + ".Made")
            store.close()

        writers = [threading.Thread(target=write) for _ in range(writers_count)]
        for writer in writers:
            writer.start()
        ids = [int(next(poll).id) for _ in range(writers_count * each)]
        for writer in writers:
            writer.join()
        poll.cancel()
        self.assertEqual(ids, sorted(set(ids)))


class HealthTest(Eskit):
    def ask(self, method, path):
        connection = http.client.HTTPConnection(self.http, timeout=10)
        connection.request(method, path)
        response = connection.getresponse()
        body = response.read().decode()
        connection.close()
        return response, body

    def test_is_well_over_grpc(self):
        self.assertEqual(self.store.Healtz(service_pb2.HealthRequest()).message, "OK")

    def test_is_well_over_http(self):
        response, body = self.ask("GET", "/v1/healtz")
        self.assertEqual((response.status, body), (200, '{"message":"OK"}'))
        self.assertEqual(response.getheader("Content-Type"), "application/json")
        response, body = self.ask("POST", "/v1/healtz")
        self.assertEqual((response.status, body.strip()), (405, "Method Not Allowed"))
        response, _ = self.ask("GET", "/v1/nothing")
        self.assertEqual(response.status, 404)


class ConsumerTest(Eskit):
    """The loop of eskit's consumers: from an id, selector "*", save the id after each event."""

    def test_goes_on_where_it_was(self):
        from_id = self.last_id() + 1
        for version in range(1, 6):
            self.store.append(self.id, str(version), self.type + ".Made")
        poll = self.store.poll(str(from_id), selector="*")
        first = [next(poll) for _ in range(3)]
        poll.cancel()
        poll = self.store.poll(str(int(first[-1].id) + 1), selector="*")
        rest = [next(poll) for _ in range(2)]
        poll.cancel()
        self.assertEqual([entry.event.originator.version for entry in first + rest],
                         ["1", "2", "3", "4", "5"])


add_filled(globals(), AppendTest, GetEventsTest, LogsTest, LogsPollTest, ConsumerTest)


if __name__ == "__main__":
    unittest.main()
