# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""How far a running consumer has come."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass

from annals._failure import AnnalsError

_WINDOW_SECONDS = 10.0


@dataclass(frozen=True)
class Progress:
    """A picture of a consumer at one moment."""

    consumer: str
    position: str
    """Token of what is saved; empty: nothing yet."""
    at: int
    """Its number in the log."""
    epoch: int
    handled: int
    """Events since this instance began."""
    events_per_second: float
    """Over the last ten seconds."""
    behind: int | None
    """Events of the log behind `at`, when it was saved; None: not known."""
    seconds_behind: float
    """Age of the event in hand, or of the one handled last while history is read.

    0: nothing waits.
    """
    is_live: bool
    """History was read to its end; what comes is new."""
    last_error: AnnalsError | None
    """Why it had to connect again the last time."""


class Rate:
    """Events a second over a short while."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque(maxlen=1000)

    def add(self, handled: int) -> None:
        now = time.monotonic()
        if self._samples and now - self._samples[-1][0] < _WINDOW_SECONDS / 1000:
            return
        self._samples.append((now, handled))

    def per_second(self, handled: int) -> float:
        now = time.monotonic()
        while self._samples and now - self._samples[0][0] > _WINDOW_SECONDS:
            self._samples.popleft()
        if not self._samples:
            return 0.0
        begin, before = self._samples[0]
        return (handled - before) / max(now - begin, 1e-3)
