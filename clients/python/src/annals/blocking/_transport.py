# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What waits, for threads. annals/aio/_transport.py is its twin; all else is one text."""

from __future__ import annotations

import queue
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

import grpc
from google.protobuf.message import Message

from annals._decoding import decode_failure
from annals._failure import AnnalsError
from annals._method import Method
from annals.errors import Cancelled
from annals.options import Metadata, Options

Q = TypeVar("Q", bound=Message)
R = TypeVar("R", bound=Message)
T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")

Handler = Callable[[T], None]
Work = Callable[[], T]
Function = Callable[[A], B]


class Signal:
    """Something that happens once and can be waited for."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    def is_set(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Whether it has happened, at the latest after so long."""
        return self._event.wait(seconds)


def on_signals(callback: Callable[[], None], *signals: signal.Signals) -> Callable[[], None]:
    """Calls back in a thread of its own, since the main thread may hold any lock; answers what
    takes it back. Of the main thread only."""

    def heard(number: int, frame: object) -> None:
        threading.Thread(target=callback, daemon=True).start()

    before = {each: signal.signal(each, heard) for each in signals}

    def take_back() -> None:
        for each, handler in before.items():
            signal.signal(each, handler)

    return take_back


def _failure(error: Any) -> AnnalsError:
    return decode_failure(error.code(), error.details() or "", error.trailing_metadata())


class _Outgoing:
    """The requests of a call that streams both ways: gRPC's own thread takes them."""

    _END = object()

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def put(self, message: object) -> None:
        self._queue.put(message)

    def end(self) -> None:
        self._queue.put(self._END)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._queue.get, self._END)


class Stream(Generic[Q, R]):
    """The messages of one call that streams; one reader at a time, cancel() from any thread."""

    def __init__(self, call: Any, outgoing: _Outgoing | None = None) -> None:
        self._call = call
        self._outgoing = outgoing
        self._is_cancelled = False

    def next(self) -> R | None:
        """None: it has ended, or was cancelled here. Raises AnnalsError."""
        try:
            return next(self._call)  # type: ignore[no-any-return]
        except StopIteration:
            return None
        except grpc.RpcError as error:
            self.end_writing()
            if self._is_cancelled:
                return None
            raise _failure(error) from None

    def write(self, message: Q) -> None:
        """Is sent soon; a call that is over says so to the reader."""
        if self._outgoing:
            self._outgoing.put(message)

    def end_writing(self) -> None:
        """What was written before is still sent; the server ends the call behind it."""
        if self._outgoing:
            self._outgoing.end()

    def cancel(self) -> None:
        self._is_cancelled = True
        self._call.cancel()
        self.end_writing()


class Transport:
    """A channel to one server. Of all threads."""

    def __init__(self, target: str, options: Options) -> None:
        self.target = target
        self.options = options
        credentials = options.channel_credentials()
        arguments = options.channel_arguments()
        self._channel = (
            grpc.secure_channel(target, credentials, options=arguments)
            if credentials
            else grpc.insecure_channel(target, options=arguments)
        )
        self._calls: dict[str, Any] = {}
        self._is_closed = False

    def call(
        self,
        method: Method[Q, R],
        request: Q,
        seconds: float,
        metadata: Metadata,
        *,
        waits: bool = False,
    ) -> R:
        """One try. `waits`: for a connection, where there is none. Raises AnnalsError."""
        self._check_open()
        unary = self._calls.get(method.path)
        if unary is None:
            unary = self._calls[method.path] = self._channel.unary_unary(
                method.path,
                request_serializer=method.request.SerializeToString,
                response_deserializer=method.response.FromString,
            )
        try:
            answer: R = unary(
                request, timeout=seconds, metadata=metadata, wait_for_ready=waits
            )
            return answer
        except grpc.RpcError as error:
            raise _failure(error) from None

    def stream(
        self,
        method: Method[Q, R],
        request: Q,
        seconds: float | None,
        metadata: Metadata,
        *,
        waits: bool = False,
    ) -> Stream[Q, R]:
        self._check_open()
        streaming = self._channel.unary_stream(
            method.path,
            request_serializer=method.request.SerializeToString,
            response_deserializer=method.response.FromString,
        )
        return Stream(streaming(request, timeout=seconds, metadata=metadata, wait_for_ready=waits))

    def duplex(
        self, method: Method[Q, R], metadata: Metadata, *, waits: bool = False
    ) -> Stream[Q, R]:
        self._check_open()
        streaming = self._channel.stream_stream(
            method.path,
            request_serializer=method.request.SerializeToString,
            response_deserializer=method.response.FromString,
        )
        outgoing = _Outgoing()
        return Stream(
            streaming(iter(outgoing), metadata=metadata, wait_for_ready=waits), outgoing
        )

    def close(self) -> None:
        self._is_closed = True
        self._channel.close()

    def _check_open(self) -> None:
        if self._is_closed:
            raise Cancelled("the client is closed")
