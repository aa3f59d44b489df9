# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What one does with objects and parked events beside creating, reading and patching."""

from dataclasses import dataclass, field

import annals
import pytest
from annals import values


@dataclass
class Product:
    name: str
    price: int
    tags: list[str] = field(default_factory=list)


@pytest.mark.parametrize(
    ("before", "after", "patch"),
    [
        ({"a": 1}, {"a": 1}, {}),
        ({"a": 1, "b": 2}, {"a": 1}, {"b": None}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3, "c": 2}}, {"a": {"b": 3}}),
        ({"a": [1, 2]}, {"a": [2]}, {"a": [2]}),
        ({"a": 1}, {"a": True}, {"a": True}),
        ({"a": 1}, {"a": {"b": 1}}, {"a": {"b": 1}}),
    ],
)
def test_a_merge_patch_says_what_differs(before, after, patch):
    assert values.merge_patch(before, after) == patch
    assert [type(each) for each in values.merge_patch(before, after).values()] == [
        type(each) for each in patch.values()
    ]


def test_an_update_keeps_what_the_type_does_not_know(store):
    store.entities("product", dict).create(
        {"name": "tea", "price": 250, "tags": [], "weight": 100}, "p1"
    )
    products = store.entities("product", Product)

    def dearer(product):
        product.price += 25

    assert products.update("p1", dearer, actor="ada").revision == 1
    products.update("p1", lambda product: Product("green tea", product.price, ["new"]))
    assert products.update("p1", lambda product: None).is_unchanged
    [changed] = store.entities("product", dict).list()
    assert changed.value == {"name": "green tea", "price": 275, "tags": ["new"], "weight": 100}
    difference = products.diff("p1", 0, 1)
    assert (difference.before.value.price, difference.after.value.price) == (250, 275)
    assert difference.patch == {"price": 275}


def test_an_update_begins_again_when_somebody_was_first(store):
    products = store.entities("product", Product)
    products.create(Product("tea", 250), "p1")
    tries = []

    def dearer(product):
        tries.append(product.price)
        if len(tries) == 1:
            products.patch("p1", {"price": 300})
        product.price += 25

    products.update("p1", dearer)
    assert tries == [250, 300]
    assert products.get("p1").value.price == 325
    with pytest.raises(annals.errors.Conflict):
        products.update("p1", lambda product: dearer_elsewhere(products, product), tries_max=2)


def dearer_elsewhere(products, product):
    products.patch("p1", {"price": product.price + 1})
    product.price += 2


def test_what_follows_from_a_delivery_is_stored_once(store):
    store.groups.create("bills", filter=annals.Filter(categories=["order"]))
    placed = annals.NewEvent("Placed", correlation_id="c1")
    store.append("order-1", [placed, annals.NewEvent("Placed")])
    sent = []
    with store.groups.join("bills", in_flight_max=1) as member:
        for delivery in member:
            bill = annals.NewEvent("Billed").caused_by(delivery.event)
            answer = store.append_once("bill-1", bill, delivery.tracking())
            sent.append((delivery.event.revision, answer.is_replay))
            if delivery.attempt == 1:
                member.retry(delivery, after_ms=0)
            else:
                member.ack(delivery)
            if len(sent) == 4:
                break
    assert sent == [(0, False), (0, True), (1, False), (1, True)]
    first, second = store.read("bill-1")
    assert (first.correlation_id, first.causation_id) == ("c1", str(placed.id))
    assert second.correlation_id == second.causation_id


def test_a_parked_event_is_edited_and_given_out_again(store):
    store.groups.create("bills")
    store.append("order-1", annals.NewEvent("Placed", {"amount": "3"}))
    with store.groups.join("bills") as member:
        member.park(member.next(), "the amount is no number")
        while not list(store.groups.parked("bills")):
            pass
        [parked] = store.groups.parked("bills")
        store.groups.edit_parked("bills", parked.position, {"amount": 3}, "a number")
        assert store.groups.retry_parked("bills", [parked.position]) == 1
        delivery = member.next()
        assert delivery.event.json() == {"amount": 3}
        member.ack(delivery)


