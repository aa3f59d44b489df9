// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

// Package decidetest tests deciders without a server: given events, when a command, then events.
//
//	decidetest.Of(t, account).Given(Deposited{10}).When(Withdraw{4}).Then(Withdrawn{4})
//	decidetest.Of(t, account).Given(Deposited{10}).When(Withdraw{11}).ThenRefused(ErrOverdrawn)
package decidetest

import (
	"errors"
	"reflect"

	"annals.dev/annals/decide"
)

// T is what the kit needs of *testing.T.
type T interface {
	Helper()
	Fatalf(format string, values ...any)
}

// Kit is a decider under test.
type Kit[S, C, E any] struct {
	t       T
	decider decide.Decider[S, C, E]
}

// Of tests a decider; what fails fails t.
func Of[S, C, E any](t T, decider decide.Decider[S, C, E]) Kit[S, C, E] {
	return Kit[S, C, E]{t, decider}
}

// History is what happened before.
type History[S, C, E any] struct {
	kit    Kit[S, C, E]
	events []E
}

// Given begins with events; none: nothing happened yet.
func (k Kit[S, C, E]) Given(events ...E) History[S, C, E] {
	return History[S, C, E]{k, events}
}

// When decides a command on the state that the events give.
func (h History[S, C, E]) When(command C) Decision[S, C, E] {
	events, err := h.kit.decider.Decide(command, h.kit.decider.Fold(h.events...))
	return Decision[S, C, E]{history: h, command: command, events: events, err: err}
}

// Decision is what a command gave.
type Decision[S, C, E any] struct {
	history History[S, C, E]
	command C
	events  []E
	err     error
}

// Then fails the test unless exactly these events were decided.
func (d Decision[S, C, E]) Then(events ...E) Decision[S, C, E] {
	t := d.history.kit.t
	t.Helper()
	if d.err != nil {
		t.Fatalf("%T %+v was refused with %q, want the events %+v", d.command, d.command, d.err, events)
		return d
	}
	if len(events) != len(d.events) || len(events) > 0 && !reflect.DeepEqual(events, d.events) {
		t.Fatalf("%T %+v gave the events %+v, want %+v", d.command, d.command, d.events, events)
	}
	return d
}

// ThenNothing fails the test unless the command was taken and decided no events.
func (d Decision[S, C, E]) ThenNothing() Decision[S, C, E] {
	d.history.kit.t.Helper()
	return d.Then()
}

// ThenState fails the test unless this is the state after the events that were decided.
func (d Decision[S, C, E]) ThenState(state S) Decision[S, C, E] {
	t := d.history.kit.t
	t.Helper()
	all := append(append([]E{}, d.history.events...), d.events...)
	if got := d.history.kit.decider.Fold(all...); !reflect.DeepEqual(got, state) {
		t.Fatalf("the state after %T %+v is %+v, want %+v", d.command, d.command, got, state)
	}
	return d
}

// ThenRefused fails the test unless the command was refused with this error (errors.Is).
func (d Decision[S, C, E]) ThenRefused(reason error) {
	t := d.history.kit.t
	t.Helper()
	if d.err == nil {
		t.Fatalf("%T %+v gave the events %+v, want it refused with %q", d.command, d.command,
			d.events, reason)
		return
	}
	if !errors.Is(d.err, reason) {
		t.Fatalf("%T %+v was refused with %q, want %q", d.command, d.command, d.err, reason)
	}
}
