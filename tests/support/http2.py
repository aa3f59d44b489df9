# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""An HTTP/2 connection frame by frame, for tests of what gRPC libraries hide."""

import dataclasses
import socket
import struct

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
ACK = END_STREAM = 1
END_HEADERS = 4
NO_ERROR, ENHANCE_YOUR_CALM = 0, 11
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


@dataclasses.dataclass
class Frame:
    kind: int
    flags: int
    stream: int
    body: bytes

    @property
    def ends_stream(self):
        return self.kind in (DATA, HEADERS) and self.flags & END_STREAM != 0

    def goaway(self):
        """(last stream, error code, debug text)"""
        last, code = struct.unpack(">II", self.body[:8])
        return last & 0x7FFFFFFF, code, self.body[8:]


def _text(value):
    return bytes([len(value)]) + value.encode()


def request_headers(path, authority="localhost"):
    """A header block without compression: indices of the static table and literals."""
    return (b"\x83\x86" + b"\x04" + _text(path) + b"\x01" + _text(authority)
            + b"\x0f\x10" + _text("application/grpc") + b"\x00" + _text("te") + _text("trailers"))


def message(body=b""):
    """A gRPC message, not compressed."""
    return b"\x00" + struct.pack(">I", len(body)) + body


class Connection:
    """Answers settings and pings of the server by itself; everything else is for the test."""

    def __init__(self, host, port, timeout=30):
        self._socket = socket.create_connection((host, port), timeout)
        self._socket.sendall(PREFACE)
        self._buffer = b""
        self.send(SETTINGS)

    def send(self, kind, body=b"", flags=0, stream=0):
        head = struct.pack(">I", len(body))[1:] + struct.pack(">BBI", kind, flags, stream)
        self._socket.sendall(head + body)

    def call(self, path, stream, request):
        """Sends a whole unary request."""
        self.send(HEADERS, request_headers(path), END_HEADERS, stream)
        self.send(DATA, message(request), END_STREAM, stream)

    def _take(self, size):
        while len(self._buffer) < size:
            more = self._socket.recv(65536)
            if not more:
                return None
            self._buffer += more
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def next(self):
        """The next frame, None at the end of the connection."""
        try:
            head = self._take(9)
            if head is None:
                return None
            body = self._take(int.from_bytes(head[:3], "big"))
        except ConnectionResetError:
            return None
        kind, flags, stream = struct.unpack(">BBI", head[3:])
        frame = Frame(kind, flags, stream & 0x7FFFFFFF, body)
        if kind == SETTINGS and not flags & ACK:
            self._acknowledge(SETTINGS)
        if kind == PING and not flags & ACK:
            self._acknowledge(PING, body)
        return frame

    def _acknowledge(self, kind, body=b""):
        try:
            self.send(kind, body, ACK)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the server has closed: what it said before that is still read

    def until(self, is_wanted):
        """Reads on to a wanted frame; all that was read, that one last. Fails at the end."""
        frames = []
        while True:
            frame = self.next()
            if frame is None:
                raise AssertionError(f"the connection ended; frames before: {frames}")
            frames.append(frame)
            if is_wanted(frame):
                return frames

    def rest(self):
        """All frames until the server closes the connection."""
        frames = []
        while (frame := self.next()) is not None:
            frames.append(frame)
        return frames

    def close(self):
        self._socket.close()
