# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Where a session's writes have come to."""

from __future__ import annotations


class Seen:
    """The newest token that a session was given; its reads wait for it."""

    def __init__(self) -> None:
        self.position = ""
        self._number = 0

    def note(self, position: str, number: int | None = None) -> None:
        """Without a number the newest answer counts: a session is used by one caller at a time."""
        if not position or (number is not None and number < self._number):
            return
        self.position = position
        if number is not None:
            self._number = number
