# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""OpenTelemetry, where opentelemetry-api is installed; nothing happens where it is not.

Calls carry the current trace context in their metadata, appended events keep it, and whoever
handles an event gets a span that is linked to the writer's.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from annals.event import Event

try:
    from opentelemetry import propagate, trace
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
except ImportError:  # an optional package
    propagate = None  # type: ignore[assignment]
    trace = None  # type: ignore[assignment]

TRACER = "annals"


def current() -> dict[str, str]:
    """The current context's headers, empty where there is no span."""
    carrier: dict[str, str] = {}
    if trace is not None and trace.get_current_span().get_span_context().is_valid:
        propagate.inject(carrier)
    return carrier


def context_of(event: Event) -> Any:
    """The writer's context (opentelemetry.context.Context), for a link or as a parent."""
    if trace is None:
        raise RuntimeError("opentelemetry-api is not installed")
    carrier = {"traceparent": event.traceparent, "tracestate": event.tracestate}
    return TraceContextTextMapPropagator().extract(carrier)


def is_recording() -> bool:
    """Whether somebody set up a tracer provider."""
    return trace is not None and not isinstance(
        trace.get_tracer_provider(), (trace.ProxyTracerProvider, trace.NoOpTracerProvider)
    )


@contextlib.contextmanager
def handling(event: Event, consumer: str) -> Iterator[None]:
    """A CONSUMER span around the handling of an event, linked to the span that wrote it.

    A link, not a child: otherwise one trace would last for years.
    """
    if trace is None:
        yield
        return
    links = []
    if event.traceparent:
        span = trace.get_current_span(context_of(event)).get_span_context()
        if span.is_valid:
            links.append(trace.Link(span))
    attributes = {
        "messaging.system": "annals",
        "messaging.operation.type": "process",
        "messaging.destination.name": event.stream,
        "messaging.consumer.group.name": consumer,
        "messaging.message.id": str(event.id),
    }
    with trace.get_tracer(TRACER).start_as_current_span(
        f"process {event.type}",
        kind=trace.SpanKind.CONSUMER,
        links=links,
        attributes=attributes,
    ):
        yield
