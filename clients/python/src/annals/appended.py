# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The answer to an append."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from annals._time import from_ns
from annals.v1 import AppendResponse


@dataclass(slots=True)
class Appended:
    """Where the events are. They are durable, unless `is_durable` says otherwise."""

    first_position: int
    last_position: int
    position: str
    """Token of the last one: reads with it as `min_position` show what was written."""
    recorded_time_ns: int
    """Since 1970, UTC."""
    streams: Mapping[str, tuple[int, int]]
    """First and last revision, by stream."""
    is_replay: bool
    """They were stored before; this is the first answer again."""
    is_durable: bool
    """False only where the server runs in interval mode."""

    @property
    def recorded_time(self) -> datetime.datetime:
        return from_ns(self.recorded_time_ns)

    @property
    def revision(self) -> int:
        """Of the last event, where one stream was written to."""
        if len(self.streams) != 1:
            raise ValueError(f"{len(self.streams)} streams were written to: see `streams`")
        return next(iter(self.streams.values()))[1]


def decode_appended(answer: AppendResponse) -> Appended:
    return Appended(
        first_position=answer.first_position,
        last_position=answer.last_position,
        position=answer.position,
        recorded_time_ns=answer.recorded_time_ns,
        streams={
            each.stream: (each.first_revision, each.last_revision) for each in answer.streams
        },
        is_replay=answer.is_replay,
        is_durable=answer.is_durable,
    )
