# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Reads over many pages, which go on after a cut."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from annals import _methods
from annals._failure import AnnalsError
from annals.aio._caller import Caller
from annals.aio._transport import Signal
from annals.event import Event
from annals.v1 import DIRECTION_BACKWARDS, GetInfoRequest, ReadRequest


async def read_events(caller: Caller, request: ReadRequest) -> AsyncIterator[Event]:
    """Each event once, in order. The deadline is that of each time without an event."""
    namespace = request.namespace
    limit = request.limit
    never = Signal()
    tries = 0
    given_up = time.monotonic() + caller.options.deadline_seconds
    while True:
        stream = caller.stream(_methods.SCAN, request)
        try:
            while True:
                page = await stream.next()
                if page is None:
                    return
                for message in page.events:
                    yield Event(message, namespace)
                if page.events:
                    tries = 0
                    given_up = time.monotonic() + caller.options.deadline_seconds
                    if not _go_on(request, page.events[-1].position, page.events[-1].revision):
                        return
                    if limit:
                        request.limit -= len(page.events)
                        if request.limit == 0:
                            return
        except AnnalsError as error:
            tries += 1
            pause = caller.options.backoff.pause(tries)
            if not error.is_transient or time.monotonic() + pause >= given_up:
                raise
        finally:
            stream.cancel()
        await never.wait(pause)
        # a stream has no deadline: a call that has one asks whether the server is there again
        await caller.call(_methods.GET_INFO, GetInfoRequest(namespace=namespace))


def _go_on(request: ReadRequest, position: int, revision: int) -> bool:
    """Makes the request go on behind an event; false: nothing can lie there."""
    number = revision if request.stream else position
    if request.direction == DIRECTION_BACKWARDS:
        if number == 0:
            return False
        number -= 1
    else:
        number += 1
    if request.stream:
        request.from_revision = number
    else:
        request.from_position = number
    return True
