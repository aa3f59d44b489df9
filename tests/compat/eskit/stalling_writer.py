# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Writers that somebody stops: threads of one process, half of them through eskit's gRPC, half over
HTTP with each request in two halves.

    stalling_writer.py GRPC-ADDRESS HTTP-PORT PROCESS THREADS APPENDS

Says a line when half of a request was sent (`half`) and when an append was answered (`done`), so
that whoever stops the process knows where it stands. Ends with 1 when an append was refused.
"""

import json
import random
import socket
import sys
import threading
import uuid

import grpc
from eskit_client import EventStore

PRINTING = threading.Lock()


def say(word):
    with PRINTING:
        print(word, flush=True)


def write_as_eskit(address, appends):
    store = EventStore(address)
    entity = str(uuid.uuid4())
    for version in range(1, appends + 1):
        is_again = False
        while True:
            try:
                # No deadline: while the process stands still its clock goes on.
                store.append(entity, str(version), "Live.Made", timeout=None)
                break
            except grpc.RpcError as error:
                if is_again and error.code() == grpc.StatusCode.ALREADY_EXISTS:
                    break  # it was stored before the connection was given up
                # A server gives up the connection of a client that stands still for long.
                if error.code() != grpc.StatusCode.UNAVAILABLE:
                    raise
                is_again = True
        say("done")
    store.close()


class Connection:
    """HTTP by hand, so that a request can stop in its middle."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.answers = self.socket.makefile("rb")

    def close(self):
        self.answers.close()
        self.socket.close()

    def append(self, request, middle):
        """The answer's status line; OSError when the connection is gone."""
        self.socket.sendall(request[:middle])
        say("half")
        self.socket.sendall(request[middle:])
        status = self.answers.readline()
        if not status:
            raise OSError("the connection was closed")
        length = 0
        while line := self.answers.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        self.answers.read(length)
        return status


def write_in_halves(port, stream, appends, chance):
    connection = Connection(port)
    for number in range(appends):
        events = [{"type": "Live.Sent", "data": {"number": number, "filler": "x" * 500}}
                  for _ in range(1 + chance.randrange(3))]
        body = json.dumps({"events": events}).encode()
        # Who stands still for long loses the connection and sends the same again.
        request = (f"POST /v1/streams/{stream} HTTP/1.1\r\nHost: test\r\n"
                   f"Content-Type: application/json\r\nIdempotency-Key: {uuid.uuid4()}\r\n"
                   f"Content-Length: {len(body)}\r\n\r\n").encode() + body
        while True:
            try:
                status = connection.append(request, chance.randrange(1, len(request)))
                if b" 408 " not in status:
                    break
            except OSError:
                pass
            connection.close()
            connection = Connection(port)
        if status.split()[1] not in (b"200", b"201"):
            raise RuntimeError(repr(status))
        say("done")
    connection.close()


def main():
    address, port, process, threads, appends = sys.argv[1], *map(int, sys.argv[2:])
    failures = []

    def run(thread):
        try:
            if thread % 2 == 0:
                write_as_eskit(address, appends)
            else:
                write_in_halves(port, f"Live-{process}-{thread}", appends,
                                random.Random(process * 100 + thread))
        except Exception as failure:  # pylint: disable=broad-except
            failures.append(repr(failure))

    writers = [threading.Thread(target=run, args=(thread,)) for thread in range(threads)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    sys.exit("; ".join(failures) if failures else 0)


if __name__ == "__main__":
    main()
