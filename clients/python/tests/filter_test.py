# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Filters select within one stream and by recorded time."""

import annals
import pytest


@pytest.fixture
def six(store):
    for number in range(6):
        kind = "Even" if number % 2 == 0 else "Odd"
        store.append("order-1", annals.NewEvent(kind, {"number": number}))
    return store


def numbers(events):
    return [event.json()["number"] for event in events]


def test_a_stream_is_read_through_a_filter(six):
    odd = annals.Filter(types=["Odd"])
    assert numbers(six.read("order-1", filter=odd)) == [1, 3, 5]
    assert numbers(six.read("order-1", filter=odd, backwards=True, limit=2)) == [5, 3]
    with six.subscribe("order-1", filter=odd) as events:
        assert numbers(events.next_batch()) == [1, 3, 5]


def test_recorded_times_bound_a_read(six):
    third = list(six.read("order-1"))[3].recorded_time
    # Times of Python have microseconds: the event itself may lie on either side.
    early = numbers(six.read("order-1", filter=annals.Filter(recorded_until=third)))
    late = numbers(six.read(filter=annals.Filter(recorded_since=third)))
    assert early[:3] == [0, 1, 2]
    assert late[-2:] == [4, 5]
    assert sorted({*early, *late}) == [0, 1, 2, 3, 4, 5]


def test_a_stream_takes_no_filter_that_says_which_streams(six):
    with pytest.raises(annals.errors.InvalidArgument, match="filter.categories"):
        list(six.read("order-1", filter=annals.Filter(categories=["order"])))
