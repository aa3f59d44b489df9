// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"

	"google.golang.org/grpc/metadata"
)

// TraceContext is a W3C trace context: the texts of traceparent and tracestate.
type TraceContext struct{ Parent, State string }

// Tracing joins calls and events with traces. Package annalsotel has one for OpenTelemetry; with
// none, the context of [ContextWithTrace] is taken. Any goroutine.
type Tracing interface {
	// Current is the trace context of ctx, or an empty one.
	Current(ctx context.Context) TraceContext
	// StartAppend begins the span of an append; end gets what became of it.
	StartAppend(ctx context.Context, stream string) (traced context.Context, end func(error))
	// StartHandle begins the span in which events are handled, linked to the spans of their
	// writers.
	StartHandle(ctx context.Context, consumer string, events []Event) (context.Context, func(error))
}

type traceKey struct{}

// ContextWithTrace gives ctx a trace context, which calls put into gRPC metadata and appends into
// their events. For programs without a tracing library.
func ContextWithTrace(ctx context.Context, trace TraceContext) context.Context {
	return context.WithValue(ctx, traceKey{}, trace)
}

// TraceOf is what [ContextWithTrace] gave.
func TraceOf(ctx context.Context) TraceContext {
	trace, _ := ctx.Value(traceKey{}).(TraceContext)
	return trace
}

type plainTracing struct{}

func (plainTracing) Current(ctx context.Context) TraceContext { return TraceOf(ctx) }

func (plainTracing) StartAppend(ctx context.Context, _ string) (context.Context, func(error)) {
	return ctx, func(error) {}
}

func (plainTracing) StartHandle(ctx context.Context, _ string, _ []Event) (
	context.Context, func(error)) {
	return ctx, func(error) {}
}

// traced puts the context's trace into the call's metadata.
func (c *Client) traced(ctx context.Context) context.Context {
	trace := c.options.tracing.Current(ctx)
	if trace.Parent == "" {
		return ctx
	}
	ctx = metadata.AppendToOutgoingContext(ctx, "traceparent", trace.Parent)
	if trace.State != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "tracestate", trace.State)
	}
	return ctx
}
