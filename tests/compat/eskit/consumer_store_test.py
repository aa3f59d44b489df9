# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Each row of eskit's contract for its consumer store (2.3), over gRPC, and eskit's own loop of a
consumer that is stopped and goes on: with an empty store, and with one that holds the permit data
(skipped where ../shared/data is not there).

Starts the built program (ANNALS_PROGRAM) in memory, or takes a running, empty server:
ANNALS_TEST_GRPC=host:port ANNALS_TEST_HTTP=host:port.
"""

import threading
import uuid

import grpc
from consumerstore import service_pb2 as consumers_pb2
from eskit_test import Code, Eskit

from permits import add_filled

SERVICE = "/contracts.consumerstore.ConsumerService/"


class ConsumerStore:
    """Stub of contracts.consumerstore.ConsumerService."""

    def __init__(self, address):
        self.channel = grpc.insecure_channel(address)
        for name, request, response in (
                ("Healtz", "HealthRequest", "HealthResponse"),
                ("LogConsume", "AppLogConsumeRequest", "AppLogConsumeResponse"),
                ("GetLogConsume", "GetAppLogConsumeRequest", "GetAppLogConsumeResponse"),
                ("List", "ListConsumersRequest", "ListConsumersResponse")):
            setattr(self, name, self.channel.unary_unary(
                SERVICE + name,
                getattr(consumers_pb2, request).SerializeToString,
                getattr(consumers_pb2, response).FromString))

    def close(self):
        self.channel.close()

    def save(self, consumer, offset):
        request = consumers_pb2.AppLogConsumeRequest(consumer_id=consumer, offset=offset)
        return self.LogConsume(request, timeout=30)

    def get(self, consumer):
        request = consumers_pb2.GetAppLogConsumeRequest(consumer_id=consumer)
        return self.GetLogConsume(request, timeout=30)

    def all(self):
        listed = self.List(consumers_pb2.ListConsumersRequest(), timeout=30).consumers
        return {one.consumer_id: one.offset for one in listed}


class ConsumerStoreTest(Eskit):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.consumers = ConsumerStore(cls.address)

    @classmethod
    def tearDownClass(cls):
        cls.consumers.close()
        super().tearDownClass()

    def test_refuses_what_is_missing(self):
        self.refused(Code.INVALID_ARGUMENT, self.consumers.save, "", "1",
                     text="missing consumer id")
        self.refused(Code.INVALID_ARGUMENT, self.consumers.save, self.id, "",
                     text="missing offset")
        self.refused(Code.INVALID_ARGUMENT, self.consumers.get, "", text="missing consumer id")
        self.refused(Code.NOT_FOUND, self.consumers.get, self.id, text="consumer not found")

    def test_takes_any_text_also_backwards(self):
        for offset in ("5", "3", "abc", "4", "1.5", "", "10", "ünï"):
            if not offset:
                continue
            answer = self.consumers.save(self.id, offset)
            self.assertEqual(answer.SerializeToString(), b"")
            got = self.consumers.get(self.id)
            self.assertEqual((got.consumer_id, got.offset), (self.id, offset))

    def test_refuses_more_than_a_hundred_characters(self):
        self.consumers.save(self.id, "ü" * 100)
        self.refused(Code.INTERNAL, self.consumers.save, self.id, "x" * 101)
        self.assertEqual(self.consumers.get(self.id).offset, "ü" * 100)

    def test_lists_all(self):
        ids = [self.id, "$" + self.id, self.id + "\n", self.id + "x" * 500]
        for number, one in enumerate(ids):
            self.consumers.save(one, str(number))
        listed = self.consumers.all()
        self.assertEqual([listed.get(one) for one in ids], ["0", "1", "2", "3"])

    def test_is_well(self):
        answer = self.consumers.Healtz(consumers_pb2.HealthRequest(), timeout=30)
        self.assertEqual(answer.message, "")

    def test_takes_saves_from_many_at_once(self):
        ids = [str(uuid.uuid4()) for _ in range(16)]

        def save(one):
            for offset in range(1, 21):
                self.consumers.save(one, str(offset))

        savers = [threading.Thread(target=save, args=(one,)) for one in ids]
        for saver in savers:
            saver.start()
        for saver in savers:
            saver.join()
        listed = self.consumers.all()
        self.assertEqual({listed.get(one) for one in ids}, {"20"})

    def consume(self, count):
        """What eskit's consumers do: begin behind what is saved, save after each event."""
        try:
            from_id = str(int(self.consumers.get(self.id).offset) + 1)
        except grpc.RpcError as error:
            self.assertEqual(error.code(), Code.NOT_FOUND)
            from_id = "1"
        poll = self.store.poll(from_id, selector=self.type + ".*")
        versions = []
        for _ in range(count):
            entry = next(poll)
            versions.append(entry.event.originator.version)
            self.consumers.save(self.id, entry.id)
        poll.cancel()
        return versions

    def test_a_consumer_goes_on_where_it_stopped(self):
        for version in range(1, 8):
            self.store.append(self.id, str(version), self.type + ".Made")
        self.assertEqual(self.consume(3), ["1", "2", "3"])
        self.assertEqual(self.consume(2), ["4", "5"])
        self.assertEqual(self.consume(2), ["6", "7"])



add_filled(globals(), ConsumerStoreTest)
