# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Objects with history: typed create, read, change and delete."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

from annals import _methods, v1, values
from annals._seen import Seen
from annals.aio._caller import Caller
from annals.entity import (
    Change,
    Entity,
    EntityPage,
    Written,
    decode_change,
    decode_entity,
    decode_written,
)

T = TypeVar("T")


class Entities(Generic[T]):
    """The objects of one entity type, as dataclasses, pydantic models or dicts.

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
        request = v1.CreateEntityRequest(
            namespace=self._namespace,
            type=self._type,
            id=id,
            document=values.to_json(value).decode(),
            write=_write(None, idempotency_key, actor, correlation_id, causation_id),
        )
        return self._written(await self._caller.call(_methods.ENTITY_CREATE, request))

    async def create_many(
        self, entities: Mapping[str, T], *, idempotency_key: str = "", actor: str = ""
    ) -> Sequence[Written]:
        """Values by id: all of them or none, at most 1,000."""
        request = v1.CreateEntitiesRequest(
            namespace=self._namespace,
            type=self._type,
            entities=[
                v1.NewEntity(id=id, document=values.to_json(value).decode())
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
        """EntityNotFound, EntityDeleted. ValueError: the document is not of this kind."""
        request = v1.GetEntityRequest(
            namespace=self._namespace,
            type=self._type,
            id=id,
            as_of_revision=as_of_revision,
            with_deleted=with_deleted,
            min_position=min_position or self._position(),
            max_wait_ms=max_wait_ms,
        )
        return decode_entity(await self._caller.call(_methods.ENTITY_GET, request), self._kind)

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
        request = v1.ReplaceEntityRequest(
            namespace=self._namespace,
            type=self._type,
            id=id,
            document=values.to_json(value).decode(),
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
        """A dict is a merge patch (RFC 7396; None removes a member), a list a JSON patch (6902)."""
        request = v1.PatchEntityRequest(
            namespace=self._namespace,
            type=self._type,
            id=id,
            write=_write(expected_revision, idempotency_key, actor),
        )
        text = values.to_json(patch).decode()
        if isinstance(patch, Mapping):
            request.merge_patch = text
        else:
            request.json_patch = text
        return self._written(await self._caller.call(_methods.ENTITY_PATCH, request))

    async def delete(
        self,
        id: str,
        *,
        expected_revision: int | None = None,
        idempotency_key: str = "",
        actor: str = "",
    ) -> Written:
        """Its history stays."""
        request = v1.DeleteEntityRequest(
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
        request = v1.UndoEntityRequest(
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
                v1.GetEntityHistoryRequest(
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
        found = [decode_entity(each, self._kind) for each in answer.entities]
        return EntityPage(found, answer.next, answer.position)

    async def list(
        self, *, where: Sequence[str] = (), with_deleted: bool = False
    ) -> AsyncIterator[Entity[T]]:
        """By id, all pages."""
        after = ""
        while True:
            page = await self.page(
                where=where, after=after, limit=1000, with_deleted=with_deleted
            )
            for entity in page.entities:
                yield entity
            after = page.next
            if not after:
                return

    async def count(self, *, where: Sequence[str] = (), with_deleted: bool = False) -> int:
        """Of those that meet `where`."""
        found, after = 0, ""
        while True:
            answer = await self._caller.call(
                _methods.ENTITY_COUNT, self._list(where, after, 0, with_deleted)
            )
            found += answer.entities
            after = answer.next
            if not after:
                return found

    def _list(
        self, where: Sequence[str], after: str, limit: int, with_deleted: bool
    ) -> v1.ListEntitiesRequest:
        return v1.ListEntitiesRequest(
            namespace=self._namespace,
            type=self._type,
            after=after,
            limit=limit,
            where=where,
            with_deleted=with_deleted,
            min_position=self._position(),
            max_wait_ms=5000,
        )

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
    return v1.EntityWrite(
        expected_revision=expected_revision,
        idempotency_key=idempotency_key or uuid.uuid4().hex,
        actor=actor,
        correlation_id=correlation_id,
        causation_id=causation_id,
    )
