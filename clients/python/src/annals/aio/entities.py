# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Objects with history: typed create, read, change and delete."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from annals import _methods, v1, values
from annals._arguments import check_texts, check_tries, made
from annals._seen import Seen
from annals.aio._caller import TRIES_MAX, Caller
from annals.aio._transport import Function
from annals.entity import (
    Change,
    Difference,
    Entity,
    EntityPage,
    UnreadableEntity,
    Written,
    decode_change,
    decode_difference,
    decode_entity,
    decode_unreadable,
    decode_written,
)
from annals.errors import Conflict, EntityUnreadable

T = TypeVar("T")


class Entities(Generic[T]):
    """The objects of one entity type, as dataclasses, pydantic models or dicts.

    What is written is held to the type before it is sent: TypeError for a value of another type,
    ValueError that names the field. EntityMisfit: a stored document is not of the type.
    A change that is sent again, because its answer was lost, is made once.
    """

    def __init__(
        self, caller: Caller, namespace: str, type: str, kind: type[T], seen: Seen | None
    ) -> None:
        self._caller = caller
        self._namespace = namespace
        self._type = type
        self._kind = kind
        self._seen = seen

    async def create(
        self,
        value: T,
        id: str = "",
        *,
        idempotency_key: str = "",
        actor: str = "",
        correlation_id: str = "",
        causation_id: str = "",
    ) -> Written:
        """Without an id the server gives one. EntityExists: there is a live one."""
        request = made(
            v1.CreateEntityRequest,
            namespace=self._namespace,
            type=self._type,
            id=id,
            document=self._document(value, id),
            write=_write(None, idempotency_key, actor, correlation_id, causation_id),
        )
        return self._written(await self._caller.call(_methods.ENTITY_CREATE, request))

    async def create_many(
        self, entities: Mapping[str, T], *, idempotency_key: str = "", actor: str = ""
    ) -> Sequence[Written]:
        """Values by id: all of them or none, 1 to 1,000."""
        request = made(
            v1.CreateEntitiesRequest,
            namespace=self._namespace,
            type=self._type,
            entities=[
                made(v1.NewEntity, id=id, document=self._document(value, id))
                for id, value in entities.items()
            ],
            write=_write(None, idempotency_key, actor),
        )
        answer = await self._caller.call(_methods.ENTITY_CREATE_MANY, request)
        return [self._written(each) for each in answer.entities]

    async def get(
        self,
        id: str,
        *,
        as_of_revision: int | None = None,
        with_deleted: bool = False,
        min_position: str = "",
        max_wait_ms: int = 5000,
    ) -> Entity[T]:
        """EntityNotFound, EntityDeleted. EntityMisfit: the document is not of this kind."""
        request = made(
            v1.GetEntityRequest,
            namespace=self._namespace,
            type=self._type,
            id=id,
            as_of_revision=as_of_revision,
            with_deleted=with_deleted,
            min_position=min_position or self._position(),
            max_wait_ms=max_wait_ms,
        )
        return decode_entity(
            await self._caller.call(_methods.ENTITY_GET, request), self._kind, self._type
        )

    async def replace(
        self,
        id: str,
        value: T,
        *,
        expected_revision: int | None = None,
        may_create: bool = False,
        idempotency_key: str = "",
        actor: str = "",
    ) -> Written:
        """The whole object. Conflict: it is not at the expected revision."""
        request = made(
            v1.ReplaceEntityRequest,
            namespace=self._namespace,
            type=self._type,
            id=id,
            document=self._document(value, id),
            write=_write(expected_revision, idempotency_key, actor),
            may_create=may_create,
        )
        return self._written(await self._caller.call(_methods.ENTITY_REPLACE, request))

    async def patch(
        self,
        id: str,
        patch: Mapping[str, Any] | Sequence[Any],
        *,
        expected_revision: int | None = None,
        idempotency_key: str = "",
        actor: str = "",
    ) -> Written:
        """A dict is a merge patch (RFC 7396; None removes a member), a list a JSON patch (6902).

        Members that the type names are held to it, those of a JSON patch at the document's top.
        """
        request = made(
            v1.PatchEntityRequest,
            namespace=self._namespace,
            type=self._type,
            id=id,
            write=_write(expected_revision, idempotency_key, actor),
        )
        text = self._patch(id, patch)
        if isinstance(patch, Mapping):
            request.merge_patch = text
        else:
            request.json_patch = text
        return self._written(await self._caller.call(_methods.ENTITY_PATCH, request))

    async def update(
        self, id: str, change: Function[T, T | None], *, tries_max: int = TRIES_MAX, actor: str = ""
    ) -> Written:
        """Reads the object, lets `change` alter it or answer another, writes the difference.

        Again when somebody else was first. What the object's type does not know of the document
        stays as it is.
        """
        check_tries(tries_max)
        tries = 0
        while True:
            tries += 1
            entity = await self.get(id)
            before = values.to_plain(entity.value)
            changed = await change(entity.value)
            after = values.to_plain(entity.value if changed is None else changed)
            try:
                return await self.patch(
                    id,
                    values.merge_patch(before, after),
                    expected_revision=entity.revision,
                    actor=actor,
                )
            except Conflict:
                if tries >= tries_max:
                    raise
                await self._caller.pause(tries)

    async def delete(
        self,
        id: str,
        *,
        expected_revision: int | None = None,
        idempotency_key: str = "",
        actor: str = "",
    ) -> Written:
        """Its history stays."""
        request = made(
            v1.DeleteEntityRequest,
            namespace=self._namespace,
            type=self._type,
            id=id,
            write=_write(expected_revision, idempotency_key, actor),
        )
        return self._written(await self._caller.call(_methods.ENTITY_DELETE, request))

    async def undo(
        self,
        id: str,
        to_revision: int,
        *,
        expected_revision: int | None = None,
        idempotency_key: str = "",
        actor: str = "",
    ) -> Written:
        """Makes it as it was at a revision."""
        request = made(
            v1.UndoEntityRequest,
            namespace=self._namespace,
            type=self._type,
            id=id,
            to_revision=to_revision,
            write=_write(expected_revision, idempotency_key, actor),
        )
        return self._written(await self._caller.call(_methods.ENTITY_UNDO, request))

    async def history(self, id: str, *, from_revision: int = 0) -> AsyncIterator[Change]:
        """Every change, oldest first, all pages."""
        next_revision = from_revision
        while True:
            page = await self._caller.call(
                _methods.ENTITY_GET_HISTORY,
                made(
                    v1.GetEntityHistoryRequest,
                    namespace=self._namespace,
                    type=self._type,
                    id=id,
                    from_revision=next_revision,
                ),
            )
            for change in page.changes:
                yield decode_change(change)
            if not page.HasField("next_revision"):
                return
            next_revision = page.next_revision

    async def diff(self, id: str, before: int, after: int) -> Difference[T]:
        """What lies between two revisions."""
        request = made(
            v1.DiffEntityRequest,
            namespace=self._namespace,
            type=self._type,
            id=id,
            before_revision=before,
            after_revision=after,
        )
        answer = await self._caller.call(_methods.ENTITY_DIFF, request)
        return decode_difference(answer, self._kind, self._type)

    async def page(
        self,
        *,
        where: Sequence[str] = (),
        after: str = "",
        limit: int = 0,
        with_deleted: bool = False,
    ) -> EntityPage[T]:
        """By id. `where`: `price>=10`, `name=pen`, `/a/b<2`, `note?`; all must be met."""
        answer = await self._caller.call(
            _methods.ENTITY_LIST, self._list(where, after, limit, with_deleted)
        )
        found = [decode_entity(each, self._kind, self._type) for each in answer.entities]
        unreadable = [decode_unreadable(each) for each in answer.unreadable]
        return EntityPage(found, answer.next, answer.position, unreadable)

    async def list(
        self,
        *,
        where: Sequence[str] = (),
        with_deleted: bool = False,
        on_unreadable: Callable[[UnreadableEntity], object] | None = None,
    ) -> AsyncIterator[Entity[T]]:
        """By id, all pages.

        EntityUnreadable: the server came by one that it cannot read. With `on_unreadable` that is
        called instead, in the one's place, and the list goes on.
        """
        after = ""
        while True:
            page = await self.page(
                where=where, after=after, limit=1000, with_deleted=with_deleted
            )
            unreadable = list(page.unreadable)
            for entity in page.entities:
                while unreadable and unreadable[0].id < entity.id:
                    self._tell(unreadable.pop(0), on_unreadable)
                yield entity
            for one in unreadable:
                self._tell(one, on_unreadable)
            after = page.next
            if not after:
                return

    async def count(self, *, where: Sequence[str] = (), with_deleted: bool = False) -> int:
        """Of those that meet `where`, without those that the server cannot read."""
        found, after = 0, ""
        while True:
            answer = await self._caller.call(
                _methods.ENTITY_COUNT, self._list(where, after, 0, with_deleted)
            )
            found += answer.entities
            after = answer.next
            if not after:
                return found

    def _tell(
        self, one: UnreadableEntity, on_unreadable: Callable[[UnreadableEntity], object] | None
    ) -> None:
        if on_unreadable is None:
            raise EntityUnreadable(one.problem, metadata={"type": self._type, "id": one.id})
        on_unreadable(one)

    def _list(
        self, where: Sequence[str], after: str, limit: int, with_deleted: bool
    ) -> v1.ListEntitiesRequest:
        check_texts("where", where)
        return made(
            v1.ListEntitiesRequest,
            namespace=self._namespace,
            type=self._type,
            after=after,
            limit=limit,
            where=where,
            with_deleted=with_deleted,
            min_position=self._position(),
            max_wait_ms=5000,
        )

    def _document(self, value: T, id: str = "") -> str:
        """TypeError, ValueError: the value is not of the kind."""
        try:
            return values.to_json_of(value, self._kind).decode()
        except (TypeError, ValueError) as problem:
            kind = TypeError if isinstance(problem, TypeError) else ValueError
            raise kind(f"{self._place(id)}: {problem}") from problem

    def _patch(self, id: str, patch: Mapping[str, Any] | Sequence[Any]) -> str:
        if isinstance(patch, str) or not isinstance(patch, (Mapping, Sequence)):
            raise TypeError(f"patch is {patch!r}: give a dict or a list")
        try:
            text = values.to_json(patch)
            values.check_patch(json.loads(text), self._kind)
            return text.decode()
        except (TypeError, ValueError) as problem:
            kind = TypeError if isinstance(problem, TypeError) else ValueError
            raise kind(f"{self._place(id)}: {problem}") from problem

    def _place(self, id: str) -> str:
        return f"{self._type} {id!r}" if id else self._type

    def _position(self) -> str:
        return self._seen.position if self._seen else ""

    def _written(self, message: v1.WrittenEntity) -> Written:
        if self._seen is not None:
            self._seen.note(message.position)
        return decode_written(message)


def _write(
    expected_revision: int | None,
    idempotency_key: str,
    actor: str,
    correlation_id: str = "",
    causation_id: str = "",
) -> v1.EntityWrite:
    return made(
        v1.EntityWrite,
        expected_revision=expected_revision,
        idempotency_key=idempotency_key or uuid.uuid4().hex,
        actor=actor,
        correlation_id=correlation_id,
        causation_id=causation_id,
    )
