# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The account that the scenarios decide on, and its trial with the given-when-then kit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annals import Decider
from annals.testing import given


@dataclass(frozen=True)
class Deposited:
    amount: int


@dataclass(frozen=True)
class Withdrawn:
    amount: int


@dataclass(frozen=True)
class Deposit:
    amount: int


@dataclass(frozen=True)
class Withdraw:
    amount: int


@dataclass(frozen=True)
class Account:
    balance: int = 0


class Overdrawn(Exception):
    """The balance does not cover it."""


Happening = Deposited | Withdrawn
Command = Deposit | Withdraw


def decide(command: Command, account: Account) -> Sequence[Happening]:
    match command:
        case Deposit(0):
            return []
        case Deposit(amount):
            return [Deposited(amount)]
        case Withdraw(amount) if amount > account.balance:
            raise Overdrawn(f"{amount} is more than {account.balance}")
        case Withdraw(amount):
            return [Withdrawn(amount)]


def evolve(account: Account, event: Happening) -> Account:
    match event:
        case Deposited(amount):
            return Account(account.balance + amount)
        case Withdrawn(amount):
            return Account(account.balance - amount)


ACCOUNT: Decider[Account, Command, Happening] = Decider(
    Account(), decide, evolve, [Deposited, Withdrawn]
)


def prove() -> None:
    """AssertionError where the kit or the account is wrong."""
    given(ACCOUNT, Deposited(10)).when(Withdraw(4)).then(Withdrawn(4)).then_state(Account(6))
    given(ACCOUNT, Deposited(10)).when(Withdraw(11)).then_refused(Overdrawn)
    given(ACCOUNT).when(Deposit(0)).then_nothing()
