# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Typed values as JSON, there and back."""

import datetime
import enum
import typing
import uuid
from dataclasses import dataclass, field
from decimal import Decimal

import pydantic
import pytest
from annals import values


OrderId = typing.NewType("OrderId", str)


class Colour(enum.Enum):
    RED = "red"


@dataclass
class Line:
    item: str
    price: float


@dataclass
class Order:
    id: uuid.UUID
    lines: list[Line]
    when: datetime.datetime
    colour: Colour
    total: Decimal
    note: str | None = None
    by_name: dict[str, Line] = field(default_factory=dict)
    pair: tuple[int, str] = (0, "")


@dataclass
class Counted:
    name: str
    count: int = field(init=False, default=7)


class Model(pydantic.BaseModel):
    name: str
    count: int = 0


ORDER = Order(
    id=uuid.UUID("01890a5d-ac96-774b-bcce-b302099a8057"),
    lines=[Line("tea", 2.5), Line("cup", 3.0)],
    when=datetime.datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=datetime.timezone.utc),
    colour=Colour.RED,
    total=Decimal("5.50"),
    by_name={"tea": Line("tea", 2.5)},
    pair=(1, "ä"),
)


def test_a_dataclass_comes_back_as_it_was():
    assert values.from_json(values.to_json(ORDER), Order) == ORDER


def test_a_pydantic_model_comes_back_as_it_was():
    assert values.to_json(Model(name="a", count=2)) == b'{"name":"a","count":2}'
    assert values.from_json(b'{"name":"a"}', Model) == Model(name="a")


def test_plain_values_stay_plain():
    plain = {"a": [1, 2.5, None, True, "ö"], "b": {}}
    assert values.from_json(values.to_json(plain), dict) == plain
    assert values.from_json(b"[1]", list[int]) == [1]


def test_unknown_members_are_left_out_and_defaults_fill_in():
    assert values.from_json(b'{"item":"tea","price":1,"new":2}', Line) == Line("tea", 1.0)


@pytest.mark.parametrize(
    ("text", "kind", "place"),
    [
        (b'{"item":"tea"}', Line, "'price' is missing"),
        (b'{"item":1,"price":2}', Line, "Line.item: 1 is not str"),
        (b'[{"item":"a","price":"b"}]', list[Line], "[0].price: 'b' is not float"),
        (b"true", int, "True is not int"),
        (b'"x"', int | None, "'x' is not int"),
        (b"[1]", tuple[int, int], "1 items instead of 2"),
        (b'["abc"]', list[Decimal], "[0]: 'abc' is not Decimal"),
        (b"true", Decimal, "Decimal: True is not Decimal"),
        (b'{"a":5}', dict[str, uuid.UUID], ".a: 5 is not UUID"),
        (b"5", datetime.datetime, "datetime: 5 is not datetime"),
        (b'"blue"', Colour, "Colour: 'blue' is not Colour"),
        (b'{"x":1}', dict[int, int], "the key 'x' is not int"),
        (b"1", OrderId, "1 is not str"),
    ],
)
def test_what_differs_is_named_with_its_place(text, kind, place):
    with pytest.raises(ValueError) as caught:
        values.from_json(text, kind)
    assert place in str(caught.value)


def test_names_of_numbers_come_back_as_numbers():
    value = {1: "a", 2: "b"}
    assert values.from_json(values.to_json(value), dict[int, str]) == value


def test_a_new_type_is_what_it_stands_for():
    assert values.from_json(b'{"o1":["o2"]}', dict[OrderId, list[OrderId]]) == {"o1": ["o2"]}


def test_a_decimal_that_was_written_as_a_number_is_that_number():
    assert values.from_json(b"[1.1,2]", list[Decimal]) == [Decimal("1.1"), Decimal(2)]


def test_what_a_dataclass_makes_itself_is_not_given_to_it():
    assert values.from_json(values.to_json(Counted("a")), Counted) == Counted("a")


def test_what_has_no_form_in_json_is_named():
    with pytest.raises(TypeError, match="object has no form in JSON"):
        values.to_json({"a": object()})
    with pytest.raises(ValueError):
        values.to_json(float("nan"))
