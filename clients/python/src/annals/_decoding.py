# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Makes typed errors of what gRPC says."""

from __future__ import annotations

import re

import grpc
from google.rpc import error_details_pb2, status_pb2

from annals import errors
from annals._failure import AnnalsError, FailedCheck, Retry
from annals.expected import decode_expected
from annals.v1 import Conflict

DOMAIN = "annals"
_STATUS = "grpc-status-details-bin"

# Of failures that never reached the server's catalogue.
_BY_CODE = {
    grpc.StatusCode.UNAVAILABLE: "unavailable",
    # a connection that broke within a message
    grpc.StatusCode.UNKNOWN: "unavailable",
    grpc.StatusCode.DEADLINE_EXCEEDED: "deadline_exceeded",
    # not by the caller: a server that stops resets the calls that are still open
    grpc.StatusCode.CANCELLED: "unavailable",
    grpc.StatusCode.UNIMPLEMENTED: "not_supported",
    grpc.StatusCode.RESOURCE_EXHAUSTED: "limit_exceeded",
    grpc.StatusCode.INVALID_ARGUMENT: "invalid_argument",
    grpc.StatusCode.PERMISSION_DENIED: "not_permitted",
    grpc.StatusCode.UNAUTHENTICATED: "not_permitted",
}


def decode_failure(code: grpc.StatusCode, message: str, trailers: object) -> AnnalsError:
    """`trailers` are the call's trailing metadata, as pairs, or None."""
    reason, metadata, checks = _details(trailers)
    if not reason:
        reason = _BY_CODE.get(code, "internal")
        if code is grpc.StatusCode.INTERNAL and "RST_STREAM" in message:
            reason = "unavailable"
        if code is grpc.StatusCode.UNAVAILABLE and any(each in message for each in _BY_HTTP1):
            return _misaddressed(f"{_NOT_GRPC} (gRPC: {message})")
        if code is grpc.StatusCode.RESOURCE_EXHAUSTED and (sizes := _LARGER.search(message)):
            message += f"; {_TOO_LARGE}"
            metadata = {"field": "message", "value": sizes[1], "limit": sizes[2]}
    return make_failure(reason, message, metadata, checks)


# how gRPC tells that a connection failed because of an HTTP/1 server
_BY_HTTP1 = ("http1.x server", "Failed parsing HTTP/2")
_NOT_GRPC = (
    "what listens there speaks HTTP/1 and no gRPC: give the port of the server's gRPC "
    "(--grpc, 7400 by default), not that of its HTTP"
)
# What gRPC says of a message that it refuses itself.
_LARGER = re.compile(r"larger than max \((\d+) vs\. (\d+)\)")
_TOO_LARGE = "a message has at most 16 MiB of events: append fewer at once, or keep data elsewhere"


def _misaddressed(message: str) -> AnnalsError:
    """No waiting makes a server of gRPC of what listens there."""
    failure = make_failure("unavailable", message, {"field": "address"}, None)
    failure.retry = Retry.NEVER
    return failure


def make_failure(
    reason: str, message: str, metadata: dict[str, str], conflict: Conflict | None
) -> AnnalsError:
    """The class of `reason`; an error that this client is too old to know is an AnnalsError."""
    kind = errors.BY_NAME.get(reason, AnnalsError)
    return kind(
        message,
        name=reason,
        metadata=metadata,
        failed_checks=_decode_checks(conflict) if conflict else (),
    )


def _details(trailers: object) -> tuple[str, dict[str, str], Conflict | None]:
    reason, metadata, conflict = "", dict[str, str](), None
    for key, value in trailers or ():  # type: ignore[attr-defined]
        if key != _STATUS:
            continue
        for detail in status_pb2.Status.FromString(value).details:
            if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
                info = error_details_pb2.ErrorInfo.FromString(detail.value)
                if info.domain == DOMAIN:
                    reason, metadata = info.reason, dict(info.metadata)
            elif detail.Is(Conflict.DESCRIPTOR):
                conflict = Conflict.FromString(detail.value)
    return reason, metadata, conflict


def _decode_checks(conflict: Conflict) -> list[FailedCheck]:
    return [
        FailedCheck(
            check_index=check.check_index,
            stream=check.stream,
            expected=decode_expected(check.expected),
            current_revision=check.current_revision if check.HasField("current_revision") else None,
            is_deleted=check.is_deleted,
            matching_position=check.matching_position or None,
        )
        for check in conflict.failed_checks
    ]
