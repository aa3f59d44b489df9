# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Conditions of an append, besides the expectation of its own stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annals._arguments import check_texts, made
from annals.expected import Expected, encode_expected
from annals.v1 import Check as CheckMessage
from annals.v1 import Query, QueryCheck, QueryItem, StreamCheck
from annals.v1 import Tracking as TrackingMessage


@dataclass(frozen=True)
class CheckStream:
    """A stream, also one that the append does not write to, must be as expected."""

    stream: str
    expected: Expected

    def encode(self) -> CheckMessage:
        return CheckMessage(
            stream=made(
                StreamCheck, stream=self.stream, expected=encode_expected(self.expected)
            )
        )


@dataclass(frozen=True)
class Item:
    """Met by an event of any of the types (none: every type) that has all of the tags."""

    types: Sequence[str] = ()
    tags: Sequence[str] = ()

    def __post_init__(self) -> None:
        """TypeError, ValueError: which of them cannot be; a str is no list of them."""
        check_texts("types", self.types)
        check_texts("tags", self.tags)


@dataclass(frozen=True)
class CheckQuery:
    """No event after `after` may meet any item (a dynamic consistency boundary)."""

    items: Sequence[Item]
    after: str = ""
    """A position token; empty: from the start."""

    def encode(self) -> CheckMessage:
        items = [QueryItem(types=item.types, tags=item.tags) for item in self.items]
        return CheckMessage(query=QueryCheck(query=Query(items=items), after=self.after))


Check = CheckStream | CheckQuery


@dataclass(frozen=True)
class Tracking:
    """Where a consumer of a source has come to; rises strictly for each (source, consumer, key).

    Kept together with the append's events, so that they are written once: the same position again
    is AlreadyTracked.
    """

    source: str
    consumer: str
    position: int
    key: str = ""

    def encode(self) -> TrackingMessage:
        return made(
            TrackingMessage,
            source=self.source,
            consumer=self.consumer,
            key=self.key,
            position=self.position,
        )
