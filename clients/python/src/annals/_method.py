# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""A call of annals.v1; all of them are in annals._methods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from google.protobuf.message import Message
Q = TypeVar("Q", bound=Message)
R = TypeVar("R", bound=Message)


@dataclass(frozen=True)
class Method(Generic[Q, R]):
    service: str
    name: str
    request: type[Q]
    response: type[R]

    @property
    def path(self) -> str:
        return f"/annals.v1.{self.service}/{self.name}"
