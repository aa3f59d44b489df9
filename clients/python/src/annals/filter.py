# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Which events a read or a subscription gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annals.v1 import Filter as FilterMessage


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Empty parts select everything; parts are met together."""

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

    def encode(self) -> FilterMessage:
        return FilterMessage(
            categories=self.categories,
            types=self.types,
            stream_prefixes=self.stream_prefixes,
            tags=self.tags,
            include_system=self.include_system,
            stream_pattern=self.stream_pattern,
            type_pattern=self.type_pattern,
        )
