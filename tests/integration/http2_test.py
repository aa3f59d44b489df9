# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The gRPC port on the level of HTTP/2 frames: pings, GOAWAY, clients that misbehave."""

import signal
import struct
import unittest

import http2
from annals_server import Server

SUBSCRIBE = "/annals.v1.EventStore/Subscribe"
APPEND = "/annals.v1.EventStore/Append"


def field(number, value):
    """A protobuf field of bytes."""
    return bytes([number << 3 | 2, len(value)]) + value


APPEND_ONE = field(2, b"order-7") + field(3, field(3, b"placed"))


class Http2(unittest.TestCase):
    def setUp(self):
        self.server = Server(None)
        self.addCleanup(self.server.stop)

    def connect(self):
        connection = http2.Connection("127.0.0.1", self.server.grpc_port)
        self.addCleanup(connection.close)
        return connection

    def append(self, connection, stream):
        """Frames of an append's answer."""
        connection.call(APPEND, stream, APPEND_ONE)
        return connection.until(lambda frame: frame.stream == stream and frame.ends_stream)

    def expect_ok(self, frames):
        self.assertTrue(any(frame.kind == http2.DATA for frame in frames), frames)
        self.assertFalse(any(frame.kind == http2.RST_STREAM for frame in frames), frames)

    def ping(self, connection, number):
        connection.send(http2.PING, struct.pack(">Q", number))

    def test_a_ping_is_answered(self):
        connection = self.connect()
        self.ping(connection, 7)
        frames = connection.until(lambda frame: frame.kind == http2.PING)
        self.assertEqual(frames[-1].flags, http2.ACK)
        self.assertEqual(frames[-1].body, struct.pack(">Q", 7))
        self.expect_ok(self.append(connection, 1))

    def test_pings_without_end_are_told_to_calm_down_and_others_are_served(self):
        noisy, quiet = self.connect(), self.connect()
        self.expect_ok(self.append(quiet, 1))
        # One by one: what is sent to a connection that has ended could take its last words away.
        goaways = []
        for number in range(20):
            self.ping(noisy, number)
            frame = noisy.until(lambda f: f.kind in (http2.PING, http2.GOAWAY))[-1]
            if frame.kind == http2.GOAWAY:
                goaways.append(frame.goaway())
                break
        self.assertTrue(goaways, "all pings were answered")
        _, code, debug = goaways[-1]
        self.assertEqual(code, http2.ENHANCE_YOUR_CALM)
        self.assertEqual(debug, b"too_many_pings")
        self.expect_ok(self.append(quiet, 3))

    def test_a_drain_says_goaway_and_calls_in_flight_end_with_a_status(self):
        connection = self.connect()
        self.expect_ok(self.append(connection, 1))
        connection.call(SUBSCRIBE, 3, b"")
        # The event, then caught up: the subscription is live.
        events = []
        while len(events) < 2:
            frame = connection.until(lambda f: f.stream == 3 and f.kind == http2.DATA)[-1]
            events.append(frame)
        self.server.process.send_signal(signal.SIGTERM)
        frames = connection.rest()
        goaways = [frame.goaway() for frame in frames if frame.kind == http2.GOAWAY]
        self.assertTrue(goaways, frames)
        self.assertEqual({code for _, code, _ in goaways}, {http2.NO_ERROR})
        last, _, _ = goaways[-1]
        self.assertGreaterEqual(last, 3, "the call was taken, so it may be answered")
        ends = [frame for frame in frames if frame.stream == 3 and frame.ends_stream]
        self.assertEqual(len(ends), 1, frames)
        self.assertEqual(ends[0].kind, http2.HEADERS, "trailers, not a reset")
        self.assertIn(b"grpc-status", ends[0].body)
        self.assertEqual(self.server.process.wait(60), 0)

    def test_a_client_that_leaves_in_the_middle_of_a_message_disturbs_nobody(self):
        other = self.connect()
        for size in (0, 3, 5, 9):
            leaving = self.connect()
            leaving.send(http2.HEADERS, http2.request_headers(APPEND), http2.END_HEADERS, 1)
            leaving.send(http2.DATA, http2.message(APPEND_ONE)[:size], 0, 1)
            leaving.close()
        self.expect_ok(self.append(other, 1))
        events = self.server.json("stream", "info", "order-7")["events"]
        self.assertEqual(events, 1)

    def test_what_is_no_http2_is_closed_and_disturbs_nobody(self):
        other = self.connect()
        wrong = self.connect()
        wrong.send(99, b"x" * 20_000, 255, 0)  # larger than any frame may be
        wrong.rest()
        self.expect_ok(self.append(other, 1))


if __name__ == "__main__":
    unittest.main()
