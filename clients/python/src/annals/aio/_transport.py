# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What waits, for asyncio. annals/blocking/_transport.py is its twin; all else is one text."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import grpc
import grpc.aio
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

Handler = Callable[[T], Awaitable[None]]
Work = Callable[[], Awaitable[T]]
Function = Callable[[A], Awaitable[B]]


class Signal:
    """Something that happens once and can be waited for."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        self._event.set()

    def is_set(self) -> bool:
        return self._event.is_set()

    async def wait(self, seconds: float) -> bool:
        """Whether it has happened, at the latest after so long."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)
        return self._event.is_set()


def on_signals(callback: Callable[[], None], *signals: signal.Signals) -> Callable[[], None]:
    """Calls back in the loop's thread; answers what takes it back."""
    loop = asyncio.get_running_loop()
    for each in signals:
        loop.add_signal_handler(each, callback)

    def take_back() -> None:
        for each in signals:
            loop.remove_signal_handler(each)

    return take_back


def _failure(error: grpc.aio.AioRpcError) -> AnnalsError:
    return decode_failure(error.code(), error.details() or "", error.trailing_metadata())


class Stream(Generic[Q, R]):
    """The messages of one call that streams; one reader at a time."""

    def __init__(self, call: Any) -> None:
        self._call = call
        self._is_cancelled = False
        self._ending: asyncio.Future[None] | None = None

    async def next(self) -> R | None:
        """None: it has ended, or was cancelled here. Raises AnnalsError."""
        try:
            message = await self._call.read()
        except grpc.aio.AioRpcError as error:
            if self._is_cancelled:
                return None
            raise _failure(error) from None
        except asyncio.CancelledError:
            if self._is_cancelled and not _is_task_cancelled():
                return None
            self._call.cancel()
            raise
        if message is grpc.aio.EOF:
            # a call that failed while nobody read says so only when it is asked
            if not self._is_cancelled:
                await self._raise_unless_ok()
            return None
        return message  # type: ignore[no-any-return]

    async def _raise_unless_ok(self) -> None:
        code = await self._call.code()
        if code is not grpc.StatusCode.OK:
            raise decode_failure(
                code, await self._call.details() or "", await self._call.trailing_metadata()
            )

    async def write(self, message: Q) -> None:
        """Raises AnnalsError when the call is over."""
        try:
            await self._call.write(message)
        except grpc.aio.AioRpcError as error:
            raise _failure(error) from None
        except asyncio.InvalidStateError:
            await self._raise_unless_ok()

    def end_writing(self) -> None:
        """What was written before is still sent; the server ends the call behind it."""
        self._ending = asyncio.ensure_future(self._end_writing())

    async def _end_writing(self) -> None:
        with contextlib.suppress(
            grpc.aio.AioRpcError, asyncio.InvalidStateError, asyncio.CancelledError
        ):
            await self._call.done_writing()

    def cancel(self) -> None:
        self._is_cancelled = True
        self._call.cancel()


def _is_task_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class Transport:
    """A channel to one server. Of one event loop."""

    def __init__(self, target: str, options: Options) -> None:
        self.target = target
        self.options = options
        credentials = options.channel_credentials()
        arguments = options.channel_arguments()
        self._channel = (
            grpc.aio.secure_channel(target, credentials, options=arguments)
            if credentials
            else grpc.aio.insecure_channel(target, options=arguments)
        )
        self._calls: dict[str, Any] = {}
        self._is_closed = False

    async def call(
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
            answer: R = await unary(
                request, timeout=seconds, metadata=metadata, wait_for_ready=waits
            )
            return answer
        except grpc.aio.AioRpcError as error:
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
        return Stream(streaming(metadata=metadata, wait_for_ready=waits))

    async def close(self) -> None:
        self._is_closed = True
        await self._channel.close()

    def _check_open(self) -> None:
        if self._is_closed:
            raise Cancelled("the client is closed")
