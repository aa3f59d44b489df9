# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Consumers: named readers whose place the server keeps."""

from __future__ import annotations

import datetime
import os
import signal
import socket
import time
from collections.abc import Callable, Sequence

from annals import _methods, telemetry
from annals._arguments import check_callable, check_number, check_text
from annals._failure import AnnalsError
from annals.aio._caller import Caller
from annals.aio._transport import Function, Handler, Signal, Work, on_signals
from annals.aio.subscription import Subscription
from annals.batch import Batch, Mark
from annals.event import Event
from annals.filter import Filter
from annals.progress import Progress, Rate
from annals.v1 import (
    ClaimConsumerRequest,
    ConsumerProgress,
    ReadRequest,
    SaveProgressRequest,
    SubscribeRequest,
)


class Consumer:
    """Handles events from the place where it, or an instance before it, stopped.

    Its place is saved after each batch that was handled, and within a batch that takes long: after
    a crash, what was handled and not saved comes again. Appends with the event's tracking() then
    change nothing, so that what they write is written once.

    Starting claims the consumer: an instance that runs elsewhere ends with ConsumerFenced at its
    next save. Cuts and restarts of the server are waited out. One run at a time; stop() and
    progress() may be called by anybody.
    """

    def __init__(
        self,
        caller: Caller,
        name: str,
        request: SubscribeRequest,
        *,
        owner: str = "",
        save_seconds: float = 1.0,
    ) -> None:
        """Client.consumer() makes one."""
        check_text("name", name)
        check_text("owner", owner)
        check_number("save_seconds", save_seconds)
        self.name = name
        self.owner = owner or f"{socket.gethostname()}:{os.getpid()}"
        self._caller = caller
        self._request = request
        self._stopped = Signal()
        self._subscription: Subscription | None = None
        self._saved = ConsumerProgress()
        self._save_seconds = save_seconds
        self._saved_at = 0.0
        self._handled = 0
        self._last_ns = 0  # of the event in hand, else of the one handled last
        self._is_handling = False
        self._rate = Rate()
        self._take_back: Callable[[], None] | None = None

    async def run(self, handle: Handler[Event]) -> Progress:
        """Handles event after event until stop(); answers how far it came.

        stop() lets the event that is being handled end, and saves it. An error of `handle` ends the
        run and is raised; what was handled since the last save comes again.
        """
        check_callable("handle", handle)
        is_traced = telemetry.is_recording()

        async def handle_batch(batch: Batch) -> int:
            done = 0
            for event in batch.events:
                if self._stopped.is_set():
                    break
                self._last_ns = event.message.recorded_time_ns
                if is_traced:
                    with telemetry.handling(event, self.name):
                        await handle(event)
                else:
                    await handle(event)
                done += 1
                self._handled += 1
                if time.monotonic() > self._saved_at + self._save_seconds:
                    if done < len(batch.events):
                        await self._save_behind(event)
            return done

        return await self._run(handle_batch)

    async def run_batches(self, handle: Handler[Sequence[Event]]) -> Progress:
        """As run(), batch after batch: a list of at least one event. stop() lets a batch end."""
        check_callable("handle", handle)

        async def handle_batch(batch: Batch) -> int:
            if batch.events:
                await handle(batch.events)
                self._handled += len(batch.events)
            return len(batch.events)

        return await self._run(handle_batch)

    def stop(self) -> None:
        """Ends the run after what is being handled."""
        self._stopped.set()
        if self._subscription is not None:
            self._subscription.stop()

    def stop_on_signals(self, *signals: signal.Signals) -> None:
        """Stops when the process is told to: SIGTERM and SIGINT where none is given."""
        self._take_back = on_signals(self.stop, *(signals or (signal.SIGTERM, signal.SIGINT)))

    def progress(self) -> Progress:
        """How far it is. Asks nobody."""
        subscription = self._subscription
        behind = self._saved.behind if self._saved.HasField("behind") else None
        seconds = 0.0
        is_live = subscription is not None and subscription.is_live
        if self._last_ns and (self._is_handling or (behind != 0 and not is_live)):
            now = datetime.datetime.now(datetime.timezone.utc).timestamp()
            seconds = max(now - self._last_ns / 1e9, 0.0)
        return Progress(
            consumer=self.name,
            position=self._saved.position,
            at=self._saved.at,
            epoch=self._saved.epoch,
            handled=self._handled,
            events_per_second=self._rate.per_second(self._handled),
            behind=behind,
            seconds_behind=seconds,
            is_live=is_live,
            last_error=subscription.last_error if subscription else None,
        )

    async def _run(self, handle_batch: Function[Batch, int]) -> Progress:
        subscription = await self._start()
        try:
            while True:
                batch = await subscription.next_batch()
                if batch is None:
                    break
                if batch.events:
                    self._last_ns = batch.events[0].message.recorded_time_ns
                    self._is_handling = True
                done = await handle_batch(batch)
                self._rate.add(self._handled)
                if batch.events and done:
                    self._last_ns = batch.events[done - 1].message.recorded_time_ns
                self._is_handling = done < len(batch.events)
                if done < len(batch.events):
                    if done:
                        await self._save_behind(batch.events[done - 1])
                    break
                if batch.events or batch.mark is Mark.CHECKPOINT:
                    await self._save(batch.position)
        finally:
            subscription.stop()
            if self._take_back is not None:
                self._take_back()
                self._take_back = None
        return self.progress()

    async def _start(self) -> Subscription:
        self._saved = await self._persist(
            lambda: self._caller.call(
                _methods.CONSUMER_CLAIM,
                ClaimConsumerRequest(
                    namespace=self._request.namespace, consumer=self.name, owner=self.owner
                ),
            )
        )
        self._saved_at = time.monotonic()
        if self._saved.position:
            self._request.after = self._saved.position
        self._subscription = Subscription(
            self._caller, self._request, from_end=self._request.from_end
        )
        if self._stopped.is_set():
            self._subscription.stop()
        return self._subscription

    async def _save(self, position: str) -> None:
        if position == self._saved.position:
            return
        self._saved_at = time.monotonic()
        request = SaveProgressRequest(
            namespace=self._request.namespace,
            consumer=self.name,
            position=position,
            epoch=self._saved.epoch,
        )
        self._saved = await self._persist(
            lambda: self._caller.call(_methods.CONSUMER_SAVE, request)
        )

    async def _persist(self, call: Work[ConsumerProgress]) -> ConsumerProgress:
        """Goes on while the server is away; once stopped, for one deadline."""
        while True:
            is_last = self._stopped.is_set()
            try:
                return await call()
            except AnnalsError as error:
                if is_last or not error.is_transient:
                    raise
                if self._subscription is not None:
                    self._subscription.last_error = error

    async def _save_behind(self, event: Event) -> None:
        """A batch has one token, for its end: the one of an event within it is read.

        Of an event that is gone by now there is none. What was handled comes again then; the token
        of the next one that is there would pass over what was not handled.
        """
        page = await self._caller.call(
            _methods.READ,
            ReadRequest(
                namespace=self._request.namespace,
                filter=Filter(include_system=True).encode(),
                from_position=event.position,
                limit=1,
            ),
        )
        self._saved_at = time.monotonic()
        if page.events and page.events[0].position == event.position:
            await self._save(page.next)
