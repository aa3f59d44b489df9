# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Holds what came against what a step says must come."""

from annals import AnnalsError


class Mismatch(Exception):
    """A step did not give what it must."""


def expect(wanted, got, place="gives"):
    """What `wanted` names must be equal; lists must have its length."""
    if isinstance(wanted, dict):
        if not isinstance(got, dict):
            raise Mismatch(f"{place}: {got!r} instead of {wanted!r}")
        for name, value in wanted.items():
            if name not in got:
                raise Mismatch(f"{place}.{name}: is not there, only {sorted(got)}")
            expect(value, got[name], f"{place}.{name}")
    elif isinstance(wanted, list):
        if not isinstance(got, (list, tuple)) or len(got) != len(wanted):
            raise Mismatch(f"{place}: {got!r} instead of {wanted!r}")
        for at, (one, other) in enumerate(zip(wanted, got)):
            expect(one, other, f"{place}[{at}]")
    elif wanted != got or isinstance(wanted, bool) != isinstance(got, bool):
        raise Mismatch(f"{place}: {got!r} instead of {wanted!r}")


def describe_error(error: AnnalsError):
    """A typed error's own fields, as `error` names them."""
    return {
        "name": error.name,
        "retry": error.retry.value,
        "metadata": dict(error.metadata),
        "failed_checks": [
            {
                "check_index": check.check_index,
                "stream": check.stream,
                "expected": check.expected,
                "current_revision": check.current_revision,
                "matching_position": check.matching_position,
            }
            for check in error.failed_checks
        ],
    }


def describe_event(event):
    return {
        "stream": event.stream,
        "revision": event.revision,
        "position": event.position,
        "type": event.type,
        "data": event.json(),
        "tags": list(event.tags),
    }


def describe_events(events, only):
    """All of them, or with `numbers` first, last and count of what must be an unbroken row."""
    if only != "numbers":
        return {"events": [describe_event(event) for event in events]}
    numbers = [event.json()["number"] for event in events]
    if not numbers:
        return {"count": 0}
    step = -1 if numbers[0] > numbers[-1] else 1
    for before, after in zip(numbers, numbers[1:]):
        if after != before + step:
            raise Mismatch(f"{after} comes after {before}: not an unbroken row")
    return {"first": numbers[0], "last": numbers[-1], "count": len(numbers)}
