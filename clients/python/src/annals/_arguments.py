# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Arguments that cannot be are refused by their names, before anything is sent.

TypeError: of another type. ValueError: of the right one, with a value that cannot be.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

M = TypeVar("M", bound=Message)

PORT_MAX = 65_535
MILLISECONDS_MAX = 2**31 - 1

# what protobuf answers to a value that a field cannot have, without the field's name
MISFITS = (TypeError, ValueError, AttributeError, OverflowError)

_WHOLE = {
    FieldDescriptor.TYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.TYPE_UINT64: (0, 2**64 - 1),
}


def check_text(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{name} is {value!r}: give a str")
    if value.isascii():
        return
    try:
        value.encode()
    except UnicodeEncodeError as problem:
        raise ValueError(
            f"{name} is {value!r}: {value[problem.start]!r} has no form in UTF-8; leave it out"
        ) from None


def check_texts(name: str, value: object) -> None:
    """A str is a sequence of its characters: never what is meant."""
    if isinstance(value, str):
        raise TypeError(f"{name} is the str {value!r}: give a list of them, [{value!r}]")
    if not isinstance(value, Collection) or isinstance(value, (bytes, bytearray, Mapping)):
        raise TypeError(f"{name} is {value!r}: give a list of str")
    for at, each in enumerate(value):
        check_text(f"{name}[{at}]", each)


def check_whole(name: str, value: object, least: int, most: int) -> None:
    if not isinstance(value, int):
        raise TypeError(f"{name} is {value!r}: give an int")
    if not least <= value <= most:
        raise ValueError(f"{name} is {value}: give a whole number from {least} to {most}")


def check_tries(value: object) -> None:
    """The first counts."""
    check_whole("tries_max", value, 1, 2**31 - 1)


def check_positions(name: str, value: object) -> None:
    if not isinstance(value, Collection) or isinstance(value, (str, bytes, bytearray, Mapping)):
        raise TypeError(f"{name} is {value!r}: give a list of positions")
    for at, each in enumerate(value):
        check_whole(f"{name}[{at}]", each, *_WHOLE[FieldDescriptor.TYPE_UINT64])


def check_seconds(name: str, value: object, *, most: float = math.inf) -> None:
    """More than none, and an end."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name} is {value!r}: give seconds, as a number")
    if not (0 < value < math.inf and value <= most):
        bound = "" if most == math.inf else f" and at most {most:g}"
        raise ValueError(f"{name} is {value}: give seconds, more than 0{bound}")


def check_number(name: str, value: object) -> None:
    """Seconds that may be none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name} is {value!r}: give seconds, as a number")
    if not value >= 0:
        raise ValueError(f"{name} is {value}: give seconds, 0 or more")


def check_time(name: str, value: object) -> None:
    if not isinstance(value, datetime.datetime):
        raise TypeError(f"{name} is {value!r}: give a datetime.datetime")


def check_callable(name: str, value: object) -> None:
    if not callable(value):
        raise TypeError(f"{name} is {value!r}: give a function")


def made(kind: type[M], **fields: Any) -> M:
    """A message of these fields. Which of them cannot be is looked for only after it failed."""
    try:
        return kind(**fields)
    except MISFITS:
        for name, value in fields.items():
            _check_field(kind, name, value)
        raise


def assign(message: Message, name: str, value: object) -> None:
    """Sets a field of a message, as made() does."""
    try:
        setattr(message, name, value)
    except MISFITS:
        _check_field(type(message), name, value)
        raise


def _check_field(kind: type[Message], name: str, value: object) -> None:
    field = kind.DESCRIPTOR.fields_by_name.get(name)
    if field is None:
        known = ", ".join(sorted(kind.DESCRIPTOR.fields_by_name))
        raise ValueError(f"there is no {name}: give one of {known}")
    is_single = isinstance(getattr(kind(), name), (str, int))
    if value is None and is_single:
        return  # not given
    if field.type == FieldDescriptor.TYPE_STRING:
        (check_text if is_single else check_texts)(name, value)
    elif field.type in _WHOLE and is_single:
        check_whole(name, value, *_WHOLE[field.type])
    elif field.type == FieldDescriptor.TYPE_BOOL and not isinstance(value, int):
        raise TypeError(f"{name} is {value!r}: give True or False")


# names that gRPC reads by itself; the rest of the address is theirs
_OWN_SCHEMES = ("unix:", "unix-abstract:", "vsock:", "xds:")
_SCHEMES = ("dns:", "ipv4:", "ipv6:")


def check_address(name: str, value: object) -> None:
    """`host:port`, or one of gRPC's own names of a server."""
    check_text(name, value)
    assert isinstance(value, str)
    if value.startswith(("http://", "https://")):
        raise ValueError(
            f"{name} is {value!r}, a URL: give host:port of the server's gRPC (--grpc), "
            "without http://; options.tls encrypts"
        )
    if value.startswith(_OWN_SCHEMES):
        return
    scheme = next((each for each in _SCHEMES if value.startswith(each)), "")
    for each in value[len(scheme) :].split(","):
        _check_host_and_port(name, value, each.rpartition("/")[2])


def _check_host_and_port(name: str, value: str, part: str) -> None:
    found = re.fullmatch(r"(?:\[[^\[\]\s]+\]|[^:\[\]\s]+):([0-9]+)", part)
    if found is None:
        raise ValueError(f"{name} is {value!r}: give host:port, for example 127.0.0.1:7400")
    if not 1 <= int(found[1]) <= PORT_MAX:
        raise ValueError(f"{name} is {value!r}: its port is {found[1]}; give 1 to {PORT_MAX}")
