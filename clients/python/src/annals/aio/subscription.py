# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Subscriptions: history, then live, over cuts and restarts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from types import TracebackType

from annals import _methods
from annals._failure import AnnalsError
from annals.aio._caller import Caller
from annals.aio._transport import Signal, Stream
from annals.batch import Batch, Mark
from annals.event import Event
from annals.removed import decode_removed
from annals.v1 import GetInfoRequest, SubscribeRequest, SubscribeResponse


class Subscription:
    """Events from a place on, without an end.

    Iterating gives events; batches() gives them as they come, with the position to go on from. A
    connection that breaks is made again after a pause, behind the last batch that was received:
    nothing is lost, nothing comes twice. What no repetition mends is raised (AnnalsError).

    One reader at a time; stop() may be called by anybody.
    """

    def __init__(
        self, caller: Caller, request: SubscribeRequest, *, from_end: bool = False
    ) -> None:
        self._caller = caller
        self._request = request
        self._needs_end = from_end
        self._stream: Stream[SubscribeRequest, SubscribeResponse] | None = None
        self._stopped = Signal()
        self._tries = 0
        self._pending: Sequence[Event] = ()
        self._at = 0
        self.position = ""
        """Token behind the last batch that was given out; empty: none yet."""
        self.is_live = False
        self.last_error: AnnalsError | None = None
        """Why it had to connect again the last time."""
        self.reconnects = 0

    async def next_batch(self) -> Batch | None:
        """Waits for the next one; None once it was stopped."""
        while not self._stopped.is_set():
            try:
                stream = self._stream or await self._open()
                message = await stream.next()
            except AnnalsError as error:
                if not error.is_transient:
                    self.stop()
                    raise
                self.last_error = error
                await self._pause()
                continue
            if message is None:
                if not self._stopped.is_set():
                    await self._pause()
                continue
            self._tries = 0
            return self._take(message)
        return None

    async def batches(self) -> AsyncIterator[Batch]:
        """Until it is stopped. Some batches have no events, only a mark."""
        while True:
            batch = await self.next_batch()
            if batch is None:
                return
            yield batch

    def stop(self) -> None:
        """Ends the iteration, also one that waits."""
        self._stopped.set()
        stream = self._stream
        if stream is not None:
            stream.cancel()

    def __aiter__(self) -> Subscription:
        return self

    async def __anext__(self) -> Event:
        while self._at == len(self._pending):
            batch = await self.next_batch()
            if batch is None:
                raise StopAsyncIteration
            self._pending, self._at = batch.events, 0
        event = self._pending[self._at]
        self._at += 1
        return event

    async def __aenter__(self) -> Subscription:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    async def _open(self) -> Stream[SubscribeRequest, SubscribeResponse]:
        if self._needs_end:
            # as a place, so that a cut before the first event leaves no gap
            info = await self._caller.call(
                _methods.GET_INFO, GetInfoRequest(namespace=self._request.namespace)
            )
            self._request.after = info.position
            self._needs_end = False
        if self.position:
            self._request.after = self.position
        self._stream = self._caller.stream(
            _methods.SUBSCRIBE, self._request, is_again=self._tries > 0
        )
        if self._stopped.is_set():
            self._stream.cancel()
        return self._stream

    async def _pause(self) -> None:
        self._stream = None
        self._tries += 1
        self.reconnects += 1
        await self._stopped.wait(self._caller.options.backoff.pause(self._tries))

    def _take(self, message: SubscribeResponse) -> Batch:
        namespace = self._request.namespace
        if message.position:
            self.position = message.position
        mark = Mark(message.mark)
        if mark is Mark.CAUGHT_UP:
            self.is_live = True
        elif mark is Mark.FELL_BEHIND:
            self.is_live = False
        events = [Event(each, namespace) for each in message.events]
        return Batch(events, self.position, mark, decode_removed(message.removed))
