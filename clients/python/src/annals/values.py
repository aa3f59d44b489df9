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
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

T = TypeVar("T")

JSON = "application/json"


def to_json(value: object) -> bytes:
    """UTF-8 without spaces. TypeError names what has no form in JSON."""
    return _ENCODER.encode(value).encode()


def to_json_of(value: object, kind: Any) -> bytes:
    """As to_json, of what can be read again as this kind.

    TypeError: it is no instance. ValueError names the place that differs.
    """
    is_class = isinstance(kind, type) and typing.get_origin(kind) is None
    if is_class and (dataclasses.is_dataclass(kind) or hasattr(kind, "model_validate")):
        if not isinstance(value, kind):
            raise TypeError(f"{value!r} is no {kind.__name__}: give one, or patch single members")
    text = to_json(value)
    from_json(text, kind)
    return text


def check_patch(patch: Any, kind: Any) -> None:
    """ValueError: a merge patch (a dict) or a JSON patch (a list), as plain JSON, names a member of
    the kind and gives it what cannot be there. What the kind does not know is let pass."""
    place = getattr(kind, "__name__", "")
    if isinstance(patch, Mapping):
        _check_merge(patch, kind, place)
        return
    for step in patch:
        operation, path = step.get("op"), step.get("path", "")
        if not isinstance(path, str) or path[:1] != "/" or "/" in path[1:]:
            continue
        member = _members(kind).get(path[1:].replace("~1", "/").replace("~0", "~"))
        if member is not None and operation in ("add", "replace"):
            _convert(step.get("value"), member.kind, f"{place}.{member.name}")
        elif member is not None and operation == "remove":
            _check_removal(member, place)


class _Member(typing.NamedTuple):
    name: str
    kind: Any
    is_needed: bool


def _members(kind: Any) -> dict[str, _Member]:
    """By name, of a dataclass or a pydantic model; of others none is known."""
    if hasattr(kind, "model_fields"):
        return {
            name: _Member(name, _Field(kind, name, field), field.is_required())
            for name, field in kind.model_fields.items()
            if not field.alias and not field.validation_alias
        }
    if not dataclasses.is_dataclass(kind):
        return {}
    hints = typing.get_type_hints(kind)
    missing = dataclasses.MISSING
    return {
        field.name: _Member(
            field.name,
            hints[field.name],
            field.default is missing and field.default_factory is missing,
        )
        for field in dataclasses.fields(kind)
        if field.init
    }


class _Field:
    """A field of a pydantic model, to be converted by the model's own rules."""

    def __init__(self, model: Any, name: str, field: Any) -> None:
        self.model, self.name, self.inner = model, name, field.annotation

    def model_validate(self, plain: Any) -> Any:
        made = self.model.model_construct()
        return self.model.__pydantic_validator__.validate_assignment(made, self.name, plain)


def _check_merge(patch: Mapping[str, Any], kind: Any, place: str) -> None:
    members = _members(kind)
    for name, value in patch.items():
        member = members.get(name)
        if member is None:
            continue
        if value is None:
            _check_removal(member, place)
            continue
        inner = getattr(member.kind, "inner", member.kind)
        if not isinstance(value, Mapping):
            _convert(value, member.kind, f"{place}.{name}")
        elif _members(inner):
            _check_merge(value, inner, f"{place}.{name}")
        # else a merge into a dict or a union: what comes of it depends on what is stored


def _check_removal(member: _Member, place: str) -> None:
    if member.is_needed:
        raise ValueError(f"{place}.{member.name} is removed, and has no default: give a value")


def encode(value: object) -> bytes:
    """Bytes as they are, all else as JSON."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    return to_json(value)


def merge_patch(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What makes `after` of `before` (RFC 7396), both as plain JSON."""
    patch: dict[str, Any] = {name: None for name in before if name not in after}
    for name, value in after.items():
        was = before.get(name)
        if name in before and was == value and type(was) is type(value):
            continue
        if isinstance(was, Mapping) and isinstance(value, Mapping):
            patch[name] = merge_patch(was, value)
        else:
            patch[name] = value
    return patch


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


def to_plain(value: object) -> Any:
    """As dicts, lists, texts and numbers."""
    return json.loads(_ENCODER.encode(value))


def from_json(text: bytes | str, kind: type[T]) -> T:
    """ValueError where the text is not JSON, or not of this kind: it names the place."""
    return from_plain(json.loads(text), kind)


def from_plain(plain: Any, kind: type[T]) -> T:
    return typing.cast(T, _convert(plain, kind, kind.__name__ if hasattr(kind, "__name__") else ""))


def _convert(plain: Any, kind: Any, place: str) -> Any:
    kind = getattr(kind, "__supertype__", kind)  # of typing.NewType
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
    made_by = _maker(kind)
    if made_by is None:
        return _checked(plain, kind, place)
    try:
        return made_by(plain)
    except (ValueError, TypeError, AttributeError, ArithmeticError):
        raise ValueError(f"{place}: {plain!r} is not {kind.__name__}") from None


def _maker(kind: Any) -> Callable[[Any], Any] | None:
    """What makes a value of its form in JSON, where that is another one."""
    if kind is Decimal:
        return _decimal
    if kind in (datetime.datetime, datetime.date):
        return typing.cast(Callable[[Any], Any], kind.fromisoformat)
    if kind is uuid.UUID or (isinstance(kind, type) and issubclass(kind, enum.Enum)):
        return typing.cast(Callable[[Any], Any], kind)
    return None


def _decimal(plain: Any) -> Decimal:
    if isinstance(plain, bool):
        raise ValueError
    # of a number what was written, not the nearest binary fraction
    return Decimal(str(plain) if isinstance(plain, float) else plain)


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
        key_kind, value_kind = arguments if len(arguments) > 1 else (Any, Any)
        return {
            _convert_key(key, key_kind, place): _convert(item, value_kind, f"{place}.{key}")
            for key, item in plain.items()
        }
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


def _convert_key(key: str, kind: Any, place: str) -> Any:
    """JSON's names are texts: those of numbers are read."""
    kind = getattr(kind, "__supertype__", kind)
    if kind not in (int, float):
        return _convert(key, kind, place)
    try:
        return kind(key)
    except ValueError:
        raise ValueError(f"{place}: the key {key!r} is not {kind.__name__}") from None


def _convert_dataclass(plain: Any, kind: Any, place: str) -> Any:
    _checked(plain, dict, place)
    hints = typing.get_type_hints(kind)
    given = {}
    for field in dataclasses.fields(kind):
        if not field.init:
            continue
        if field.name in plain:
            given[field.name] = _convert(
                plain[field.name], hints[field.name], f"{place}.{field.name}"
            )
        elif (
            field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        ):
            raise ValueError(f"{place}: {field.name!r} is missing")
    return kind(**given)
