# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Deciding on a folded stream: load, fold, decide, append, again when somebody was first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from annals.appended import Appended
from annals.event import Event, NewEvent

S = TypeVar("S")
C = TypeVar("C")
E = TypeVar("E")


@dataclass(frozen=True)
class Decider(Generic[S, C, E]):
    """What a thing of the domain is, as pure functions; annals.testing tries it without a server.

    `decide` answers the events that a command makes in a state, perhaps none, or raises an error of
    your own: nothing is appended then.
    """

    initial: S
    decide: Callable[[C, S], Sequence[E]]
    evolve: Callable[[S, E], S]
    events: Mapping[str, type[E]] | Sequence[type[E]]
    """The types of its events: by the name that is stored, or named as their classes."""

    def kinds(self) -> Mapping[str, type[E]]:
        """The classes of its events, by the name that is stored."""
        if isinstance(self.events, Mapping):
            return self.events
        return {kind.__name__: kind for kind in self.events}

    def fold(self, events: Sequence[E], state: S | None = None) -> S:
        """The state after the events, from the initial one or the given one on."""
        folded = self.initial if state is None else state
        for event in events:
            folded = self.evolve(folded, event)
        return folded

    def decode(self, event: Event) -> E:
        """LookupError for an event of a type that is not listed."""
        kind = self.kinds().get(event.type)
        if kind is None:
            raise LookupError(
                f"{event!r}: its type is none of {', '.join(self.kinds())}; "
                "name it in the decider's events"
            )
        return event.into(kind)

    def encode(self, event: E, **fields: Any) -> NewEvent:
        """With those fields of NewEvent. LookupError for an event of a class that is not listed."""
        for name, kind in self.kinds().items():
            if type(event) is kind:
                return NewEvent(name, event, **fields)
        raise LookupError(
            f"{type(event).__name__} is none of the decider's events: {', '.join(self.kinds())}"
        )


@dataclass(frozen=True)
class Decision(Generic[S, E]):
    """What became of a command."""

    events: Sequence[E]
    """New ones; none: there was nothing to do."""
    state: S
    """After them."""
    revision: int | None
    """The stream's last; None: it has no events."""
    appended: Appended | None
    tries: int
