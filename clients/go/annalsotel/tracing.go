// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

// Package annalsotel joins the annals client with OpenTelemetry:
//
//	client, err := annals.Connect(address, annals.WithTracing(annalsotel.New()))
//
// Calls carry the trace of their context in gRPC metadata. Appends are spans of kind PRODUCER, and
// their events keep their trace. Handling events is a span of kind CONSUMER, linked to the spans of
// their writers: as their child it would make one trace of years.
package annalsotel

import (
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"annals.dev/annals"
)

const (
	scope    = "annals.dev/annals/annalsotel"
	linksMax = 128 // what OpenTelemetry keeps of a span's links
)

// Option is a setting.
type Option func(*tracing)

// WithTracerProvider takes spans from here instead of the global provider.
func WithTracerProvider(provider trace.TracerProvider) Option {
	return func(t *tracing) { t.provider = provider }
}

// New is for annals.WithTracing. Any goroutine.
func New(options ...Option) annals.Tracing {
	t := &tracing{provider: otel.GetTracerProvider()}
	for _, option := range options {
		option(t)
	}
	t.tracer = t.provider.Tracer(scope)
	return t
}

// ContextOf is ctx with the span of an event's writer as the remote parent: for programs that want
// to go on with the writer's trace.
func ContextOf(ctx context.Context, event annals.Event) context.Context {
	return propagation.TraceContext{}.Extract(ctx, carrier(event.Trace))
}

type tracing struct {
	provider trace.TracerProvider
	tracer   trace.Tracer
}

func carrier(context annals.TraceContext) propagation.MapCarrier {
	return propagation.MapCarrier{"traceparent": context.Parent, "tracestate": context.State}
}

func (t *tracing) Current(ctx context.Context) annals.TraceContext {
	into := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, into)
	return annals.TraceContext{Parent: into["traceparent"], State: into["tracestate"]}
}

func (t *tracing) StartAppend(
	ctx context.Context, stream string,
) (context.Context, func(error)) {
	ctx, span := t.tracer.Start(ctx, "annals append", trace.WithSpanKind(trace.SpanKindProducer),
		trace.WithAttributes(attribute.String("messaging.system", "annals"),
			attribute.String("messaging.destination.name", stream)))
	return ctx, func(err error) { end(span, err) }
}

func (t *tracing) StartHandle(
	ctx context.Context, consumer string, events []annals.Event,
) (context.Context, func(error)) {
	var links []trace.Link
	for index := range events {
		writer := trace.SpanContextFromContext(ContextOf(context.Background(), events[index]))
		if writer.IsValid() && len(links) < linksMax {
			links = append(links, trace.Link{SpanContext: writer})
		}
	}
	ctx, span := t.tracer.Start(ctx, "annals handle", trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithLinks(links...),
		trace.WithAttributes(attribute.String("messaging.system", "annals"),
			attribute.String("messaging.consumer.group.name", consumer),
			attribute.Int("messaging.batch.message_count", len(events))))
	return ctx, func(err error) { end(span, err) }
}

func end(span trace.Span, err error) {
	if err != nil {
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error())
	}
	span.End()
}
