# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Calls with a deadline, sent again while the server is away."""

from __future__ import annotations

import time
from typing import TypeVar

from google.protobuf.message import Message

from annals import telemetry
from annals._arguments import check_seconds
from annals._failure import AnnalsError
from annals._method import Method
from annals.aio._transport import Signal, Stream, Transport
from annals.errors import DeadlineExceeded
from annals.options import Metadata, Options

Q = TypeVar("Q", bound=Message)
R = TypeVar("R", bound=Message)


TRIES_MAX = 20
"""Of what begins again when somebody else was first."""


class Caller:
    """What a client and all that it hands out call by."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self._never = Signal()

    @property
    def options(self) -> Options:
        return self.transport.options

    def metadata(self) -> Metadata:
        return (*self.options.call_metadata(), *telemetry.current().items())

    async def call(
        self,
        method: Method[Q, R],
        request: Q,
        deadline_seconds: float | None = None,
        *,
        is_repeatable: bool = True,
    ) -> R:
        """Sends again what is repeatable, until the deadline. Raises AnnalsError: the last one."""
        if deadline_seconds is None:
            seconds = self.options.deadline_seconds
        else:
            check_seconds("deadline_seconds", deadline_seconds)
            seconds = deadline_seconds
        end = time.monotonic() + seconds
        tries = 0
        last: AnnalsError | None = None
        while True:
            left = max(end - time.monotonic(), 0.001)
            try:
                return await self.transport.call(
                    method, request, left, self.metadata(), waits=tries > 0
                )
            except AnnalsError as error:
                if isinstance(error, DeadlineExceeded) and last is not None:
                    raise last from None  # why there was no time left
                tries += 1
                pause = self.options.backoff.pause(tries)
                if (
                    not is_repeatable
                    or not error.is_transient
                    or time.monotonic() + pause >= end
                ):
                    raise
                last = error
            await self._never.wait(pause)

    async def pause(self, tries: int) -> None:
        """Before beginning again, after so many tries that failed."""
        await self._never.wait(self.options.backoff.pause(tries))

    def stream(
        self, method: Method[Q, R], request: Q, *, is_again: bool = False
    ) -> Stream[Q, R]:
        """`is_again`: waits for a connection, where the first try fails without one."""
        return self.transport.stream(method, request, None, self.metadata(), waits=is_again)

    def duplex(self, method: Method[Q, R], *, is_again: bool = False) -> Stream[Q, R]:
        return self.transport.duplex(method, self.metadata(), waits=is_again)
