// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package decide

import (
	"context"
	"errors"

	"annals.dev/annals"
)

const defaultAttempts = 20

// Handler decides commands on streams of a server. Any goroutine.
type Handler[S, C, E any] struct {
	decider Decider[S, C, E]
	types   *Types[E]
}

// On joins a decider with the names of its events.
func On[S, C, E any](decider Decider[S, C, E], types *Types[E]) *Handler[S, C, E] {
	return &Handler[S, C, E]{decider, types}
}

// Loaded is a stream, folded.
type Loaded[S any] struct {
	State S
	// Revision of its last event; it means nothing unless IsThere.
	Revision annals.Revision
	IsThere  bool
}

// Decision is what became of a command.
type Decision[S, E any] struct {
	// Events that were decided and appended; none: there was nothing to do.
	Events []E
	// State after them.
	State S
	// Revision of the stream's last event; it means nothing unless IsThere.
	Revision annals.Revision
	IsThere  bool
	// Appended is the server's answer, where there were events.
	Appended annals.Appended
	// Tries counts the times it was decided: more than one where somebody else was first.
	Tries int
}

// Option is an option of Handle.
type Option func(*handling)

type handling struct {
	attempts int
	complete func(*annals.NewEvent)
}

// Attempts is how often it is decided at the most when others are first, the first time included:
// 1 or more; 20 without it.
func Attempts(most int) Option { return func(h *handling) { h.attempts = most } }

// Complete fills in what events carry beside their data: actor, correlation, tags.
func Complete(complete func(event *annals.NewEvent)) Option {
	return func(h *handling) { h.complete = complete }
}

// Load folds a stream; one that is not there has the initial state.
func (h *Handler[S, C, E]) Load(
	ctx context.Context, client *annals.Client, stream string,
) (Loaded[S], error) {
	loaded := Loaded[S]{State: h.decider.initial()}
	for event, err := range client.ReadStream(ctx, stream) {
		if errors.Is(err, annals.ErrStreamNotFound) {
			return loaded, nil
		}
		if err != nil {
			return loaded, err
		}
		typed, err := h.types.Decode(event)
		if err != nil {
			return loaded, err
		}
		loaded.State = h.decider.Evolve(loaded.State, typed)
		loaded.Revision, loaded.IsThere = event.Revision, true
	}
	if loaded.IsThere {
		return loaded, nil
	}
	// all of its events are hidden: revisions go on behind them
	page, err := client.ReadPage(ctx, annals.Stream(stream), annals.Backwards(), annals.Limit(1))
	switch {
	case errors.Is(err, annals.ErrStreamNotFound):
		return loaded, nil
	case err != nil:
		return loaded, err
	case len(page.Events) > 0: // somebody was first, between the two reads
		return h.Load(ctx, client, stream)
	}
	loaded.Revision, loaded.IsThere = page.LastRevision, page.HasRevision
	return loaded, nil
}

// Handle decides a command on a stream. Somebody else's append in between makes it begin again;
// errors of Decide come back as they are.
func (h *Handler[S, C, E]) Handle(
	ctx context.Context, client *annals.Client, stream string, command C, options ...Option,
) (Decision[S, E], error) {
	chosen := handling{attempts: defaultAttempts}
	for _, option := range options {
		option(&chosen)
	}
	var decision Decision[S, E]
	tries := 0
	err := client.RetryOnConflict(ctx, chosen.attempts, func(ctx context.Context) (err error) {
		tries++
		decision, err = h.once(ctx, client, stream, command, chosen.complete)
		decision.Tries = tries
		return err
	})
	return decision, err
}

func (h *Handler[S, C, E]) once(
	ctx context.Context, client *annals.Client, stream string, command C,
	complete func(*annals.NewEvent),
) (Decision[S, E], error) {
	loaded, err := h.Load(ctx, client, stream)
	if err != nil {
		return Decision[S, E]{}, err
	}
	decision := Decision[S, E]{State: loaded.State, Revision: loaded.Revision,
		IsThere: loaded.IsThere}
	if decision.Events, err = h.decider.Decide(command, loaded.State); err != nil ||
		len(decision.Events) == 0 {
		return decision, err
	}
	var events []annals.NewEvent
	for _, event := range decision.Events {
		encoded, err := h.types.Encode(event)
		if err != nil {
			return decision, err
		}
		if complete != nil {
			complete(&encoded)
		}
		events = append(events, encoded)
		decision.State = h.decider.Evolve(decision.State, event)
	}
	expected := annals.NoStream
	if loaded.IsThere {
		expected = annals.At(loaded.Revision)
	}
	decision.Appended, err = client.Append(ctx, stream, events, annals.Expect(expected))
	if err == nil {
		decision.Revision, decision.IsThere = decision.Appended.LastRevision(), true
	}
	return decision, err
}
