# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The client's end of the server's websocket: JSON messages there and back."""

import base64
import json
import os
import socket
import struct

_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10


class WebSocket:
    """OSError when there is no server, or it ends the connection."""

    def __init__(self, port, path="/v1/ws", timeout=60):
        self._connection = socket.create_connection(("127.0.0.1", port), timeout)
        key = base64.b64encode(os.urandom(16)).decode()
        self._connection.sendall(
            (f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
             f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
             "Sec-WebSocket-Protocol: annals.v1\r\n\r\n").encode())  # fmt: skip
        self._stream = self._connection.makefile("rb")
        status = self._stream.readline()
        while self._stream.readline().strip():
            pass
        if b" 101 " not in status:
            self.close()
            raise OSError("not now")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._stream.close()
        self._connection.close()

    def say(self, message):
        self._send(_TEXT, json.dumps(message).encode())

    def hear(self):
        """The next message."""
        while True:
            head = self._read(2)
            size = head[1] & 127
            if size == 126:
                size = struct.unpack(">H", self._read(2))[0]
            elif size == 127:
                size = struct.unpack(">Q", self._read(8))[0]
            payload = self._read(size)
            opcode = head[0] & 15
            if opcode == _TEXT:
                return json.loads(payload)
            if opcode == _PING:
                self._send(_PONG, payload)
            if opcode == _CLOSE:
                raise OSError("the server closed")

    def _read(self, size):
        read = self._stream.read(size)
        if len(read) < size:
            raise OSError("the connection ended")
        return read

    def _send(self, opcode, payload):
        mask = os.urandom(4)
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else bytes([0xFE]) + struct.pack(">H", size)
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        self._connection.sendall(bytes([0x80 | opcode]) + length + mask + masked)
