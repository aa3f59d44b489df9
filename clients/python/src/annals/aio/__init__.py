# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The client for asyncio. annals.blocking is the same without `await`."""

from annals.aio.client import Client, connect
from annals.aio.consumer import Consumer
from annals.aio.consumers import Consumers
from annals.aio.entities import Entities
from annals.aio.groups import Delivery, Groups, Member
from annals.aio.namespaces import Namespaces
from annals.aio.streams import Streams
from annals.aio.subscription import Subscription

__all__ = [
    "Client",
    "Consumer",
    "Consumers",
    "Delivery",
    "Entities",
    "Groups",
    "Member",
    "Namespaces",
    "Streams",
    "Subscription",
    "connect",
]
