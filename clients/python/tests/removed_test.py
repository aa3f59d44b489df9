# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Readers are told what is gone."""

import annals
from annals import v1
from annals.removed import decode_removed


def test_pages_and_batches_tell_what_is_gone(store):
    store.append("order-1", [annals.NewEvent("Happened") for _ in range(4)])
    assert not store.read_page("order-1").removed
    store.streams.truncate("order-1", 2)
    gone = annals.Removed(
        first_position=1,
        last_position=2,
        events=2,
        first_revision=0,
        last_revision=1,
        time=None,
        is_uncertain=False,
    )
    page = store.read_page("order-1")
    assert [event.revision for event in page] == [2, 3]
    assert page.removed == [gone]
    assert store.read_page("order-1", backwards=True).removed == [gone]
    assert not store.read_page("order-1", from_revision=2).removed
    with store.subscribe("order-1") as events:
        batch = events.next_batch()
        assert [event.revision for event in batch] == [2, 3]
        assert batch.removed == [gone]
        assert not events.next_batch().removed


def test_what_scavenging_freed_is_told_with_its_time():
    (removed,) = decode_removed(
        [v1.RemovedEvents(first_position=3, last_position=9, events=4, removed_time_ns=10**9)]
    )
    assert (removed.first_revision, removed.last_revision) == (None, None)
    assert removed.time.timestamp() == 1
