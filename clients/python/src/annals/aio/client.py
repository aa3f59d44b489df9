# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The client: what a program talks to annals by."""

from __future__ import annotations

import dataclasses
import datetime
import os
from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Any, TypeVar

from annals import _methods, telemetry, v1
from annals._arguments import (
    MISFITS,
    assign,
    check_address,
    check_time,
    check_tries,
    made,
)
from annals._seen import Seen
from annals._time import to_ns
from annals.aio._caller import TRIES_MAX, Caller
from annals.aio._transport import Transport, Work
from annals.aio.consumer import Consumer
from annals.aio.consumers import Consumers
from annals.aio.entities import Entities
from annals.aio.groups import Groups
from annals.aio.namespaces import Namespaces
from annals.aio.reading import read_events
from annals.aio.streams import Streams
from annals.aio.subscription import Subscription
from annals.appended import Appended, decode_appended
from annals.batch import Page
from annals.checks import Check, CheckStream, Tracking
from annals.decider import Decider, Decision
from annals.errors import AlreadyTracked, Conflict, StreamNotFound
from annals.event import Event, NewEvent
from annals.expected import Expected
from annals.filter import Filter
from annals.options import Options
from annals.removed import decode_removed

T = TypeVar("T")
S = TypeVar("S")
C = TypeVar("C")
E = TypeVar("E")



