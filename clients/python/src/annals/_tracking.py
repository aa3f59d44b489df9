# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What a group's handling of an event is tracked by."""

from __future__ import annotations

from annals.event import Event
from annals.v1 import GROUP_STRATEGY_ROUND_ROBIN, GroupSettings

_KEY_BYTES_MAX = 1024


def tracking_key(settings: GroupSettings, event: Event) -> str:
    """The tag, correlation or stream, as the group is keyed; a prefix tells them apart.

    Tracking refuses what lies at or below the last position of its key, so events may share one
    only where the group never gives the later one out before the earlier one was settled. An event
    is a key of its own where the group keeps no order (round robin, key_in_flight_max above 1),
    where the key is a field, which an edit of a parked event may change, and where the key is too
    long to be one of tracking.
    """
    is_ordered = (
        settings.strategy != GROUP_STRATEGY_ROUND_ROBIN and settings.key_in_flight_max <= 1
    )
    key = event.stream
    if settings.key.startswith("tag:"):
        prefix = settings.key.removeprefix("tag:") + ":"
        tag = next((tag for tag in event.tags if tag.startswith(prefix)), None)
        key = f"tag:{tag}" if tag else f"stream:{key}"
    elif settings.key == "correlation":
        correlation = event.correlation_id
        key = f"correlation:{correlation}" if correlation else f"stream:{key}"
    elif settings.key not in ("", "stream"):
        is_ordered = False
    if is_ordered and len(key.encode()) <= _KEY_BYTES_MAX:
        return key
    return f"position:{event.position}"
