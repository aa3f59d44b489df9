# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Given, when, then: tries a decider without a server.

    given(account, Deposited(10)).when(Withdraw(4)).then(Withdrawn(4))
    given(account, Deposited(10)).when(Withdraw(11)).then_refused(Overdrawn)

A mismatch is an AssertionError that shows both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from annals.decider import Decider
from annals.event import Event
from annals.v1 import RecordedEvent

S = TypeVar("S")
C = TypeVar("C")
E = TypeVar("E")


@dataclass(frozen=True)
class Given(Generic[S, C, E]):
    """What happened before."""

    decider: Decider[S, C, E]
    events: Sequence[E]

    def when(self, command: C) -> When[S, C, E]:
        """Events go through their stored form, so that what cannot be stored fails here."""
        state = self.decider.fold([_stored(self.decider, event) for event in self.events])
        try:
            decided = self.decider.decide(command, state)
        except Exception as refusal:
            return When(self.decider, command, state, (), refusal)
        return When(
            self.decider, command, state, [_stored(self.decider, each) for each in decided], None
        )


@dataclass(frozen=True)
class When(Generic[S, C, E]):
    """What a command led to."""

    decider: Decider[S, C, E]
    command: C
    state: S
    events: Sequence[E]
    refusal: Exception | None

    def then(self, *events: E) -> When[S, C, E]:
        """Exactly these events."""
        if self.refusal is not None:
            raise AssertionError(
                f"{self.command!r} was refused: {self.refusal!r}, instead of {list(events)!r}"
            ) from self.refusal
        if list(events) != list(self.events):
            raise AssertionError(
                f"{self.command!r} on {self.state!r} gave {list(self.events)!r}, "
                f"instead of {list(events)!r}"
            )
        return self

    def then_nothing(self) -> When[S, C, E]:
        return self.then()

    def then_state(self, state: S) -> When[S, C, E]:
        """The state after the new events."""
        after = self.decider.fold(self.events, self.state)
        if after != state:
            raise AssertionError(f"{self.command!r} led to {after!r}, instead of {state!r}")
        return self

    def then_refused(self, kind: type[Exception], text: str = "") -> When[S, C, E]:
        """Refused with an error of this kind, whose text has `text` in it."""
        if self.refusal is None:
            raise AssertionError(
                f"{self.command!r} on {self.state!r} gave {list(self.events)!r}, "
                f"instead of {kind.__name__}"
            )
        if not isinstance(self.refusal, kind) or text not in str(self.refusal):
            raise AssertionError(
                f"{self.command!r} was refused with {self.refusal!r}, "
                f"instead of {kind.__name__} {text!r}"
            ) from self.refusal
        return self


def given(decider: Decider[S, C, E], *events: E) -> Given[S, C, E]:
    return Given(decider, events)


def _stored(decider: Decider[S, C, E], event: E) -> E:
    message = decider.encode(event).encode()
    return decider.decode(Event(RecordedEvent(type=message.type, data=message.data)))