class Client:
    """A namespace of a server.

    All calls raise the errors of annals.errors; each has a deadline (Options.deadline_seconds, or
    `deadline_seconds`), until which it is sent again while the server is away. That doubles
    nothing: events and changes have ids.
    """

    def __init__(
        self, caller: Caller, namespace: str = "", *, seen: Seen | None = None, owns: bool = False
    ) -> None:
        """annals.connect() makes one."""
        self._caller = caller
        self._name = namespace
        self._seen = seen
        self._owns = owns

    # --- other views --------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """Of the namespace."""
        return self._name or "default"

    def namespace(self, name: str) -> Client:
        """The same connection, another namespace."""
        return Client(self._caller, name)

    def session(self) -> Client:
        """One user's view: its reads show what was written through it, wherever they are answered.

        Of one thread or task.
        """
        return Client(self._caller, self._name, seen=Seen())

    @property
    def position(self) -> str:
        """Of a session: the token of what was written last; give it to others as `min_position`."""
        return self._seen.position if self._seen else ""

    @property
    def namespaces(self) -> Namespaces:
        return Namespaces(self._caller)

    @property
    def streams(self) -> Streams:
        return Streams(self._caller, self._name)

    @property
    def groups(self) -> Groups:
        return Groups(self._caller, self._name)

    @property
    def consumers(self) -> Consumers:
        return Consumers(self._caller, self._name)

    def entities(self, type: str, kind: type[T]) -> Entities[T]:
        """The objects of an entity type, as `kind`: a dataclass, a pydantic model, or dict."""
        return Entities(self._caller, self._name, type, kind, self._seen)

    # --- appending ----------------------------------------------------------------------------

    async def append(
        self,
        stream: str,
        events: Sequence[NewEvent] | NewEvent,
        *,
        expected: Expected = "any",
        checks: Sequence[Check] = (),
        tracking: Tracking | None = None,
        idempotency_key: str = "",
        deadline_seconds: float | None = None,
    ) -> Appended:
        """Appends all events or none; answers once they are durable.

        Events that name a stream go there, the others to `stream`, which may be empty when all do.
        At most 16 MiB. With an idempotency key the events' ids are made from it by the server, so
        that a program that was restarted may append again. Conflict lists the checks that failed.
        """
        request = made(
            v1.AppendRequest,
            namespace=self._name,
            stream=stream,
            events=_encoded(events, with_id=not idempotency_key),
            idempotency_key=idempotency_key,
        )
        if expected != "any":
            request.checks.append(CheckStream(stream, expected).encode())
        request.checks.extend(check.encode() for check in checks)
        if tracking is not None:
            request.tracking.CopyFrom(tracking.encode())
        answer = await self._caller.call(_methods.APPEND, request, deadline_seconds)
        if self._seen is not None:
            self._seen.note(answer.position, answer.last_position)
        return decode_appended(answer)

    async def append_once(
        self, stream: str, events: Sequence[NewEvent] | NewEvent, tracking: Tracking
    ) -> Appended | None:
        """Appends what follows from an event, tracked by Event.tracking(), once.

        The same events again are a replay (Appended.is_replay). None: others were appended for that
        event, or it lies before one that was handled.
        """
        try:
            return await self.append(stream, events, tracking=tracking)
        except AlreadyTracked:
            return None

    async def retry_on_conflict(self, work: Work[T], *, tries_max: int = TRIES_MAX) -> T:
        """Does `work` (read, decide, append) again while its append meets a Conflict.

        With a pause before each further try, as Options.backoff has it.
        """
        check_tries(tries_max)
        tries = 1
        while True:
            try:
                return await work()
            except Conflict:
                if tries >= tries_max:
                    raise
                await self._caller.pause(tries)
                tries += 1

    # --- reading ------------------------------------------------------------------------------

    def read(
        self,
        stream: str = "",
        *,
        filter: Filter | None = None,
        backwards: bool = False,
        from_revision: int | None = None,
        after: str | None = None,
        from_position: int | None = None,
        from_time: datetime.datetime | None = None,
        limit: int = 0,
        min_position: str = "",
        max_wait_ms: int = 5000,
    ) -> AsyncIterator[Event]:
        """The events of a stream, or of everything by the filter, to the end or to `limit`.

        Goes on behind the last event after a cut. Errors come with the first event: StreamNotFound.
        """
        request = self._read_request(
            stream, filter, backwards, limit, min_position, max_wait_ms
        )
        _start(request, from_revision, after, from_position, from_time)
        return read_events(self._caller, request)

    async def read_page(
        self,
        stream: str = "",
        *,
        filter: Filter | None = None,
        backwards: bool = False,
        from_revision: int | None = None,
        after: str | None = None,
        from_position: int | None = None,
        from_time: datetime.datetime | None = None,
        limit: int = 100,
        min_position: str = "",
        max_wait_ms: int = 5000,
        deadline_seconds: float | None = None,
    ) -> Page:
        """One page, at most 4,096 events."""
        request = self._read_request(
            stream, filter, backwards, limit, min_position, max_wait_ms
        )
        _start(request, from_revision, after, from_position, from_time)
        answer = await self._caller.call(_methods.READ, request, deadline_seconds)
        return Page(
            events=[Event(each, self._name) for each in answer.events],
            position=answer.position,
            is_end=answer.is_end,
            next=answer.next,
            last_revision=answer.last_revision if answer.HasField("last_revision") else None,
            removed=decode_removed(answer.removed),
        )

    def subscribe(
        self,
        stream: str = "",
        *,
        filter: Filter | None = None,
        after: str | None = None,
        from_revision: int | None = None,
        from_position: int | None = None,
        from_time: datetime.datetime | None = None,
        from_end: bool = False,
        batch_events_max: int = 0,
    ) -> Subscription:
        """History from the start or a place, then live, until it is stopped.

        It connects when it is first read; from_end counts from then.
        """
        request = self._subscribe_request(stream, filter, batch_events_max)
        _start(request, from_revision, after, from_position, from_time)
        return Subscription(self._caller, request, from_end=from_end)

    def consumer(
        self,
        name: str,
        *,
        stream: str = "",
        filter: Filter | None = None,
        owner: str = "",
        from_end: bool = False,
        batch_events_max: int = 1000,
        save_seconds: float = 1.0,
    ) -> Consumer:
        """A named reader that goes on where it stopped; at first from the start, or the end.

        Its place is saved after each batch, and within one after `save_seconds`.
        """
        request = self._subscribe_request(stream, filter, batch_events_max)
        if from_end:
            request.from_end = True
        return Consumer(
            self._caller, name, request, owner=owner, save_seconds=save_seconds
        )

    async def info(self) -> v1.ServerInfo:
        """What the server is and how it is, and where this namespace's log ends."""
        return await self._caller.call(
            _methods.GET_INFO, v1.GetInfoRequest(namespace=self._name)
        )

    # --- deciding -----------------------------------------------------------------------------

    async def load(self, decider: Decider[S, C, E], stream: str) -> tuple[S, int | None]:
        """The folded state and the stream's last revision; None: it is not there.

        Events that retention or truncation hides are not folded.
        """
        state, revision = decider.initial, None
        try:
            async for event in self.read(stream):
                state = decider.evolve(state, decider.decode(event))
                revision = event.revision
            if revision is None:  # all of them are hidden: revisions go on behind them
                page = await self.read_page(stream, backwards=True, limit=1)
                if not page.events:
                    revision = page.last_revision
                else:  # somebody was first, between the two reads
                    return await self.load(decider, stream)
        except StreamNotFound:
            pass
        return state, revision

    async def decide(
        self,
        decider: Decider[S, C, E],
        stream: str,
        command: C,
        *,
        tries_max: int = TRIES_MAX,
        **fields: Any,
    ) -> Decision[S, E]:
        """Loads the stream, decides, appends; again on the newer state when somebody was first.

        `fields` are those of NewEvent: actor, correlation_id, tags. What `decide` raises is raised.
        """
        check_tries(tries_max)
        tries = 0
        while True:
            tries += 1
            state, revision = await self.load(decider, stream)
            events = list(decider.decide(command, state))
            if not events:
                return Decision(events, state, revision, None, tries)
            try:
                appended = await self.append(
                    stream,
                    [decider.encode(event, **fields) for event in events],
                    expected="no_stream" if revision is None else revision,
                )
            except Conflict:
                if tries >= tries_max:
                    raise
                await self._caller.pause(tries)
                continue
            return Decision(
                events, decider.fold(events, state), appended.revision, appended, tries
            )

    # --- ending -------------------------------------------------------------------------------

    async def close(self) -> None:
        """Closes the connection; views do nothing."""
        if self._owns:
            await self._caller.transport.close()

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def _read_request(
        self,
        stream: str,
        filter: Filter | None,
        backwards: bool,
        limit: int,
        min_position: str,
        max_wait_ms: int,
    ) -> v1.ReadRequest:
        return made(
            v1.ReadRequest,
            namespace=self._name,
            stream=stream,
            filter=filter.encode() if filter else None,
            direction=v1.DIRECTION_BACKWARDS if backwards else v1.DIRECTION_FORWARDS,
            limit=limit,
            min_position=min_position or self.position,
            max_wait_ms=max_wait_ms,
        )

    def _subscribe_request(
        self, stream: str, filter: Filter | None, batch_events_max: int
    ) -> v1.SubscribeRequest:
        return made(
            v1.SubscribeRequest,
            namespace=self._name,
            stream=stream,
            filter=filter.encode() if filter else None,
            batch_events_max=batch_events_max,
        )


