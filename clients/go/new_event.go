// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	annalsv1 "annals.dev/annals/v1"
)

// NewEvent is an event that is proposed. Only Type must be given.
type NewEvent struct {
	// Stream to append to, where the append names none.
	Stream string
	// ID of the event within its stream; zero: a UUIDv7 is made.
	ID   ID
	Type string
	// JSON is marshalled into Data when it is not nil.
	JSON any
	Data []byte
	// ContentType of Data; empty means application/json.
	ContentType string
	Metadata    []byte
	// Tags are indexed labels, each "key:value".
	Tags          []string
	Actor         string
	CorrelationID string
	CausationID   string
	// Trace is the context of the writer; empty: that of the call's context (see [WithTracing]).
	Trace    TraceContext
	SchemaID uint32
	// ValidTime is when it happened; zero: nothing is said about that.
	ValidTime time.Time
}

// CausedBy gives the event the correlation id of another one, and that one's id as its cause.
func (e NewEvent) CausedBy(cause Event) NewEvent {
	e.CorrelationID = cause.CorrelationID
	if e.CorrelationID == "" {
		e.CorrelationID = cause.ID.String()
	}
	e.CausationID = cause.ID.String()
	return e
}

// NewID makes a UUIDv7: ids made later are greater.
func NewID() ID {
	var id ID
	var now [8]byte
	binary.BigEndian.PutUint64(now[:], uint64(time.Now().UnixMilli()))
	_, _ = rand.Read(id[6:]) // never fails: crypto/rand ends the program instead
	copy(id[:6], now[2:])
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id
}

func (e *NewEvent) proto(index int, trace TraceContext, hasKey bool) (*annalsv1.NewEvent, error) {
	message := &annalsv1.NewEvent{
		Stream:        e.Stream,
		Type:          e.Type,
		ContentType:   e.ContentType,
		SchemaId:      e.SchemaID,
		Actor:         e.Actor,
		CorrelationId: e.CorrelationID,
		CausationId:   e.CausationID,
		Traceparent:   e.Trace.Parent,
		Tracestate:    e.Trace.State,
		Tags:          e.Tags,
		Metadata:      e.Metadata,
		Data:          e.Data,
	}
	if e.Trace == (TraceContext{}) {
		message.Traceparent, message.Tracestate = trace.Parent, trace.State
	}
	switch {
	case !e.ID.IsZero():
		message.Id = append([]byte(nil), e.ID[:]...)
	case !hasKey:
		id := NewID()
		message.Id = id[:]
	}
	if e.JSON != nil {
		field := fmt.Sprintf("events[%d].JSON", index)
		if e.Data != nil {
			return nil, refuse("Append", field, field+" is given beside Data: give one of them")
		}
		data, err := json.Marshal(e.JSON)
		if err != nil {
			failure := refuse("Append", field, fmt.Sprintf("%s: %v", field, err))
			failure.causes = []error{err}
			return nil, failure
		}
		message.Data = data
	}
	if !e.ValidTime.IsZero() {
		nanoseconds := e.ValidTime.UnixNano()
		message.ValidTimeNs = &nanoseconds
		_, seconds := e.ValidTime.Zone()
		minutes := int32(seconds / 60)
		message.ValidTimeOffsetMinutes = &minutes
	}
	return message, nil
}
