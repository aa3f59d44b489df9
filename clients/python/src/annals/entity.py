# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Objects with history, as a client sees them."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from annals import v1, values
from annals._time import from_ns
from annals.errors import EntityUnreadable

T = TypeVar("T")

_KINDS: dict[int, Literal["created", "updated", "deleted"]] = {
    1: "created",
    2: "updated",
    3: "deleted",
}


@dataclass(frozen=True)
class Entity(Generic[T]):
    """An object as it is, or was."""

    id: str
    value: T
    revision: int
    is_deleted: bool
    created: datetime.datetime
    changed: datetime.datetime
    changed_by: str
    hash: str
    """SHA-256 of its canonical JSON (RFC 8785), in hex."""
    position: str
    """Token up to which the answer speaks."""


@dataclass(frozen=True)
class Written:
    """The answer to a change."""

    id: str
    revision: int
    time: datetime.datetime
    position: str
    is_replay: bool
    is_unchanged: bool
    """It was so already: no event was written."""
    is_created: bool
    """There was none, or a deleted one, before."""
    is_durable: bool


@dataclass(frozen=True)
class Change:
    """One entry of an object's history."""

    kind: Literal["created", "updated", "deleted"]
    revision: int
    time: datetime.datetime
    actor: str
    patch: Any
    """Of a creation the whole document, else a merge patch (a dict) or a JSON patch (a list)."""
    undoes_to_revision: int | None
    event_id: str
    problem: str = ""
    """Why the event says no change, as its data is none; the patch is None then."""


@dataclass(frozen=True)
class Difference(Generic[T]):
    """What lies between an object at two of its revisions."""

    before: Entity[T]
    after: Entity[T]
    patch: Any
    """That makes the later of the earlier one: a merge patch (a dict) or a JSON patch (a list)."""


@dataclass(frozen=True)
class UnreadableEntity:
    """An object that a list came by and could not read."""

    id: str
    revision: int
    problem: str
    """What `get` says."""


@dataclass(frozen=True)
class EntityPage(Generic[T]):
    """One page of a list of objects, by id."""

    entities: Sequence[Entity[T]]
    next: str
    """Give it as `after`; empty at the end."""
    position: str
    unreadable: Sequence[UnreadableEntity] = ()
    """Of the same stretch of ids; they count in the limit."""


class EntityMisfit(EntityUnreadable, ValueError):
    """A stored document is not of the type that it was asked for as.

    The message names the entity type, the id and the field; `metadata` has `type` and `id`. Read it
    as dict, and patch or replace what differs.
    """

    help = "Read the entity as dict, then patch or replace what differs from the type."


def _value(message: v1.Entity, kind: type[T], type: str) -> T:
    try:
        return values.from_json(message.document or "{}", kind)
    except (TypeError, ValueError) as problem:
        raise EntityMisfit(
            f"{type} {message.id!r} at revision {message.revision} is not of its type: {problem}",
            metadata={"type": type, "id": message.id},
        ) from problem


def decode_entity(message: v1.Entity, kind: type[T], type: str) -> Entity[T]:
    return Entity(
        id=message.id,
        value=_value(message, kind, type),
        revision=message.revision,
        is_deleted=message.is_deleted,
        created=from_ns(message.created.time_ns),
        changed=from_ns(message.changed.time_ns),
        changed_by=message.changed.actor,
        hash=message.hash,
        position=message.position,
    )


def decode_written(message: v1.WrittenEntity) -> Written:
    return Written(
        id=message.id,
        revision=message.revision,
        time=from_ns(message.time_ns),
        position=message.position,
        is_replay=message.is_replay,
        is_unchanged=message.is_unchanged,
        is_created=message.is_created,
        is_durable=message.is_durable,
    )


def _decode_patch(message: v1.EntityPatch) -> Any:
    patch = message.WhichOneof("patch")
    return json.loads(getattr(message, patch)) if patch else None


def decode_difference(
    message: v1.EntityDifference, kind: type[T], type: str
) -> Difference[T]:
    return Difference(
        before=decode_entity(message.before, kind, type),
        after=decode_entity(message.after, kind, type),
        patch=_decode_patch(message.patch),
    )


def decode_change(message: v1.EntityChange) -> Change:
    return Change(
        kind=_KINDS[message.kind],
        revision=message.revision,
        time=from_ns(message.stamp.time_ns),
        actor=message.stamp.actor,
        patch=_decode_patch(message.patch),
        undoes_to_revision=(
            message.undoes_to_revision if message.HasField("undoes_to_revision") else None
        ),
        event_id=message.event_id,
        problem=message.problem,
    )


def decode_unreadable(message: v1.UnreadableEntity) -> UnreadableEntity:
    return UnreadableEntity(message.id, message.revision, message.problem)
