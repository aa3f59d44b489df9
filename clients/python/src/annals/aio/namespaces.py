# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The namespaces of a server: each has a log of its own."""

from __future__ import annotations

from collections.abc import Sequence

from annals import _methods, v1
from annals.aio._caller import Caller


class Namespaces:
    """Made, listed, deleted."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def create(self, name: str) -> v1.NamespaceInfo:
        """NamespaceExists."""
        return await self._caller.call(
            _methods.CREATE_NAMESPACE, v1.NamespaceRequest(name=name), is_repeatable=False
        )

    async def list(self) -> Sequence[v1.NamespaceInfo]:
        answer = await self._caller.call(_methods.LIST_NAMESPACES, v1.ListNamespacesRequest())
        return list(answer.namespaces)

    async def delete(self, name: str, *, confirm: str) -> None:
        """With all its events, for good; `confirm` repeats its name."""
        await self._caller.call(
            _methods.DELETE_NAMESPACE,
            v1.DeleteNamespaceRequest(name=name, confirm=confirm),
            is_repeatable=False,
        )
