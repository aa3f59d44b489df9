# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What one message of a read or a subscription brings."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from annals.event import Event
from annals.removed import Removed


class Mark(enum.Enum):
    """What a subscription says besides events."""

    NONE = 0
    CAUGHT_UP = 1
    """History ends here, what follows is live."""
    FELL_BEHIND = 2
    """The reader was live and is reading history again, because it was slow."""
    CHECKPOINT = 3
    """Nothing matched for a while; the position moved on."""


@dataclass(frozen=True)
class Batch:
    """Events in their order, perhaps none; going on after `position` gives what follows them."""

    events: Sequence[Event]
    position: str
    mark: Mark = Mark.NONE
    removed: Sequence[Removed] = ()
    """What was passed over since the batch before, up to `position`, before the last event."""

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def __len__(self) -> int:
        return len(self.events)


@dataclass(frozen=True)
class Page:
    """One page of a read."""

    events: Sequence[Event]
    position: str
    """The page speaks up to here: what it does not show did not exist at this position."""
    is_end: bool
    next: str
    """Go on with `after=`; empty at the end of a stream."""
    last_revision: int | None
    """Of the stream that was read."""
    removed: Sequence[Removed] = ()
    """What the page passed over, in the order of the read: it lies between the events.

    Pages that follow each other tell of each event once.
    """

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def __len__(self) -> int:
        return len(self.events)
