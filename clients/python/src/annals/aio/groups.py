# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Consumer groups: members that share a subscription."""

from __future__ import annotations

import os
import signal
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from types import TracebackType
from typing import Any

from annals import _methods, v1, values
from annals._arguments import MILLISECONDS_MAX, check_positions, check_whole, made
from annals._failure import AnnalsError
from annals._tracking import tracking_key
from annals.aio._caller import Caller
from annals.aio._transport import Signal, Stream, on_signals
from annals.checks import Tracking
from annals.errors import InvalidArgument, MemberGone
from annals.event import Event
from annals.filter import Filter

REFUSED_MAX = 1000


class Delivery:
    """An event that was given to this member, to be settled within the group's deadline."""

    __slots__ = ("event", "attempt", "token", "membership", "group", "_settings")

    def __init__(
        self,
        event: Event,
        attempt: int,
        token: int,
        membership: int,
        group: str,
        settings: v1.GroupSettings,
    ) -> None:
        self.event = event
        self.attempt = attempt
        """1: the first time since the server runs the group."""
        self.token = token
        self.membership = membership
        self.group = group
        self._settings = settings

    def tracking(self) -> Tracking:
        """Give it to the append of what follows from the event: it is then stored once.

        By what the group is keyed by (stream, tag, correlation), because members finish out of
        order; by the event where the group keeps no order or is keyed by a field.
        """
        return self.event.tracking(self.group, key=tracking_key(self._settings, self.event))

    def __repr__(self) -> str:
        return f"Delivery({self.event!r}, attempt={self.attempt})"


class Member:
    """A member of a group: iterate deliveries, settle each.

    A membership that broke (a cut, a restart, a reset of the group) is begun anew after a pause:
    what was not settled is delivered again, here or elsewhere. Settlements of an earlier membership
    change nothing; they and those that the server refused are in `refused`.

    One reader at a time; settling and stop() may be done by anybody.
    """

    def __init__(
        self, caller: Caller, namespace: str, group: str, member: str, in_flight_max: int
    ) -> None:
        self._caller = caller
        self._join = made(
            v1.JoinGroup,
            namespace=namespace,
            group=group,
            member=member,
            in_flight_max=in_flight_max,
        )
        self._stream: Stream[v1.GroupMemberMessage, v1.GroupWork] | None = None
        self._membership = 0
        self._settings = v1.GroupSettings()
        self._unanswered = 0
        self._ready: deque[Delivery] = deque()
        self._stopped = Signal()
        self._tries = 0
        self._is_reading = False
        self._take_back: Callable[[], None] | None = None
        self.last_error: AnnalsError | None = None
        self.refused: deque[v1.RefusedSettlement] = deque(maxlen=REFUSED_MAX)
        """The newest settlements that came too late, with the reason."""

    async def next(self) -> Delivery | None:
        """Waits for the next one; None once it was stopped."""
        while not self._stopped.is_set():
            if self._ready:
                return self._ready.popleft()
            try:
                stream = self._stream or await self._open()
                work = await self._read(stream)
            except AnnalsError as error:
                if not error.is_transient and not isinstance(error, MemberGone):
                    self._stopped.set()
                    raise
                self.last_error = error
                await self._pause()
                continue
            if work is not None:
                self._take(work)
            elif not self._stopped.is_set():
                await self._pause()
        await self._drain()
        return None

    async def ack(self, delivery: Delivery) -> None:
        """It went well."""
        await self._settle(delivery, v1.SettleDeliveries(acks=[delivery.token]))

    async def retry(
        self, delivery: Delivery, reason: str = "", *, after_ms: int | None = None
    ) -> None:
        """Again, after the group's pause or the given one."""
        if after_ms is not None:
            check_whole("after_ms", after_ms, 0, MILLISECONDS_MAX)
        settlement = v1.Settlement(
            delivery=delivery.token, what=v1.SETTLING_RETRY, reason=reason, delay_ms=after_ms
        )
        await self._settle(delivery, v1.SettleDeliveries(others=[settlement]))

    async def park(self, delivery: Delivery, reason: str) -> None:
        """Set aside, with all later events of its key, until somebody looks at it."""
        await self._other(delivery, v1.SETTLING_PARK, reason)

    async def skip(self, delivery: Delivery) -> None:
        """It is over, though it was not handled."""
        await self._other(delivery, v1.SETTLING_SKIP)

    async def extend(self, delivery: Delivery) -> None:
        """Its deadline begins anew."""
        await self._other(delivery, v1.SETTLING_EXTEND)

    async def stop(self) -> None:
        """Leaves: settlements on their way are waited for, what was not settled goes to others."""
        self._leave()
        if not self._is_reading:  # else next() does it
            await self._drain()

    def stop_on_signals(self, *signals: signal.Signals) -> None:
        """Leaves when the process is told to: SIGTERM and SIGINT where none is given."""
        self._take_back = on_signals(self._leave, *(signals or (signal.SIGTERM, signal.SIGINT)))

    def _leave(self) -> None:
        """next() does the rest, in whatever it is."""
        self._stopped.set()
        if self._stream is not None:
            self._stream.end_writing()

    def __aiter__(self) -> Member:
        return self

    async def __anext__(self) -> Delivery:
        delivery = await self.next()
        if delivery is None:
            raise StopAsyncIteration
        return delivery

    async def __aenter__(self) -> Member:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def _read(
        self, stream: Stream[v1.GroupMemberMessage, v1.GroupWork]
    ) -> v1.GroupWork | None:
        self._is_reading = True
        try:
            work = await stream.next()
            if work is not None and work.HasField("joined"):
                # asked behind the joining: other settings that matter to deliveries end the call
                request = v1.GetGroupRequest(
                    namespace=self._join.namespace, group=self._join.group
                )
                self._settings = (
                    await self._caller.call(_methods.GROUP_GET, request)
                ).settings
            return work
        finally:
            self._is_reading = False

    async def _drain(self) -> None:
        """Reads the answers to what was settled; the server ends the call behind them."""
        if self._take_back is not None:
            self._take_back()
            self._take_back = None
        stream, self._stream = self._stream, None
        if stream is None:
            return
        try:
            while self._unanswered > 0:
                work = await stream.next()
                if work is None:
                    break
                self._note_settled(work)
        except AnnalsError as error:
            self.last_error = error
        finally:
            stream.cancel()

    async def _open(self) -> Stream[v1.GroupMemberMessage, v1.GroupWork]:
        self._membership += 1
        self._unanswered = 0
        stream = self._caller.duplex(_methods.GROUP_JOIN, is_again=self._tries > 0)
        self._stream = stream
        await stream.write(v1.GroupMemberMessage(join=self._join))
        return stream

    async def _pause(self) -> None:
        if self._stream is not None:
            self._stream.cancel()
            self._stream = None
        self._ready.clear()
        self._tries += 1
        await self._stopped.wait(self._caller.options.backoff.pause(self._tries))

    def _take(self, work: v1.GroupWork) -> None:
        self._tries = 0
        self._note_settled(work)
        for message, token, attempt in zip(work.events, work.deliveries, work.attempts):
            event = Event(message, self._join.namespace)
            self._ready.append(
                Delivery(
                    event, attempt, token, self._membership, self._join.group, self._settings
                )
            )

    def _note_settled(self, work: v1.GroupWork) -> None:
        if work.HasField("settled"):
            self._unanswered -= 1
            self.refused.extend(work.settled.refused)

    async def _other(
        self, delivery: Delivery, what: v1.Settling, reason: str = ""
    ) -> None:
        settlement = v1.Settlement(delivery=delivery.token, what=what, reason=reason)
        await self._settle(delivery, v1.SettleDeliveries(others=[settlement]))

    async def _settle(self, delivery: Delivery, message: v1.SettleDeliveries) -> None:
        stream = self._stream
        if stream is None or delivery.membership != self._membership:
            self._refuse(delivery, "the membership that it was given in is over")
            return
        self._unanswered += 1
        try:
            await stream.write(v1.GroupMemberMessage(settle=message))
        except AnnalsError as error:  # next() hears of it, too, and joins again
            self._refuse(delivery, error.message)

    def _refuse(self, delivery: Delivery, message: str) -> None:
        self.refused.append(
            v1.RefusedSettlement(delivery=delivery.token, code="delivery_over", message=message)
        )


