# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What a scenario keeps running beside its steps."""

from __future__ import annotations

from annals import AnnalsError, NewEvent
from annals_scenarios.aio.tasks import Changes, Task

WAIT_SECONDS = 60


class Died(Exception):
    """A consumer ends as if its process were killed."""


class Background:
    """Something that runs until it ends, fails or is stopped."""

    def __init__(self):
        self.changes = Changes()
        self.error = None
        self.is_over = False
        self._task = None

    def start(self):
        self._task = Task(self._run_to_the_end)
        return self

    async def _run_to_the_end(self):
        try:
            await self.work()
        except (AnnalsError, Died) as error:
            self.error = error
        finally:
            self.is_over = True
            await self.changes.notify()

    async def until(self, predicate):
        """Waits for it, or for the end; raises the error that ended it."""
        await self.changes.wait_for(lambda: predicate() or self.is_over, WAIT_SECONDS)
        if not predicate():
            raise self.error or AssertionError("it ended too early")

    async def ended(self):
        """Waits for the end; raises the typed error that ended it."""
        await self._task.wait(WAIT_SECONDS)
        if isinstance(self.error, AnnalsError):
            raise self.error


class Writer(Background):
    """Appends one numbered event after the other."""

    def __init__(self, client, stream, count, deadline_seconds):
        super().__init__()
        self._client = client
        self._stream = stream
        self._count = count
        self._deadline_seconds = deadline_seconds
        self.appended = 0

    async def work(self):
        for number in range(self._count):
            await self._client.append(
                self._stream,
                NewEvent("Numbered", {"number": number}),
                expected=number - 1 if number else "no_stream",
                deadline_seconds=self._deadline_seconds,
            )
            self.appended += 1
            await self.changes.notify()


class Subscriber(Background):
    """Keeps all that a subscription gives."""

    def __init__(self, subscription):
        super().__init__()
        self._subscription = subscription
        self.events = []
        self.taken = 0

    @property
    def is_live(self):
        return self._subscription.is_live

    async def work(self):
        async for batch in self._subscription.batches():
            self.events.extend(batch.events)
            await self.changes.notify()

    async def take(self, count):
        await self.until(lambda: len(self.events) >= self.taken + count)
        found = self.events[self.taken : self.taken + count]
        self.taken += count
        return found

    async def stop(self):
        self._subscription.stop()
        await self.ended()


class Handler(Background):
    """Runs a consumer and takes down what it handles."""

    def __init__(self, client, consumer, dies_at, copies_to):
        super().__init__()
        self._client = client
        self._consumer = consumer
        self._dies_at = dies_at
        self._copies_to = copies_to
        self.events = []
        self.seen = 0

    @property
    def is_live(self):
        return self._consumer.progress().is_live

    @property
    def progress(self):
        return self._consumer.progress()

    async def work(self):
        await self._consumer.run(self._handle)

    async def _handle(self, event):
        if self._copies_to:
            await self._client.append_once(
                self._copies_to,
                NewEvent(event.type, event.json()),
                event.tracking(self._consumer.name),
            )
        self.events.append(event)
        await self.changes.notify()
        if len(self.events) == self._dies_at:
            raise Died

    async def stop(self):
        self._consumer.stop()
        await self.ended()


class Worker(Background):
    """Keeps the deliveries of a group's member."""

    def __init__(self, member):
        super().__init__()
        self.member = member
        self.deliveries = []
        self.taken = 0

    async def work(self):
        async for delivery in self.member:
            self.deliveries.append(delivery)
            await self.changes.notify()

    async def take(self, count):
        await self.until(lambda: len(self.deliveries) >= self.taken + count)
        found = self.deliveries[self.taken : self.taken + count]
        self.taken += count
        return found

    def of(self, position):
        """The newest delivery of the event there."""
        return [each for each in self.deliveries if each.event.position == position][-1]

    async def stop(self):
        await self.member.stop()
        await self.ended()
