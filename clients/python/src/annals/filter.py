# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Which events a read or a subscription gives."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from annals._arguments import check_text, check_texts, check_time
from annals._time import to_ns
from annals.v1 import Filter as FilterMessage


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Empty parts select everything; parts are met together. One stream is read with those that do
    not say which streams."""

    categories: Sequence[str] = ()
    types: Sequence[str] = ()
    stream_prefixes: Sequence[str] = ()
    tags: Sequence[str] = ()
    """All of them."""
    include_system: bool = False
    """Streams named `$…`, too."""
    stream_pattern: str = ""
    """A regular expression found in the stream's name, at most 1,024 bytes."""
    type_pattern: str = ""
    recorded_since: datetime.datetime | None = None
    """Recorded then or later."""
    recorded_until: datetime.datetime | None = None
    """Recorded before then."""

    def __post_init__(self) -> None:
        """TypeError, ValueError: which part cannot be; a str is no list of them."""
        for name in ("categories", "types", "stream_prefixes", "tags"):
            check_texts(name, getattr(self, name))
        for name in ("stream_pattern", "type_pattern"):
            check_text(name, getattr(self, name))
        for name in ("recorded_since", "recorded_until"):
            if getattr(self, name) is not None:
                check_time(name, getattr(self, name))

    def encode(self) -> FilterMessage:
        return FilterMessage(
            categories=self.categories,
            types=self.types,
            stream_prefixes=self.stream_prefixes,
            tags=self.tags,
            include_system=self.include_system,
            stream_pattern=self.stream_pattern,
            type_pattern=self.type_pattern,
            recorded_since_ns=_bound(self.recorded_since),
            recorded_until_ns=_bound(self.recorded_until),
        )


def _bound(time: datetime.datetime | None) -> int:
    """0 stands for none: nothing was recorded in the first nanosecond of 1970."""
    return 0 if time is None else to_ns(time) or 1
