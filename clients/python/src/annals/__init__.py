# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""annals: the client of an event store.

`annals.connect()` gives the blocking client, `annals.aio.connect()` the same for asyncio. Errors
are in `annals.errors`, the given-when-then kit in `annals.testing`.
"""

from annals import aio, blocking, errors, telemetry, testing
from annals._version import __version__
from annals.appended import Appended
from annals.batch import Batch, Mark, Page
from annals.blocking import Client, Consumer, Entities, Member, Subscription, connect
from annals.checks import Check, CheckQuery, CheckStream, Item, Tracking
from annals.decider import Decider, Decision
from annals.entity import (
    Change,
    Difference,
    Entity,
    EntityMisfit,
    EntityPage,
    UnreadableEntity,
    Written,
)
from annals.errors import AnnalsError, FailedCheck, Retry
from annals.event import Event, NewEvent
from annals.expected import Expected
from annals.filter import Filter
from annals.ids import new_id
from annals.options import Backoff, Options, Tls
from annals.progress import Progress
from annals.removed import Removed

__all__ = [
    "AnnalsError",
    "Appended",
    "Backoff",
    "Batch",
    "Change",
    "Check",
    "CheckQuery",
    "CheckStream",
    "Client",
    "Consumer",
    "Decider",
    "Decision",
    "Difference",
    "Entities",
    "Entity",
    "EntityMisfit",
    "EntityPage",
    "Event",
    "Expected",
    "FailedCheck",
    "Filter",
    "Item",
    "Mark",
    "Member",
    "NewEvent",
    "Options",
    "Page",
    "Progress",
    "Removed",
    "Retry",
    "Subscription",
    "Tls",
    "Tracking",
    "UnreadableEntity",
    "Written",
    "__version__",
    "aio",
    "blocking",
    "connect",
    "errors",
    "new_id",
    "telemetry",
    "testing",
]
