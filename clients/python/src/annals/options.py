# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""How a client connects and waits."""

from __future__ import annotations

import math
import random
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import grpc

from annals._arguments import MILLISECONDS_MAX, check_seconds, check_text

Metadata = tuple[tuple[str, str | bytes], ...]

MESSAGE_BYTES_MAX = 17 * 1024 * 1024
CONNECT_SECONDS_MAX = 5


@dataclass(frozen=True)
class Backoff:
    """Pauses between tries: doubling, each shortened at random by up to a half."""

    first_seconds: float = 0.05
    max_seconds: float = 2.0

    def __post_init__(self) -> None:
        """TypeError, ValueError: which field cannot be."""
        most = MILLISECONDS_MAX / 1000
        check_seconds("first_seconds", self.first_seconds, most=most)
        check_seconds("max_seconds", self.max_seconds, most=most)
        if self.max_seconds < self.first_seconds:
            raise ValueError(
                f"max_seconds is {self.max_seconds}: give no less than first_seconds, "
                f"{self.first_seconds}"
            )

    def pause(self, tries: int) -> float:
        """Before the next try, after so many that failed (1 and up)."""
        seconds = min(self.first_seconds * 2.0 ** min(tries - 1, 30), self.max_seconds)
        return seconds * random.uniform(0.5, 1.0)


@dataclass(frozen=True)
class Tls:
    """Encrypts; with none of the fields, by the machine's certificate authorities."""

    authorities: bytes | None = None
    """PEM of the certificate authorities that the server's certificate is checked by."""
    certificate: bytes | None = None
    """PEM of the client's own, where the server asks for one; with `key`."""
    key: bytes | None = None
    server_name: str = ""
    """The name in the server's certificate, where it is not the host's."""

    def __post_init__(self) -> None:
        """TypeError, ValueError: which field is not its PEM, or is missing beside another."""
        _check_pem("tls.authorities", self.authorities, "CERTIFICATE")
        _check_pem("tls.certificate", self.certificate, "CERTIFICATE")
        _check_pem("tls.key", self.key, "PRIVATE KEY")
        check_text("tls.server_name", self.server_name)
        if self.certificate is not None and self.key is None:
            raise ValueError("tls.key is missing: tls.certificate is of no use without its key")
        if self.key is not None and self.certificate is None:
            raise ValueError("tls.certificate is missing: give the one that tls.key belongs to")
        if self.authorities is not None:
            _check_authorities(self.authorities)


def _check_pem(name: str, value: object, label: str) -> None:
    if value is None:
        return
    if not isinstance(value, bytes):
        raise TypeError(f"{name} is a {type(value).__name__}: give the bytes of a PEM file")
    if not re.search(rb"-----BEGIN [A-Z0-9 ]*" + label.encode() + rb"-----", value):
        raise ValueError(f"{name} has no -----BEGIN {label}-----: give the bytes of a PEM file")


def _check_authorities(pem: bytes) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(
            cadata=pem.decode("ascii", "ignore")
        )
    except ssl.SSLError as problem:
        raise ValueError(
            f"tls.authorities cannot be read ({problem.reason or problem}): give the bytes of a "
            "PEM file with certificates"
        ) from None


