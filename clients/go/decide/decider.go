// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

// Package decide makes decisions on streams: load a stream, fold its events to a state, decide a
// command, append what was decided under the expectation that nobody else was first, and begin
// again when somebody was.
//
//	accounts := decide.On(account, decide.TypesOf[Event](
//		decide.Named("deposited", Deposited{}), decide.Named("withdrawn", Withdrawn{})))
//	decision, err := accounts.Handle(ctx, client, "account-1", Withdraw{Amount: 4})
//
// Package decidetest tests a decider without a server.
package decide

// Decider is a state machine over events: S the state, C commands, E events. Its functions are pure;
// Evolve and Decide may be called again with the same values.
type Decider[S, C, E any] struct {
	// Initial is the state before the first event; nil: the zero value.
	Initial func() S
	// Decide says which events a command makes of a state: none is a decision, too. An error
	// refuses it, and nothing is appended.
	Decide func(command C, state S) ([]E, error)
	// Evolve is the state after an event.
	Evolve func(state S, event E) S
}

// Fold is the state after events, from the initial one.
func (d Decider[S, C, E]) Fold(events ...E) S {
	state := d.initial()
	for _, event := range events {
		state = d.Evolve(state, event)
	}
	return state
}

func (d Decider[S, C, E]) initial() S {
	if d.Initial == nil {
		var state S
		return state
	}
	return d.Initial()
}
