# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""How a client connects and waits."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import grpc

Metadata = tuple[tuple[str, str | bytes], ...]

MESSAGE_BYTES_MAX = 17 * 1024 * 1024
CONNECT_SECONDS_MAX = 5


@dataclass(frozen=True)
class Backoff:
    """Pauses between tries: doubling, each shortened at random by up to a half."""

    first_seconds: float = 0.05
    max_seconds: float = 2.0

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

    ValueError where it would travel in plain text: without `tls`, unless `plain_token`.
    """
    plain_token: bool = False
    """The token may go without TLS: only where something else encrypts."""
    keep_alive_seconds: float = 10.0
    """A connection with open calls that is silent for so long is probed."""
    keep_alive_timeout_seconds: float = 5.0
    """A probe without an answer for so long ends the connection."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Metadata of every call."""
    channel_options: Mapping[str, int | str] = field(default_factory=dict)
    """Of gRPC, over those that follow from the fields above."""

    def __post_init__(self) -> None:
        if self.token is not None and self.tls is None and not self.plain_token:
            raise ValueError(
                "token: it would travel in plain text; give tls, or plain_token=True where "
                "something else encrypts"
            )

    def channel_arguments(self) -> list[tuple[str, int | str]]:
        given: dict[str, int | str] = {
            "grpc.max_receive_message_length": MESSAGE_BYTES_MAX,
            "grpc.max_send_message_length": MESSAGE_BYTES_MAX,
            "grpc.keepalive_time_ms": int(self.keep_alive_seconds * 1000),
            "grpc.keepalive_timeout_ms": int(self.keep_alive_timeout_seconds * 1000),
            "grpc.initial_reconnect_backoff_ms": int(self.backoff.first_seconds * 1000),
            # the time a connection may take to be made, not a pause
            "grpc.min_reconnect_backoff_ms": CONNECT_SECONDS_MAX * 1000,
            "grpc.max_reconnect_backoff_ms": int(self.backoff.max_seconds * 1000),
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
            token = self.token if isinstance(self.token, str) else self.token()
            found.append(("authorization", f"Bearer {token}"))
        return tuple(found)