@dataclass(frozen=True)
class Options:
    """All have good defaults."""

    deadline_seconds: float = 20.0
    """Of each call, its repetitions included. Subscriptions and memberships have none."""
    backoff: Backoff = field(default_factory=Backoff)
    tls: Tls | None = None
    """None: plain text."""
    token: str | Callable[[], str] | None = None
    """Sent with every call as `authorization: Bearer …`; a function is asked each time.

    ValueError where it would travel in plain text: without `tls`, unless `plain_token`. What a
    function raises is raised by the call.
    """
    plain_token: bool = False
    """The token may go without TLS: only where something else encrypts."""
    keep_alive_seconds: float = 10.0
    """A connection with open calls that is silent for so long is probed.

    Below 4 s the server takes it for an attack and ends the connection.
    """
    keep_alive_timeout_seconds: float = 5.0
    """A probe without an answer for so long ends the connection."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Metadata of every call."""
    channel_options: Mapping[str, int | str] = field(default_factory=dict)
    """Of gRPC, over those that follow from the fields above."""

    def __post_init__(self) -> None:
        """TypeError, ValueError: which field cannot be."""
        check_seconds("deadline_seconds", self.deadline_seconds)
        most = MILLISECONDS_MAX / 1000
        check_seconds("keep_alive_seconds", self.keep_alive_seconds, most=most)
        check_seconds("keep_alive_timeout_seconds", self.keep_alive_timeout_seconds, most=most)
        _check_kind("backoff", self.backoff, Backoff)
        if self.tls is not None:
            _check_kind("tls", self.tls, Tls)
        _check_kind("headers", self.headers, Mapping)
        for name, value in self.headers.items():
            _check_header(name, value)
        if self.token is not None and not callable(self.token):
            _check_token(self.token)
        if self.token is not None and self.tls is None and not self.plain_token:
            raise ValueError(
                "token: it would travel in plain text; give tls, or plain_token=True where "
                "something else encrypts"
            )

    def channel_arguments(self) -> list[tuple[str, int | str]]:
        given: dict[str, int | str] = {
            "grpc.max_receive_message_length": MESSAGE_BYTES_MAX,
            "grpc.max_send_message_length": MESSAGE_BYTES_MAX,
            "grpc.keepalive_time_ms": _milliseconds(self.keep_alive_seconds),
            "grpc.keepalive_timeout_ms": _milliseconds(
                self.keep_alive_timeout_seconds
            ),
            # else gRPC waits for a minute, and asks but twice where nothing is sent
            "grpc.http2.ping_timeout_ms": _milliseconds(self.keep_alive_timeout_seconds),
            "grpc.http2.max_pings_without_data": 0,
            "grpc.initial_reconnect_backoff_ms": _milliseconds(
                self.backoff.first_seconds
            ),
            # the time a connection may take to be made, not a pause
            "grpc.min_reconnect_backoff_ms": CONNECT_SECONDS_MAX * 1000,
            "grpc.max_reconnect_backoff_ms": _milliseconds(self.backoff.max_seconds),
            # what is repeated, and how often, is decided here
            "grpc.enable_retries": 0,
            # two clients of one process do not share a connection by accident
            "grpc.use_local_subchannel_pool": 1,
        }
        if self.tls and self.tls.server_name:
            given["grpc.ssl_target_name_override"] = self.tls.server_name
        given.update(self.channel_options)
        return list(given.items())

    def channel_credentials(self) -> grpc.ChannelCredentials | None:
        if self.tls is None:
            return None
        return grpc.ssl_channel_credentials(
            root_certificates=self.tls.authorities,
            private_key=self.tls.key,
            certificate_chain=self.tls.certificate,
        )

    def call_metadata(self) -> Metadata:
        if self.token is None and not self.headers:
            return ()
        found: list[tuple[str, str | bytes]] = [
            (name.lower(), value) for name, value in self.headers.items()
        ]
        if self.token is not None:
            token = self.token
            if not isinstance(token, str):
                token = token()
                _check_token(token)
            found.append(("authorization", f"Bearer {token}"))
        return tuple(found)


def _milliseconds(seconds: float) -> int:
    """0 means another thing to gRPC."""
    return math.ceil(seconds * 1000)


def _check_kind(name: str, value: object, kind: type) -> None:
    if not isinstance(value, kind):
        raise TypeError(f"{name} is {value!r}: give a {kind.__name__}")


def _check_token(value: object) -> None:
    """Its value is a secret: it is not shown."""
    if not isinstance(value, str):
        raise TypeError(f"token is a {type(value).__name__}: give a str, or a function of one")
    if not re.fullmatch(r"[\x21-\x7e]+", value):
        raise ValueError(
            "token is empty, or has a space, a line's end or another character that a header "
            "cannot have: give the bare token"
        )


def _check_header(name: object, value: object) -> None:
    check_text("headers: a name", name)
    if not re.fullmatch(r"[0-9A-Za-z_.-]+", str(name)):
        raise ValueError(
            f"headers: the name {name!r} cannot be: give letters, digits, '-', '_' and '.'"
        )
    if str(name).lower().endswith("-bin"):
        if not isinstance(value, bytes):
            raise TypeError(f"headers[{name!r}] is {value!r}: give bytes, as its name ends in -bin")
        return
    check_text(f"headers[{name!r}]", value)
    if not re.fullmatch(r"[\x20-\x7e]*", str(value)):
        raise ValueError(f"headers[{name!r}] is {value!r}: give printable ASCII")
