# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Typed values as JSON, there and back."""

import datetime
import enum
import uuid
from dataclasses import dataclass, field
from decimal import Decimal

import pydantic
import pytest
from annals import values


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
    ],
)
def test_what_differs_is_named_with_its_place(text, kind, place):
    with pytest.raises(ValueError) as caught:
        values.from_json(text, kind)
    assert place in str(caught.value)


def test_what_has_no_form_in_json_is_named():
    with pytest.raises(TypeError, match="object has no form in JSON"):
        values.to_json({"a": object()})
    with pytest.raises(ValueError):
        values.to_json(float("nan"))