def connect(
    target: str = "", options: Options | None = None, *, namespace: str = ""
) -> Client:
    """A client of the server at `host:port`. It connects with its first call.

    Without a target: that of the environment's ANNALS_SERVER, else 127.0.0.1:7400.
    TypeError, ValueError: it is no address, or its port is none.
    """
    name = "target" if target else "ANNALS_SERVER"
    target = target or os.environ.get("ANNALS_SERVER", "") or "127.0.0.1:7400"
    check_address(name, target)
    return Client(Caller(Transport(target, options or Options())), namespace, owns=True)


def _start(
    request: v1.ReadRequest | v1.SubscribeRequest,
    from_revision: int | None,
    after: str | None,
    from_position: int | None,
    from_time: datetime.datetime | None,
) -> None:
    given = [each for each in (from_revision, after, from_position, from_time) if each is not None]
    if len(given) > 1:
        raise ValueError(
            f"{len(given)} places to start from: give one of from_revision, after, "
            "from_position, from_time"
        )
    if from_revision is not None:
        assign(request, "from_revision", from_revision)
    if after:
        assign(request, "after", after)
    if from_position is not None:
        assign(request, "from_position", from_position)
    if from_time is not None:
        check_time("from_time", from_time)
        request.from_time_ns = to_ns(from_time)


def _encoded(
    events: Sequence[NewEvent] | NewEvent, *, with_id: bool
) -> Sequence[v1.NewEvent]:
    """TypeError, ValueError: which event, and what of it."""
    if isinstance(events, NewEvent):
        events = [events]
    elif isinstance(events, (str, bytes)):
        raise TypeError(f"events is {events!r}: give annals.NewEvent(type, data), or a list")
    found: list[v1.NewEvent] = []
    try:
        for event in _traced(events):
            found.append(event.encode(with_id=with_id))
    except MISFITS as problem:
        raise _refusal(events, len(found), problem) from problem
    return found


def _refusal(events: Any, at: int, problem: Exception) -> Exception:
    if not isinstance(events, Sequence):
        return TypeError(f"events is {events!r}: give annals.NewEvent(type, data), or a list")
    for index, event in enumerate(events):
        if not isinstance(event, NewEvent):
            return TypeError(
                f"events[{index}] is {event!r}: give annals.NewEvent(type, data)"
            )
    kind = TypeError if isinstance(problem, TypeError) else ValueError
    return kind(f"events[{at}].{problem}")


def _traced(events: Sequence[NewEvent]) -> Sequence[NewEvent]:
    """With the current trace context, where there is one."""
    context = telemetry.current()
    if not context.get("traceparent"):
        return events
    parent, state = context["traceparent"], context.get("tracestate", "")
    return [
        event
        if event.traceparent
        else dataclasses.replace(event, traceparent=parent, tracestate=state)
        for event in events
    ]
