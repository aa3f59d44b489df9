// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annalsotel_test

import (
	"context"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"
	"go.opentelemetry.io/otel/trace/noop"

	"annals.dev/annals"
	"annals.dev/annals/annalsotel"
	"annals.dev/annals/internal/testserver"
)

// recorder is a tracer that remembers what was started, with ids that count.
type recorder struct {
	embedded.Tracer
	mutex sync.Mutex
	spans []*span
}

type span struct {
	noop.Span
	name    string
	own     trace.SpanContext
	parent  trace.SpanContext
	config  trace.SpanConfig
	errors  int
	isEnded bool
}

func (s *span) SpanContext() trace.SpanContext          { return s.own }
func (s *span) RecordError(error, ...trace.EventOption) { s.errors++ }
func (s *span) End(...trace.SpanEndOption)              { s.isEnded = true }

// provider gives the recorder.
type provider struct {
	embedded.TracerProvider
	tracer trace.Tracer
}

func (p provider) Tracer(string, ...trace.TracerOption) trace.Tracer { return p.tracer }

func (r *recorder) Start(
	ctx context.Context, name string, options ...trace.SpanStartOption,
) (context.Context, trace.Span) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	parent := trace.SpanContextFromContext(ctx)
	number := byte(len(r.spans) + 1)
	traceID := trace.TraceID{15: number}
	if parent.IsValid() {
		traceID = parent.TraceID()
	}
	started := &span{name: name, parent: parent, config: trace.NewSpanStartConfig(options...),
		own: trace.NewSpanContext(trace.SpanContextConfig{TraceID: traceID,
			SpanID: trace.SpanID{7: number}, TraceFlags: trace.FlagsSampled})}
	r.spans = append(r.spans, started)
	return trace.ContextWithSpan(ctx, started), started
}

func TestTracesGoFromWriterToHandler(t *testing.T) {
	spans := &recorder{}
	client := testserver.Start(t).Connect(t,
		annals.WithTracing(annalsotel.New(annalsotel.WithTracerProvider(provider{tracer: spans}))))
	request, _ := spans.Start(t.Context(), "request")
	if _, err := client.Append(request, "order-1", []annals.NewEvent{{Type: "A"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Append(request, "order-1", []annals.NewEvent{{Type: "A"}},
		annals.Expect(annals.NoStream)); err == nil {
		t.Fatal("the second append was not refused")
	}

	ctx, stop := context.WithCancel(t.Context())
	var event annals.Event
	var within trace.SpanContext
	err := client.Consumer("billing").Run(ctx, func(ctx context.Context, got annals.Event) error {
		event, within = got, trace.SpanContextFromContext(ctx)
		stop()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}

	appending, refused, handling := spans.spans[1], spans.spans[2], spans.spans[3]
	if appending.name != "annals append" ||
		appending.config.SpanKind() != trace.SpanKindProducer ||
		appending.parent.SpanID() != spans.spans[0].own.SpanID() || !appending.isEnded {
		t.Fatalf("the append's span is %+v", appending)
	}
	if refused.errors != 1 || appending.errors != 0 {
		t.Fatalf("errors: %d and %d, want 1 and 0", refused.errors, appending.errors)
	}
	writer := trace.SpanContextFromContext(annalsotel.ContextOf(context.Background(), event))
	if writer.TraceID() != appending.own.TraceID() || writer.SpanID() != appending.own.SpanID() ||
		!writer.IsRemote() {
		t.Fatalf("the event has the trace %+v, want that of %+v", writer, appending.own)
	}
	if handling.config.SpanKind() != trace.SpanKindConsumer || handling.parent.IsValid() ||
		len(handling.config.Links()) != 1 ||
		handling.config.Links()[0].SpanContext.SpanID() != appending.own.SpanID() {
		t.Fatalf("the handler's span is %+v", handling)
	}
	if within.SpanID() != handling.own.SpanID() {
		t.Fatalf("the handler ran in %+v, want %+v", within, handling.own)
	}
}
