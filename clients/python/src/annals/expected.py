# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What a stream must be like for an append to be made."""

from __future__ import annotations

from typing import Literal

from annals.v1 import ExpectedRevision

Expected = int | Literal["any", "no_stream", "exists", "deleted"]
"""A revision: that of the stream's last event. `no_stream`: never written to, or softly deleted.
`exists`: it has events. `deleted`: softly or for ever. `any`: no check."""


def encode_expected(expected: Expected) -> ExpectedRevision:
    """ValueError for a word that is none of these, or a negative revision."""
    if isinstance(expected, int):
        if not 0 <= expected < 2**64:
            raise ValueError(
                f"expected is {expected}: give a revision from 0 to 2**64 - 1, or 'no_stream'"
            )
        return ExpectedRevision(revision=expected)
    match expected:
        case "any":
            return ExpectedRevision(any=True)
        case "no_stream":
            return ExpectedRevision(no_stream=True)
        case "exists":
            return ExpectedRevision(exists=True)
        case "deleted":
            return ExpectedRevision(deleted=True)
    raise ValueError(
        f"expected is {expected!r}: give 'any', 'no_stream', 'exists', 'deleted' or a revision"
    )


def decode_expected(message: ExpectedRevision) -> Expected | None:
    match message.WhichOneof("expected"):
        case "revision":
            return message.revision
        case "any":
            return "any"
        case "no_stream":
            return "no_stream"
        case "exists":
            return "exists"
        case "deleted":
            return "deleted"
    return None
