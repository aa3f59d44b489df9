# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Typed values as JSON: dataclasses, pydantic models, and plain dicts, lists, texts and numbers.

pydantic is not needed; where a type is one of its models, its own conversion is used.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import json
import types
import typing
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

T = TypeVar("T")

JSON = "application/json"


def to_json(value: object) -> bytes:
    """UTF-8 without spaces. TypeError names what has no form in JSON."""
    return _ENCODER.encode(value).encode()


def _step_to_plain(value: object) -> Any:
    """One step towards what JSON has; the encoder goes on from there."""
    if isinstance(value, enum.Enum):
        return value.value
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if isinstance(value, (uuid.UUID, Decimal)):
        return str(value)
    if isinstance(value, (Sequence, set, frozenset)) and not isinstance(value, (bytes, bytearray)):
        return list(value)
    raise TypeError(
        f"{type(value).__name__} has no form in JSON: give a dataclass, a pydantic model, "
        "a dict, or bytes with a content type"
    )


# made once: json.dumps() makes one for each call
_ENCODER = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_step_to_plain
)


def from_json(text: bytes | str, kind: type[T]) -> T:
    """ValueError where the text is not JSON, or not of this kind: it names the place."""
    return from_plain(json.loads(text), kind)


def from_plain(plain: Any, kind: type[T]) -> T:
    return typing.cast(T, _convert(plain, kind, kind.__name__ if hasattr(kind, "__name__") else ""))


def _convert(plain: Any, kind: Any, place: str) -> Any:
    if kind is Any or kind is object:
        return plain
    if hasattr(kind, "model_validate"):
        return kind.model_validate(plain)
    origin = typing.get_origin(kind)
    if origin is not None:
        return _convert_generic(plain, origin, typing.get_args(kind), place)
    if dataclasses.is_dataclass(kind):
        return _convert_dataclass(plain, kind, place)
    if kind is None or kind is type(None):
        return _checked(plain, type(None), place)
    if kind is float and isinstance(plain, int) and not isinstance(plain, bool):
        return float(plain)
    if kind is int and isinstance(plain, bool):
        raise ValueError(f"{place}: {plain!r} is not int")
    if kind in (uuid.UUID, Decimal) or (isinstance(kind, type) and issubclass(kind, enum.Enum)):
        return kind(plain)
    if kind in (datetime.datetime, datetime.date):
        return kind.fromisoformat(plain)
    return _checked(plain, kind, place)


def _checked(plain: Any, kind: Any, place: str) -> Any:
    if not isinstance(plain, kind):
        raise ValueError(f"{place}: {plain!r} is not {getattr(kind, '__name__', kind)}")
    return plain


def _convert_generic(plain: Any, origin: Any, arguments: tuple[Any, ...], place: str) -> Any:
    if origin is typing.Union or origin is types.UnionType:
        if plain is None and type(None) in arguments:
            return None
        problems = []
        for each in arguments:
            if each is type(None):
                continue
            try:
                return _convert(plain, each, place)
            except (ValueError, TypeError) as problem:
                problems.append(str(problem))
        raise ValueError("; or ".join(problems))
    if origin is typing.Literal:
        if plain not in arguments:
            raise ValueError(f"{place}: {plain!r} is none of {arguments}")
        return plain
    if issubclass(origin, Mapping):
        _checked(plain, dict, place)
        value_kind = arguments[1] if len(arguments) > 1 else Any
        return {key: _convert(item, value_kind, f"{place}.{key}") for key, item in plain.items()}
    _checked(plain, list, place)
    if origin is tuple and arguments and arguments[-1] is not Ellipsis:
        if len(plain) != len(arguments):
            raise ValueError(f"{place}: {len(plain)} items instead of {len(arguments)}")
        return tuple(_convert(item, kind, place) for item, kind in zip(plain, arguments))
    item_kind = arguments[0] if arguments else Any
    items = [_convert(item, item_kind, f"{place}[{at}]") for at, item in enumerate(plain)]
    if origin in (tuple, set, frozenset):
        return origin(items)
    return items


def _convert_dataclass(plain: Any, kind: Any, place: str) -> Any:
    _checked(plain, dict, place)
    hints = typing.get_type_hints(kind)
    given = {}
    for field in dataclasses.fields(kind):
        if field.name in plain:
            given[field.name] = _convert(
                plain[field.name], hints[field.name], f"{place}.{field.name}"
            )
        elif (
            field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        ):
            raise ValueError(f"{place}: {field.name!r} is missing")
    return kind(**given)
