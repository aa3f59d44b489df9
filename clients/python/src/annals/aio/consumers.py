# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The consumers of a namespace, for whoever looks after them."""

from __future__ import annotations

from collections.abc import AsyncIterator

from annals import _methods, v1
from annals._arguments import made
from annals.aio._caller import Caller


class Consumers:
    """Where consumers are; annals.Consumer is what runs one."""

    def __init__(self, caller: Caller, namespace: str) -> None:
        self._caller = caller
        self._namespace = namespace

    async def get(self, name: str) -> v1.ConsumerProgress:
        """ConsumerNotFound: it has never saved or been claimed."""
        request = v1.GetConsumerRequest(namespace=self._namespace, consumer=name)
        return await self._caller.call(_methods.CONSUMER_GET, request)

    async def list(self, prefix: str = "") -> AsyncIterator[v1.ConsumerProgress]:
        """By name, in byte order, all pages."""
        after = ""
        while True:
            page = await self._caller.call(
                _methods.CONSUMER_LIST,
                v1.ListConsumersRequest(namespace=self._namespace, prefix=prefix, after=after),
            )
            for consumer in page.consumers:
                yield consumer
            after = page.next
            if not after:
                return

    async def rewind(
        self, name: str, reason: str, *, at: int = 0, actor: str = ""
    ) -> v1.ConsumerProgress:
        """Behind the position `at`, 0 is the start; the running instance is fenced."""
        request = made(
            v1.RewindConsumerRequest,
            namespace=self._namespace,
            consumer=name,
            at=at,
            reason=reason,
            actor=actor,
        )
        return await self._caller.call(_methods.CONSUMER_REWIND, request, is_repeatable=False)

    async def delete(self, name: str) -> None:
        """Forgets it; its epochs are not used again."""
        request = v1.DeleteConsumerRequest(namespace=self._namespace, consumer=name)
        await self._caller.call(_methods.CONSUMER_DELETE, request, is_repeatable=False)
