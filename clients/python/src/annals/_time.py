# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Times on the wire are nanoseconds since 1970, UTC; Python's datetime has microseconds."""

from __future__ import annotations

import datetime

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_MICROSECOND = datetime.timedelta(microseconds=1)


def from_ns(nanoseconds: int) -> datetime.datetime:
    return _EPOCH + datetime.timedelta(microseconds=nanoseconds // 1000)


def to_ns(time: datetime.datetime) -> int:
    """A time without a zone is taken as the machine's own."""
    return (time.astimezone(datetime.timezone.utc) - _EPOCH) // _MICROSECOND * 1000