class Groups:
    """The groups of a namespace: made, looked at, controlled, joined."""

    def __init__(self, caller: Caller, namespace: str) -> None:
        self._caller = caller
        self._namespace = namespace

    def join(self, group: str, *, member: str = "", in_flight_max: int = 0) -> Member:
        """A member, which joins when it is iterated; `in_flight_max` 0: what the group allows."""
        name = member or f"{socket.gethostname()}:{os.getpid()}"
        return Member(self._caller, self._namespace, group, name, in_flight_max)

    async def create(
        self,
        group: str,
        *,
        filter: Filter | None = None,
        reason: str = "",
        actor: str = "",
        **settings: Any,
    ) -> v1.GroupStatus:
        """`settings` as in GroupSettings. GroupExists: it is there with others."""
        request = made(
            v1.CreateGroupRequest,
            namespace=self._namespace,
            group=group,
            settings=_settings(filter, settings),
            reason=reason,
            actor=actor,
        )
        return await self._caller.call(_methods.GROUP_CREATE, request)

    async def update(
        self,
        group: str,
        *,
        filter: Filter | None = None,
        reason: str = "",
        actor: str = "",
        **settings: Any,
    ) -> v1.GroupStatus:
        """Replaces all settings."""
        request = made(
            v1.UpdateGroupRequest,
            namespace=self._namespace,
            group=group,
            settings=_settings(filter, settings),
            reason=reason,
            actor=actor,
        )
        return await self._caller.call(_methods.GROUP_UPDATE, request)

    async def get(self, group: str) -> v1.GroupStatus:
        """How it is: checkpoint, lag, members, what it waits for."""
        request = v1.GetGroupRequest(namespace=self._namespace, group=group)
        return await self._caller.call(_methods.GROUP_GET, request)

    async def list(self, prefix: str = "") -> AsyncIterator[v1.GroupStatus]:
        """By name, in byte order, all pages."""
        after = ""
        while True:
            page = await self._caller.call(
                _methods.GROUP_LIST,
                v1.ListGroupsRequest(namespace=self._namespace, prefix=prefix, after=after),
            )
            for group in page.groups:
                yield group
            after = page.next
            if not after:
                return

    async def pause(self, group: str, *, reason: str = "", actor: str = "") -> v1.GroupStatus:
        return await self._control(group, v1.GROUP_COMMAND_PAUSE, reason, actor)

    async def resume(self, group: str, *, reason: str = "", actor: str = "") -> v1.GroupStatus:
        return await self._control(group, v1.GROUP_COMMAND_RESUME, reason, actor)

    async def reset(self, group: str, reason: str, *, actor: str = "") -> v1.GroupStatus:
        """Back to where its settings begin; what is parked is forgotten."""
        return await self._control(group, v1.GROUP_COMMAND_RESET, reason, actor)

    async def rewind(
        self, group: str, reason: str, *, from_position: int, actor: str = ""
    ) -> v1.GroupStatus:
        """To another place, inclusive; what is parked stays parked."""
        check_whole("from_position", from_position, 0, 2**64 - 1)
        return await self._control(
            group, v1.GROUP_COMMAND_REWIND, reason, actor, from_position=from_position
        )

    async def delete(self, group: str, reason: str, *, actor: str = "") -> v1.GroupStatus:
        """Answers what was."""
        return await self._control(group, v1.GROUP_COMMAND_DELETE, reason, actor)

    async def parked(self, group: str) -> AsyncIterator[v1.ParkedEvent]:
        """By position, all pages."""
        after = 0
        while True:
            page = await self._caller.call(
                _methods.GROUP_LIST_PARKED,
                v1.ListParkedRequest(namespace=self._namespace, group=group, after=after),
            )
            for parked in page.parked:
                yield parked
                after = parked.position
            if not page.has_more:
                return

    async def retry_parked(
        self,
        group: str,
        positions: Sequence[int] = (),
        *,
        all: bool = False,
        actor: str = "",
    ) -> int:
        """Gives them out again, or all; answers how many keys go on.

        InvalidArgument: neither was said, or both, and nothing was changed.
        """
        action = v1.PARKED_ACTION_RETRY
        return await self._change_parked(group, action, positions, all, "", actor)

    async def skip_parked(
        self,
        group: str,
        reason: str,
        positions: Sequence[int] = (),
        *,
        all: bool = False,
        actor: str = "",
    ) -> int:
        """Leaves them out, or all, and goes on behind them. InvalidArgument as retry_parked()."""
        action = v1.PARKED_ACTION_SKIP
        return await self._change_parked(group, action, positions, all, reason, actor)

    async def purge_parked(
        self,
        group: str,
        reason: str,
        positions: Sequence[int] = (),
        *,
        all: bool = False,
        actor: str = "",
    ) -> int:
        """Leaves them out, or all, and what waits behind. InvalidArgument as retry_parked()."""
        action = v1.PARKED_ACTION_PURGE
        return await self._change_parked(group, action, positions, all, reason, actor)

    async def edit_parked(
        self, group: str, position: int, data: object, reason: str, *, actor: str = ""
    ) -> None:
        """Other data for a parked event, for when it is given out again; the log keeps the first.

        `data` as in NewEvent.
        """
        request = made(
            v1.EditParkedRequest,
            namespace=self._namespace,
            group=group,
            position=position,
            data=values.encode(data),
            reason=reason,
            actor=actor,
        )
        await self._caller.call(_methods.GROUP_EDIT_PARKED, request)

    async def _change_parked(
        self,
        group: str,
        action: v1.ParkedAction,
        positions: Sequence[int],
        all: bool,
        reason: str,
        actor: str,
    ) -> int:
        check_positions("positions", positions)
        # never all for an empty list: it is what a search that found nothing gives
        if all == bool(positions):
            raise InvalidArgument(
                "positions and all are given: name positions of parked events, or all=True"
                if all
                else "no position is named, so nothing was changed: name those of parked events, "
                "or say all=True",
                metadata={"field": "positions"},
            )
        request = v1.ChangeParkedRequest(
            namespace=self._namespace,
            group=group,
            action=action,
            positions=positions,
            all=all,
            reason=reason,
            actor=actor,
        )
        return (await self._caller.call(_methods.GROUP_CHANGE_PARKED, request)).changed

    async def _control(
        self, group: str, command: v1.GroupCommand, reason: str, actor: str, **to: Any
    ) -> v1.GroupStatus:
        request = v1.ControlGroupRequest(
            namespace=self._namespace,
            group=group,
            command=command,
            reason=reason,
            actor=actor,
            **to,
        )
        return await self._caller.call(_methods.GROUP_CONTROL, request, is_repeatable=False)


def _settings(filter: Filter | None, settings: dict[str, Any]) -> v1.GroupSettings:
    message = made(v1.GroupSettings, **settings)
    if filter is not None:
        message.filter.CopyFrom(filter.encode())
    return message
