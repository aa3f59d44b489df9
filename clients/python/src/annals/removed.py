# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What a reader is told of removed events."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from annals import _time
from annals.v1 import RemovedEvents


@dataclass(frozen=True)
class Removed:
    """Events of what was asked for that are gone: their space was freed.

    No event between these positions was given. Reads and subscriptions of a stream also count what
    its metadata hide, whether its space was freed yet or not; the positions are bounds then.
    """

    first_position: int
    """Inclusive, as the last one; the lower one in reads backwards, too."""
    last_position: int
    events: int
    """How many of what was asked for."""
    first_revision: int | None
    """Of a stream's read."""
    last_revision: int | None
    time: datetime.datetime | None
    """Of the newest removal that is known of."""
    is_uncertain: bool
    """Nobody knows whether events removed here were asked for: their tags are forgotten.

    Only for filters with tags; `events` is 0 then.
    """


def decode_removed(messages: Iterable[RemovedEvents]) -> list[Removed]:
    return [
        Removed(
            first_position=each.first_position,
            last_position=each.last_position,
            events=each.events,
            first_revision=each.first_revision if each.HasField("first_revision") else None,
            last_revision=each.last_revision if each.HasField("last_revision") else None,
            time=_time.from_ns(each.removed_time_ns) if each.removed_time_ns else None,
            is_uncertain=each.is_uncertain,
        )
        for each in messages
    ]
