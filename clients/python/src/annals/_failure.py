# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What every error of annals carries; the classes of each error are in annals.errors."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from annals.expected import Expected


class Retry(enum.Enum):
    """What a caller may do after an error."""

    NEVER = "never"
    """Change the request."""
    AS_IS = "as_is"
    """Send it again as it is."""
    LATER = "later"
    """Back off, then send it again."""
    REREAD = "reread"
    """Read the current state, decide again."""


@dataclass(frozen=True)
class FailedCheck:
    """A check of an append that failed, with the value it met."""

    check_index: int
    """Of the append's checks; its `expected` comes before them."""
    stream: str = ""
    """Of a stream check."""
    expected: Expected | None = None
    current_revision: int | None = None
    """None: the stream has no events."""
    is_deleted: bool = False
    matching_position: int | None = None
    """Of a query check: an event that meets the query."""


class AnnalsError(Exception):
    """A call that was not answered with success.

    The subclasses in annals.errors say what happened. `str()` says it for people: what, to which
    thing, with which values, and what to do next.
    """

    name: str = "internal"
    """The catalogue's name, the same through every door."""
    number: int = 0
    retry: Retry = Retry.NEVER
    """Of `unavailable` also NEVER: where what listens at the address speaks no gRPC."""
    help: str = ""

    def __init__(
        self,
        message: str,
        *,
        name: str | None = None,
        metadata: Mapping[str, str] | None = None,
        failed_checks: Sequence[FailedCheck] = (),
    ) -> None:
        super().__init__(message)
        if name is not None:
            self.name = name
        self.message = message
        self.metadata: Mapping[str, str] = dict(metadata or {})
        """Details by name: the field, its value, limits, positions."""
        self.failed_checks: Sequence[FailedCheck] = tuple(failed_checks)
        """Of a conflict: all checks that failed."""

    @property
    def is_transient(self) -> bool:
        """The server is away, starting, stopping or full: the same call may succeed soon."""
        return self.name in _TRANSIENT and self.retry is not Retry.NEVER


_TRANSIENT = frozenset({"unavailable", "shutting_down", "overloaded", "outcome_unknown"})
