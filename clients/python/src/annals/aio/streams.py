# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The streams of a namespace: listed, looked at, ended."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

from annals import _methods, v1
from annals._arguments import made
from annals.aio._caller import Caller
from annals.expected import Expected, encode_expected


class Streams:
    """What can be said about streams and done to them, besides their events."""

    def __init__(self, caller: Caller, namespace: str) -> None:
        self._caller = caller
        self._namespace = namespace

    async def get(self, stream: str) -> v1.StreamInfo:
        """StreamNotFound: never written to."""
        request = v1.GetStreamRequest(namespace=self._namespace, stream=stream)
        return await self._caller.call(_methods.GET_STREAM, request)

    async def list(self, prefix: str = "") -> AsyncIterator[v1.StreamSummary]:
        """By name, all pages."""
        after = ""
        while True:
            page = await self._caller.call(
                _methods.LIST_STREAMS, self._list(prefix, after, _PAGE)
            )
            for stream in page.streams:
                yield stream
                after = stream.name
            if len(page.streams) < _PAGE:
                return

    async def categories(self, prefix: str = "") -> AsyncIterator[v1.CategorySummary]:
        """By name, all pages."""
        after = ""
        while True:
            page = await self._caller.call(
                _methods.LIST_CATEGORIES, self._list(prefix, after, _PAGE)
            )
            for category in page.categories:
                yield category
                after = category.name
            if len(page.categories) < _PAGE:
                return

    async def types(self, prefix: str = "") -> AsyncIterator[v1.StreamSummary]:
        """Event types by name, all pages."""
        after = ""
        while True:
            page = await self._caller.call(_methods.LIST_TYPES, self._list(prefix, after, _PAGE))
            for type in page.types:
                yield type
                after = type.name
            if len(page.types) < _PAGE:
                return

    async def metadata(self, stream: str) -> v1.StreamMetadataInfo:
        """Also of a stream that was never written to."""
        request = v1.GetStreamMetadataRequest(namespace=self._namespace, stream=stream)
        return await self._caller.call(_methods.GET_STREAM_METADATA, request)

    async def set_metadata(
        self, stream: str, metadata: v1.StreamMetadata, *, expected: Expected = "any"
    ) -> v1.LifeResponse:
        """Replaces all of it. `expected` is the revision of the metadata."""
        request = v1.SetStreamMetadataRequest(
            namespace=self._namespace,
            stream=stream,
            metadata=metadata,
            expected=encode_expected(expected),
            idempotency_key=uuid.uuid4().hex,
        )
        return await self._caller.call(_methods.SET_STREAM_METADATA, request)

    async def truncate(
        self, stream: str, before: int, *, expected: Expected = "any"
    ) -> v1.LifeResponse:
        """Hides the events before a revision."""
        request = made(
            v1.TruncateStreamRequest,
            namespace=self._namespace,
            stream=stream,
            before=before,
            expected=encode_expected(expected),
        )
        return await self._caller.call(_methods.TRUNCATE_STREAM, request)

    async def delete(self, stream: str, *, expected: Expected = "any") -> v1.LifeResponse:
        """Softly: the name can be used again."""
        request = v1.DeleteStreamRequest(
            namespace=self._namespace,
            stream=stream,
            expected=encode_expected(expected),
            idempotency_key=uuid.uuid4().hex,
        )
        return await self._caller.call(_methods.DELETE_STREAM, request)

    async def tombstone(self, stream: str, *, expected: Expected = "any") -> v1.LifeResponse:
        """For ever: nothing can be written to that name."""
        request = v1.TombstoneStreamRequest(
            namespace=self._namespace,
            stream=stream,
            expected=encode_expected(expected),
            idempotency_key=uuid.uuid4().hex,
        )
        return await self._caller.call(_methods.TOMBSTONE_STREAM, request)

    def _list(self, prefix: str, after: str, limit: int) -> v1.ListRequest:
        return v1.ListRequest(
            namespace=self._namespace, prefix=prefix, after=after, limit=limit
        )


_PAGE = 1000
