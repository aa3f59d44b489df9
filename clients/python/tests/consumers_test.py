# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Consumers and members: where they stop, what they save, what they show."""

import asyncio
import copy
import datetime
import os
import signal
import threading
import time

import annals
import pytest
from annals import v1


@pytest.fixture
def ten(store):
    """A namespace with ten events."""
    store.append("order-1", [annals.NewEvent("Numbered", {"number": n}) for n in range(10)])
    return store


def test_a_stop_within_a_batch_saves_what_was_handled(ten):
    consumer = ten.consumer("billing")
    seen = []

    def handle(event):
        seen.append(event.position)
        if len(seen) == 3:
            consumer.stop()

    assert consumer.run(handle).at == 3
    assert ten.consumers.get("billing").at == 3
    again = ten.consumer("billing")
    rest = []

    def handle_rest(event):
        rest.append(event.position)
        if len(rest) == 7:
            again.stop()

    again.run(handle_rest)
    assert seen + rest == list(range(1, 11))


def test_a_stop_among_the_servers_own_events_saves_what_was_handled(ten):
    ten.streams.set_metadata("order-1", v1.StreamMetadata(max_count=100))
    ten.append("order-1", annals.NewEvent("Numbered", {"number": 11}))
    everything = annals.Filter(include_system=True)
    streams = [event.stream for event in ten.read(filter=everything)]
    assert streams[10] == "$$order-1"
    consumer = ten.consumer("audit", filter=everything)
    seen = []

    def handle(event):
        seen.append(event.position)
        if event.position == 11:
            consumer.stop()

    assert consumer.run(handle).at == 11
    assert len(streams) == 12


@pytest.mark.parametrize("save_seconds", [0, 1000])
def test_an_event_that_is_gone_when_it_was_handled_takes_no_other_with_it(ten, save_seconds):
    """What follows it in its batch is handled after a stop, however the place is found."""
    ten.append("order-2", annals.NewEvent("Numbered", {"number": 11}))
    consumer = ten.consumer("billing", save_seconds=save_seconds)
    reading = consumer._caller.call

    def without_the_third(method, request, *rest, **named):
        page = reading(method, request, *rest, **named)
        if isinstance(request, v1.ReadRequest) and request.from_position == 3:
            request.from_position = 4  # as after a scavenge
            return reading(method, request, *rest, **named)
        return page

    consumer._caller = copy.copy(consumer._caller)
    consumer._caller.call = without_the_third

    def handle(event):
        if event.position == 3:
            consumer.stop()

    assert consumer.run(handle).at < 3


def test_a_long_batch_is_saved_within(ten):
    saved = []
    consumer = ten.consumer("billing", save_seconds=0)

    def handle(event):
        saved.append(ten.consumers.get("billing").at)
        if event.position == 10:
            consumer.stop()

    consumer.run(handle)
    assert saved == list(range(10))


def test_batches_are_handed_over_whole(ten):
    sizes = []
    consumer = ten.consumer("billing", batch_events_max=4)

    def handle(events):
        sizes.append(len(events))
        if sum(sizes) == 10:
            consumer.stop()

    assert consumer.run_batches(handle).handled == 10
    assert sizes == [4, 4, 2]


def test_an_error_of_the_handler_is_raised_and_saves_nothing(ten):
    def handle(event):
        if event.position == 5:
            raise KeyError("price")

    consumer = ten.consumer("billing")
    with pytest.raises(KeyError):
        consumer.run(handle)
    assert ten.consumers.get("billing").at == 0


def test_progress_shows_how_far_it_is_and_how_far_behind(ten):
    shown = []
    consumer = ten.consumer("billing", batch_events_max=4, owner="me")

    def handle(event):
        shown.append(consumer.progress())
        if event.position == 10:
            consumer.stop()

    last = consumer.run(handle)
    assert [each.behind for each in shown[4:10]] == [6, 6, 6, 6, 2, 2]
    assert shown[4].seconds_behind > 0 and not shown[0].is_live
    assert (last.at, last.behind, last.seconds_behind, last.epoch) == (10, 0, 0.0, 1)
    assert last.last_error is None and last.events_per_second > 0
    assert ten.consumers.get("billing").owner == "me"


def test_what_is_no_event_of_the_consumer_does_not_put_it_behind(ten):
    consumer = ten.consumer("billing", filter=annals.Filter(categories=["order"]))

    def answer(event):
        ten.append("answer-1", [annals.NewEvent("Answered")])

    running = threading.Thread(target=consumer.run, args=(answer,))
    running.start()
    deadline = time.monotonic() + 60
    while not (shown := consumer.progress()).is_live:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    consumer.stop()
    running.join()
    # its own answers are in the log behind it, and none of them waits for it
    assert (shown.handled, shown.behind, shown.seconds_behind) == (10, 10, 0.0)


def test_the_event_in_hand_shows_its_age(ten):
    shown = []
    consumer = ten.consumer("billing")

    def handle(event):
        age = datetime.datetime.now(datetime.timezone.utc) - event.recorded_time
        shown.append((consumer.progress().seconds_behind, age.total_seconds()))
        if event.position == 10:
            consumer.stop()

    consumer.run(handle)
    assert all(seconds > age - 1e-4 for seconds, age in shown), shown


def test_a_rewind_fences_what_runs_and_begins_anew(ten):
    consumer = ten.consumer("billing", batch_events_max=4)

    def handle(event):
        if event.position == 6:
            ten.consumers.rewind("billing", "totals were wrong", at=2)

    with pytest.raises(annals.errors.ConsumerFenced):
        consumer.run(handle)
    assert ten.consumers.get("billing").at == 2


def test_from_the_end_begins_with_what_is_new(ten):
    consumer = ten.consumer("billing", from_end=True)
    with ten.subscribe(from_end=True) as events:
        assert events.next_batch().mark is annals.Mark.CAUGHT_UP
        ten.append("order-1", annals.NewEvent("New"))
        assert next(events).type == "New"
    consumer.stop()
    assert consumer.run(lambda event: None).handled == 0


def test_a_signal_stops_a_member_of_asyncio_and_its_settlements_are_kept(ten, server):
    async def main():
        async with annals.aio.connect(server.address, namespace=ten.name) as store:
            await store.groups.create("work")
            member = store.groups.join("work", in_flight_max=2)
            member.stop_on_signals()
            async for delivery in member:
                await member.ack(delivery)
                if delivery.event.position == 3:
                    os.kill(os.getpid(), signal.SIGTERM)
            assert not member.refused
            return (await store.groups.get("work")).handled

    assert asyncio.run(asyncio.wait_for(main(), 60)) >= 3


def test_what_is_settled_too_late_is_kept_with_the_reason(ten):
    ten.groups.create("work")
    with ten.groups.join("work", in_flight_max=1) as member:
        delivery = member.next()
        member.ack(delivery)
        member.next()
        member.ack(delivery)
        member.stop()
    [refused] = member.refused
    assert (refused.code, refused.delivery) == ("delivery_over", delivery.token)


def test_a_member_joins_again_after_a_reset_of_its_group(ten):
    ten.groups.create("work")
    with ten.groups.join("work", in_flight_max=1) as member:
        assert member.next().event.position == 1
        ten.groups.reset("work", "from the start")
        assert member.next().event.position == 1
        assert isinstance(member.last_error, annals.errors.MemberGone)
