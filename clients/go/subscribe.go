// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"
	"errors"
	"io"
	"iter"
	"sync"

	annalsv1 "annals.dev/annals/v1"
)

// subscribing is what a subscription gives, and in what portions.
type subscribing struct {
	selection
	batchMax   uint32
	checkpoint uint32
}

// SubscribeOption says what to subscribe to: a [Select], or [FromEnd], [BatchMax],
// [CheckpointInterval].
type SubscribeOption interface{ subscribe(*subscribing) }

type portion func(*subscribing)

func (o portion) subscribe(s *subscribing) { o(s) }
func (o portion) consume(k *consuming)     { o(&k.subscribing) }

// StreamOption is an option of subscriptions and consumers.
type StreamOption interface {
	SubscribeOption
	ConsumerOption
}

// FromEnd gives only what comes from now on.
func FromEnd() StreamOption { return portion(func(s *subscribing) { s.start = start{fromEnd: true} }) }

// BatchMax is how many events a batch has at most; 100 without it.
func BatchMax(events uint32) StreamOption {
	return portion(func(s *subscribing) { s.batchMax = events })
}

// CheckpointInterval is after how many positions without a match the place moves on; 10,000
// without it.
func CheckpointInterval(positions uint32) StreamOption {
	return portion(func(s *subscribing) { s.checkpoint = positions })
}

// Batch is what a subscription gives at once: events, or only a new place.
type Batch struct {
	Events []Event
	// Position is where to go on from ([After]): everything up to it was given, or did not match.
	Position Token
	// IsLive says that history ends here: what follows is new.
	IsLive bool
	// Removed tells what was passed over since the batch before, up to Position, before the last of
	// Events.
	Removed []Removed
}

// Subscription gives history, then what is appended, until its context ends. It outlives broken
// connections and restarts of the server: it goes on behind the last batch it gave, so that nothing
// is lost and nothing doubled. One goroutine ranges over it; the other methods are for any.
type Subscription struct {
	client *Client
	chosen subscribing
	failed func(error) // hears of each broken connection; may be nil

	mutex      sync.Mutex
	position   Token
	isLive     bool
	reconnects uint64
}

// Subscribe prepares a subscription; ranging over it begins it.
//
//	for event, err := range client.Subscribe(annals.Categories("order")).Events(ctx) { … }
func (c *Client) Subscribe(options ...SubscribeOption) *Subscription {
	var chosen subscribing
	for _, option := range options {
		option.subscribe(&chosen)
	}
	return newSubscription(c, chosen)
}

func newSubscription(client *Client, chosen subscribing) *Subscription {
	return &Subscription{client: client, chosen: chosen, position: chosen.start.after}
}

// Position is where the subscription has come to: the token of the last batch given. Empty before
// the first.
func (s *Subscription) Position() Token {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.position
}

// IsLive says that history was given and what comes is new.
func (s *Subscription) IsLive() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.isLive
}

// Reconnects counts how often the subscription was begun again.
func (s *Subscription) Reconnects() uint64 {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.reconnects
}

// Events gives one event after the other. It ends with an error: of the context, or one that
// trying again does not mend. Leaving the loop ends the subscription; going on with another one
// [After] Position repeats the rest of a batch that was left.
func (s *Subscription) Events(ctx context.Context) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for batch, err := range s.Batches(ctx) {
			if err != nil {
				yield(Event{}, err)
				return
			}
			for index := range batch.Events {
				if !yield(batch.Events[index], nil) {
					return
				}
			}
		}
	}
}

// Batches gives events as they come, many at a time, and batches without events that only move the
// place on. Ends as Events does.
func (s *Subscription) Batches(ctx context.Context) iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) {
		for attempt := 0; ; attempt++ {
			isStopped, err := s.receive(ctx, func(batch Batch) bool {
				attempt = -1
				return yield(batch, nil)
			})
			if isStopped {
				return
			}
			if ctx.Err() == nil && s.failed != nil {
				s.failed(err)
			}
			if ctx.Err() != nil || !isTransient(err) ||
				!s.client.backOff(ctx, "Subscribe", max(attempt, 0), err) {
				yield(Batch{}, err)
				return
			}
			s.mutex.Lock()
			s.reconnects++
			s.isLive = false
			s.mutex.Unlock()
		}
	}
}

// receive is the life of one connection.
func (s *Subscription) receive(ctx context.Context, take func(Batch) bool) (bool, error) {
	if err := s.fixEnd(ctx); err != nil {
		return false, err
	}
	receiving, cancel := context.WithCancel(s.client.traced(ctx))
	defer cancel()
	call, err := s.client.events.Subscribe(receiving, s.request())
	if err != nil {
		return false, errorIn(ctx, "Subscribe", err)
	}
	for {
		response, err := call.Recv()
		if errors.Is(err, io.EOF) {
			return false, &Error{Code: ErrUnavailable, Operation: "Subscribe",
				Message: "the server ended the subscription"}
		}
		if err != nil {
			return false, errorIn(ctx, "Subscribe", err)
		}
		if ctx.Err() != nil { // what arrived before the end is not given after it
			return false, errorOf("Subscribe", statusOf(ctx.Err()))
		}
		if !take(s.batchOf(response)) {
			return true, nil
		}
	}
}

// fixEnd turns "from now on" into a place, so that a connection that breaks before the first event
// does not move it.
func (s *Subscription) fixEnd(ctx context.Context) error {
	if !s.chosen.start.fromEnd || s.Position() != "" {
		return nil
	}
	info, err := s.client.Info(ctx)
	if err != nil {
		return err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.position = info.Position
	return nil
}

func (s *Subscription) batchOf(response *annalsv1.SubscribeResponse) Batch {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	switch response.GetMark() {
	case annalsv1.SubscribeResponse_MARK_CAUGHT_UP:
		s.isLive = true
	case annalsv1.SubscribeResponse_MARK_FELL_BEHIND:
		s.isLive = false
	}
	if response.GetPosition() != "" {
		s.position = Token(response.GetPosition())
	}
	return Batch{Events: eventsOf(s.client.namespace, response.GetEvents()), Position: s.position,
		IsLive: s.isLive, Removed: removedOf(response.GetRemoved())}
}

func (s *Subscription) request() *annalsv1.SubscribeRequest {
	request := &annalsv1.SubscribeRequest{Namespace: s.client.namespace, Stream: s.chosen.stream,
		Filter: s.chosen.filter, BatchEventsMax: s.chosen.batchMax,
		CheckpointInterval: s.chosen.checkpoint}
	position := s.Position()
	switch start := s.chosen.start; {
	case position != "":
		request.Start = &annalsv1.SubscribeRequest_After{After: string(position)}
	case start.fromRevision != nil:
		request.Start = &annalsv1.SubscribeRequest_FromRevision{FromRevision: *start.fromRevision}
	case start.fromPosition != nil:
		request.Start = &annalsv1.SubscribeRequest_FromPosition{FromPosition: *start.fromPosition}
	case start.fromTime != nil:
		request.Start = &annalsv1.SubscribeRequest_FromTimeNs{FromTimeNs: *start.fromTime}
	}
	return request
}
