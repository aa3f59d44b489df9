# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Events: as they are proposed, and as they are stored."""

from __future__ import annotations

import builtins
import dataclasses
import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from annals import values
from annals._arguments import MISFITS, check_text, check_texts, check_time
from annals._time import from_ns, to_ns
from annals.checks import Tracking
from annals.ids import new_id
from annals.v1 import NewEvent as NewEventMessage
from annals.v1 import RecordedEvent

T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class NewEvent:
    """An event to append.

    Its id is made here, so that the same object sent twice is stored once. Events that say the same
    are equal, whatever their ids.
    """

    type: str = field(kw_only=False)
    """What happened, for example `OrderPlaced`. 1 to 1,024 bytes."""
    data: object = field(default=None, kw_only=False)
    """A dataclass, a pydantic model, or anything that JSON has; or bytes, which go as they are."""
    stream: str = ""
    """Empty: the append's stream."""
    tags: Sequence[str] = ()
    """Indexed labels, each `key:value`; at most 64."""
    metadata: bytes | object = b""
    """As data; at most 1 MiB."""
    content_type: str = ""
    """Empty: application/json, and for bytes application/octet-stream."""
    actor: str = ""
    correlation_id: str = ""
    causation_id: str = ""
    valid_time: datetime.datetime | None = None
    """When it happened, where that is not when it is stored."""
    id: uuid.UUID = field(default_factory=new_id, compare=False)
    traceparent: str = field(default="", compare=False)
    tracestate: str = field(default="", compare=False)

    def caused_by(self, cause: Event) -> NewEvent:
        """The same event, as what follows from another: its causation, and its correlation."""
        return dataclasses.replace(
            self,
            correlation_id=cause.correlation_id or str(cause.id),
            causation_id=str(cause.id),
        )

    def encode(self, *, with_id: bool = True) -> NewEventMessage:
        """TypeError, ValueError: which field cannot be, or has no form in JSON."""
        try:
            return self._encode(with_id)
        except MISFITS:
            self._check()
            raise

    def _encode(self, with_id: bool) -> NewEventMessage:
        is_raw = isinstance(self.data, (bytes, bytearray, memoryview))
        message = NewEventMessage(type=self.type, stream=self.stream, data=values.encode(self.data))
        if with_id:
            message.id = self.id.bytes
        if is_raw or self.content_type:
            message.content_type = self.content_type or "application/octet-stream"
        if self.tags:
            if isinstance(self.tags, str):  # its characters would be tags
                check_texts("tags", self.tags)
            message.tags.extend(self.tags)
        if self.metadata != b"":
            message.metadata = values.encode(self.metadata)
        for name in _TEXTS:
            text = getattr(self, name)
            if text:
                setattr(message, name, text)
        if self.valid_time is not None:
            message.valid_time_ns = to_ns(self.valid_time)
            offset = self.valid_time.utcoffset()
            if offset is not None:
                message.valid_time_offset_minutes = int(offset.total_seconds() // 60)
        return message

    def _check(self) -> None:
        """Of an event that could not be encoded: names the field."""
        for name in ("type", "stream", "content_type", *_TEXTS):
            check_text(name, getattr(self, name))
        check_texts("tags", self.tags)
        for name in ("data", "metadata"):
            _check_document(name, getattr(self, name))
        if not isinstance(self.id, uuid.UUID):
            raise TypeError(f"id is {self.id!r}: give a uuid.UUID")
        if self.valid_time is not None:
            check_time("valid_time", self.valid_time)


def _check_document(name: str, value: object) -> None:
    try:
        values.encode(value)
    except UnicodeEncodeError as problem:
        character = problem.object[problem.start]
        raise ValueError(
            f"{name}: a text in it has {character!r}, which has no form in UTF-8; leave it out"
        ) from None
    except ValueError as problem:
        raise ValueError(
            f"{name}: {problem}; give a finite number, or None where there is none"
        ) from None
    except TypeError as problem:
        raise TypeError(f"{name}: {problem}") from None


_TEXTS = ("actor", "correlation_id", "causation_id", "traceparent", "tracestate")


class Event:
    """A stored event. Never changes. Fields are read from the message when they are asked for."""

    __slots__ = ("message", "namespace")

    def __init__(self, message: RecordedEvent, namespace: str = "") -> None:
        self.message = message
        """As it is on the wire, with nanoseconds and dialect fields."""
        self.namespace = namespace

    @property
    def stream(self) -> str:
        return self.message.stream

    @property
    def category(self) -> str:
        """The part of the stream's name before the first `-`."""
        return self.message.stream.partition("-")[0]

    @property
    def id(self) -> uuid.UUID:
        return uuid.UUID(bytes=self.message.id)

    @property
    def type(self) -> str:
        return self.message.type

    @property
    def position(self) -> int:
        """Its number in the whole log of the namespace, from 1, without gaps."""
        return self.message.position

    @property
    def revision(self) -> int:
        """Its number in its stream, from 0, without gaps."""
        return self.message.revision

    @property
    def recorded_time(self) -> datetime.datetime:
        return from_ns(self.message.recorded_time_ns)

    @property
    def valid_time(self) -> datetime.datetime | None:
        """When it happened as its source says, with the source's offset from UTC."""
        if not self.message.HasField("valid_time_ns"):
            return None
        offset = datetime.timedelta(minutes=self.message.valid_time_offset_minutes)
        return from_ns(self.message.valid_time_ns).astimezone(datetime.timezone(offset))

    @property
    def data(self) -> bytes:
        """As it was written; json() and into() read it."""
        return self.message.data

    @property
    def metadata(self) -> bytes:
        return self.message.metadata

    @property
    def content_type(self) -> str:
        return self.message.content_type or values.JSON

    @property
    def tags(self) -> Sequence[str]:
        return list(self.message.tags)

    @property
    def actor(self) -> str:
        return self.message.actor

    @property
    def correlation_id(self) -> str:
        return self.message.correlation_id

    @property
    def causation_id(self) -> str:
        return self.message.causation_id

    @property
    def traceparent(self) -> str:
        """The W3C trace context of the writer."""
        return self.message.traceparent

    @property
    def tracestate(self) -> str:
        return self.message.tracestate

    def json(self) -> Any:
        """The data as dicts, lists and so on. ValueError where it is not JSON."""
        return values.from_json(self.message.data, object)

    def into(self, kind: builtins.type[T]) -> T:
        """The data as a dataclass or a pydantic model. ValueError names the place that differs."""
        return values.from_json(self.message.data, kind)

    def tracking(self, consumer: str, *, key: str = "") -> Tracking:
        """Give it to the append of what follows from this event: it is then stored once.

        Of events with one key each later one must be tracked after the earlier ones.
        """
        return Tracking(
            source=self.namespace or "default", consumer=consumer, key=key, position=self.position
        )

    def __repr__(self) -> str:
        return f"Event({self.type!r}, {self.stream}@{self.revision}, position={self.position})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Event) and self.message == other.message

    def __hash__(self) -> int:
        return hash((self.message.position, self.message.id))
