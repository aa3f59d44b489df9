// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"encoding/json"
	"fmt"
	"time"

	annalsv1 "annals.dev/annals/v1"
)

// Event is a stored event. It never changes; its byte slices are the reader's own.
type Event struct {
	// Namespace that it was read from; empty: the default one.
	Namespace string
	Stream    string
	ID        ID
	Type      string
	// ContentType of Data; empty means application/json.
	ContentType string
	Data        []byte
	// Metadata is the writer's own, opaque.
	Metadata []byte
	// Tags are indexed labels, each "key:value".
	Tags          []string
	Actor         string
	CorrelationID string
	CausationID   string
	// Trace is the context of the writer.
	Trace    TraceContext
	SchemaID uint32
	// ValidTime is when it happened, as its source says; zero where the source said nothing.
	ValidTime time.Time
	// RecordedTime is when it was stored; it never falls from one position to the next.
	RecordedTime time.Time
	Position     Position
	Revision     Revision
}

// Tracking says, in the append of what follows from this event ([Track]), that the consumer has
// handled it: that append is stored once, a later one is refused with [ErrAlreadyTracked]. For
// consumers, which handle events by position; members of a group use [Delivery.Tracking].
func (e *Event) Tracking(consumer string) Tracking {
	source := e.Namespace
	if source == "" {
		source = "default"
	}
	return Tracking{Source: source, Consumer: consumer, Position: e.Position}
}

// Decode reads Data, a JSON text, into what the pointer points to.
func (e *Event) Decode(into any) error {
	if err := json.Unmarshal(e.Data, into); err != nil {
		return fmt.Errorf("%s at revision %d of %s: %w", e.Type, e.Revision, e.Stream, err)
	}
	return nil
}

func eventOf(namespace string, message *annalsv1.RecordedEvent) Event {
	event := Event{
		Namespace:     namespace,
		Stream:        message.GetStream(),
		Type:          message.GetType(),
		ContentType:   message.GetContentType(),
		Data:          message.GetData(),
		Metadata:      message.GetMetadata(),
		Tags:          message.GetTags(),
		Actor:         message.GetActor(),
		CorrelationID: message.GetCorrelationId(),
		CausationID:   message.GetCausationId(),
		Trace:         TraceContext{Parent: message.GetTraceparent(), State: message.GetTracestate()},
		SchemaID:      message.GetSchemaId(),
		RecordedTime:  time.Unix(0, message.GetRecordedTimeNs()),
		Position:      Position(message.GetPosition()),
		Revision:      Revision(message.GetRevision()),
	}
	copy(event.ID[:], message.GetId())
	if message.ValidTimeNs != nil {
		event.ValidTime = time.Unix(0, message.GetValidTimeNs())
		if message.ValidTimeOffsetMinutes != nil {
			seconds := int(message.GetValidTimeOffsetMinutes()) * 60
			event.ValidTime = event.ValidTime.In(time.FixedZone("", seconds))
		}
	}
	return event
}

func eventsOf(namespace string, messages []*annalsv1.RecordedEvent) []Event {
	if len(messages) == 0 {
		return nil
	}
	events := make([]Event, len(messages))
	for index, message := range messages {
		events[index] = eventOf(namespace, message)
	}
	return events
}
