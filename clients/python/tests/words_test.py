# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The small words: ids, expectations, events, pauses, the given-when-then kit."""

import datetime
from dataclasses import dataclass

import annals
import pytest
from annals.expected import decode_expected, encode_expected
from annals.testing import given


def test_ids_are_uuids_of_version_7_in_the_order_of_time():
    made = [annals.new_id() for _ in range(1000)]
    assert all(each.version == 7 and each.variant == "specified in RFC 4122" for each in made)
    assert len(set(made)) == 1000
    assert [each.int >> 80 for each in made] == sorted(each.int >> 80 for each in made)


@pytest.mark.parametrize("expected", [0, 7, "any", "no_stream", "exists", "deleted"])
def test_an_expectation_comes_back_as_it_was(expected):
    assert decode_expected(encode_expected(expected)) == expected


@pytest.mark.parametrize("expected", [-1, "none", "NO_STREAM"])
def test_what_is_no_expectation_is_refused(expected):
    with pytest.raises(ValueError, match="no_stream"):
        encode_expected(expected)


def test_events_that_say_the_same_are_equal_whatever_their_ids():
    assert annals.NewEvent("A", 1) == annals.NewEvent("A", 1)
    assert annals.NewEvent("A", 1) != annals.NewEvent("A", 2)
    assert annals.NewEvent("A", 1).id != annals.NewEvent("A", 1).id


def test_bytes_go_as_they_are_and_say_so():
    message = annals.NewEvent("A", b"\x00\x01").encode()
    assert (message.data, message.content_type) == (b"\x00\x01", "application/octet-stream")


def test_the_valid_time_keeps_its_offset(store):
    zone = datetime.timezone(datetime.timedelta(hours=2))
    when = datetime.datetime(2024, 10, 1, 8, 0, 0, 123456, tzinfo=zone)
    store.append("a-1", annals.NewEvent("A", valid_time=when))
    [event] = store.read("a-1")
    assert event.valid_time == when
    assert event.valid_time.utcoffset() == datetime.timedelta(hours=2)


def test_pauses_double_up_to_their_bound():
    backoff = annals.Backoff(first_seconds=0.1, max_seconds=1.0)
    for tries, longest in ((1, 0.1), (2, 0.2), (4, 0.8), (5, 1.0), (1000, 1.0)):
        pauses = [backoff.pause(tries) for _ in range(100)]
        assert longest / 2 <= min(pauses) and max(pauses) <= longest


@dataclass(frozen=True)
class Added:
    n: int


@dataclass(frozen=True)
class Removed:
    n: int


class Empty(Exception):
    pass


def decide(n, state):
    if state + n < 0:
        raise Empty(f"only {state}")
    return [Added(n)] if n > 0 else [Removed(-n)] if n else []


STOCK = annals.Decider(
    0,
    decide,
    lambda state, event: state + (event.n if isinstance(event, Added) else -event.n),
    {"stock-added": Added, "stock-removed": Removed},
)


def test_the_kit_lets_pass_what_is_right():
    given(STOCK, Added(5)).when(-3).then(Removed(3)).then_state(2)
    given(STOCK).when(0).then_nothing()
    given(STOCK, Added(1)).when(-2).then_refused(Empty, "only 1")


@pytest.mark.parametrize(
    "claim",
    [
        lambda: given(STOCK, Added(5)).when(-3).then(Removed(4)),
        lambda: given(STOCK, Added(5)).when(-3).then(),
        lambda: given(STOCK, Added(5)).when(-3).then_state(3),
        lambda: given(STOCK, Added(5)).when(-3).then_refused(Empty),
        lambda: given(STOCK).when(-3).then(Removed(3)),
        lambda: given(STOCK).when(-3).then_refused(KeyError),
        lambda: given(STOCK).when(-3).then_refused(Empty, "only 7"),
        lambda: given(STOCK).when(1).then_nothing(),
    ],
)
def test_the_kit_refuses_what_is_wrong(claim):
    with pytest.raises(AssertionError):
        claim()


def test_the_kit_finds_an_event_that_cannot_be_stored():
    unlisted = annals.Decider(0, lambda command, state: [Removed(1)], lambda s, e: s, [Added])
    with pytest.raises(LookupError, match="Removed is none of the decider's events: Added"):
        given(unlisted).when(1).then(Removed(1))


def test_events_are_stored_under_the_names_of_the_mapping(store):
    store.decide(STOCK, "stock-1", 5, actor="ada", tags=["shelf:7"])
    [event] = store.read("stock-1")
    assert (event.type, event.actor, event.tags) == ("stock-added", "ada", ["shelf:7"])
    assert store.load(STOCK, "stock-1") == (5, 0)


def test_an_event_of_another_type_in_the_stream_is_named(store):
    store.append("stock-1", annals.NewEvent("other"))
    with pytest.raises(LookupError, match="'other'"):
        store.decide(STOCK, "stock-1", 5)
