# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What runs beside the steps, for asyncio. blocking/tasks.py is its twin."""

from __future__ import annotations

import asyncio
import urllib.request


class Changes:
    """Tells those who wait that something they look at has changed."""

    def __init__(self):
        self._condition = asyncio.Condition()

    async def notify(self):
        async with self._condition:
            self._condition.notify_all()

    async def wait_for(self, predicate, seconds):
        """TimeoutError."""
        async with self._condition:
            await asyncio.wait_for(self._condition.wait_for(predicate), seconds)


class Task:
    """A function that runs beside the steps."""

    def __init__(self, function):
        self._task = asyncio.create_task(function())

    async def wait(self, seconds):
        """Raises what it raised, or TimeoutError."""
        return await asyncio.wait_for(asyncio.shield(self._task), seconds)


async def sleep(seconds):
    await asyncio.sleep(seconds)


async def post(url):
    request = urllib.request.Request(url, data=b"", method="POST")
    await asyncio.to_thread(lambda: urllib.request.urlopen(request, timeout=120).close())