def test_parked_events_are_changed_where_they_are_named_or_all_of_them_are(store):
    groups = store.groups
    groups.create("bills")
    store.append("", [annals.NewEvent("Placed", stream=f"order-{i}") for i in range(3)])
    with groups.join("bills") as member:
        for _ in range(3):
            member.park(member.next(), "no good")
        while len(list(groups.parked("bills"))) < 3:
            pass
    for change in (
        lambda **how: groups.retry_parked("bills", **how),
        lambda **how: groups.skip_parked("bills", "none was found", **how),
        lambda **how: groups.purge_parked("bills", "none was found", **how),
    ):
        for how in ({}, {"positions": []}, {"positions": [1], "all": True}):
            with pytest.raises(annals.errors.InvalidArgument, match="all=True") as refused:
                change(**how)
            assert refused.value.metadata["field"] == "positions"
    assert [each.position for each in groups.parked("bills")] == [1, 2, 3]
    assert groups.skip_parked("bills", "a test order", [2]) == 1
    assert groups.purge_parked("bills", "test data", all=True) == 2
    assert not list(groups.parked("bills"))


@pytest.mark.parametrize(
    ("settings", "keys"),
    [
        ({}, ["order-1", "order-2", "order-1", "order-3"]),
        (
            {"key": "tag:customer"},
            ["tag:customer:7", "tag:customer:7", "tag:customer:8", "stream:order-3"],
        ),
        (
            {"key": "correlation"},
            ["correlation:c7", "correlation:c7", "correlation:c8", "stream:order-3"],
        ),
        ({"key": "field:/customer"}, [f"position:{at}" for at in (1, 2, 3, 4)]),
        (
            {"key": "tag:customer", "key_in_flight_max": 2},
            [f"position:{at}" for at in (1, 2, 3, 4)],
        ),
        (
            {"key": "tag:customer", "strategy": annals.v1.GROUP_STRATEGY_ROUND_ROBIN},
            [f"position:{at}" for at in (1, 2, 3, 4)],
        ),
    ],
)
def test_a_delivery_is_tracked_by_what_the_group_is_keyed_by(store, settings, keys):
    def placed(stream, customer):
        return annals.NewEvent(
            "Placed",
            stream=stream,
            tags=["customers:1", f"customer:{customer}"],
            correlation_id=f"c{customer}",
        )

    last = annals.NewEvent("Placed", stream="order-3")
    store.append("", [placed("order-1", 7), placed("order-2", 7), placed("order-1", 8), last])
    store.groups.create("bills", **settings)
    given = {}
    with store.groups.join("bills") as member:
        for delivery in member:
            given[delivery.event.position] = delivery.tracking().key
            member.ack(delivery)
            if len(given) == len(keys):
                break
    assert [given[at] for at in sorted(given)] == keys


def test_keys_of_a_tag_are_billed_once_whatever_their_stream(store):
    groups = store.groups
    groups.create("bills", filter=annals.Filter(categories=["order"]), key="tag:customer")
    # of order-1 the second event is another customer's: it need not wait for the first
    store.append("order-1", [annals.NewEvent("Placed", tags=[f"customer:{c}"]) for c in (7, 8)])
    store.append("order-2", annals.NewEvent("Placed", tags=["customer:7"]))

    def bill(delivery):
        event = annals.NewEvent("Billed", {"position": delivery.event.position})
        answer = store.append_once("bill-1", event, delivery.tracking())
        return answer is None or answer.is_replay

    with groups.join("bills") as member:
        first, other = member.next(), member.next()
        assert (first.event.position, other.event.position) == (1, 2)
        assert not bill(other)
        member.ack(other)
        assert not bill(first)
        member.retry(first, after_ms=0)
        again = member.next()
        assert (again.event.position, again.attempt) == (1, 2)
        assert bill(again)
        member.ack(again)
        last = member.next()
        assert last.event.position == 3
        assert not bill(last)
        assert bill(again)  # late, and its key went on
    assert [event.json()["position"] for event in store.read("bill-1")] == [2, 1, 3]
