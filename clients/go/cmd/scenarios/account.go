// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"annals.dev/annals/decide"
	"annals.dev/annals/decide/decidetest"
)

type balance struct {
	Balance int `json:"balance"`
}

type command interface{ isCommand() }

type deposit struct{ amount int }
type withdraw struct{ amount int }

func (deposit) isCommand()  {}
func (withdraw) isCommand() {}

type accountEvent interface{ isAccountEvent() }

type deposited struct {
	Amount int `json:"amount"`
}
type withdrawn struct {
	Amount int `json:"amount"`
}

func (deposited) isAccountEvent() {}
func (withdrawn) isAccountEvent() {}

var errOverdrawn = errors.New("overdrawn")

var account = decide.Decider[balance, command, accountEvent]{
	Decide: func(what command, state balance) ([]accountEvent, error) {
		switch what := what.(type) {
		case deposit:
			if what.amount == 0 {
				return nil, nil
			}
			return []accountEvent{deposited{what.amount}}, nil
		case withdraw:
			if what.amount > state.Balance {
				return nil, errOverdrawn
			}
			return []accountEvent{withdrawn{what.amount}}, nil
		}
		return nil, fmt.Errorf("no command: %T", what)
	},
	Evolve: func(state balance, event accountEvent) balance {
		switch event := event.(type) {
		case deposited:
			state.Balance += event.Amount
		case withdrawn:
			state.Balance -= event.Amount
		}
		return state
	},
}

var eventTypes = decide.TypesOf[accountEvent](
	decide.Named("Deposited", deposited{}), decide.Named("Withdrawn", withdrawn{}))

// proof is the kit's T: what fails is kept.
type proof struct{ failures []string }

func (p *proof) Helper() {}

func (p *proof) Fatalf(format string, values ...any) {
	p.failures = append(p.failures, fmt.Sprintf(format, values...))
}

// prove shows the account with the given-when-then kit, and that the kit can fail.
func prove() error {
	p := &proof{}
	decidetest.Of(p, account).Given(deposited{10}).When(withdraw{4}).Then(withdrawn{4}).
		ThenState(balance{6})
	decidetest.Of(p, account).Given(deposited{10}).When(withdraw{11}).ThenRefused(errOverdrawn)
	if len(p.failures) > 0 {
		return fmt.Errorf("the kit says: %v", p.failures)
	}
	decidetest.Of(p, account).Given(deposited{10}).When(withdraw{4}).Then(withdrawn{5})
	decidetest.Of(p, account).Given(deposited{10}).When(withdraw{4}).ThenRefused(errOverdrawn)
	if len(p.failures) != 2 {
		return fmt.Errorf("the kit finds %d of 2 failures", len(p.failures))
	}
	return nil
}

func decideCommand(s *stage, a args) (gives, error) {
	if err := prove(); err != nil {
		return nil, err
	}
	accounts := decide.On(account, eventTypes)
	var what command = deposit{a.number("deposit")}
	if _, isGiven := a["withdraw"]; isGiven {
		what = withdraw{a.number("withdraw")}
	}
	if workers := a.number("workers"); workers > 0 {
		return decideAtOnce(s, a, accounts, what, workers)
	}
	ctx, cancel := s.within(a)
	defer cancel()
	decision, err := accounts.Handle(ctx, s.client, a.text("stream"), what)
	if errors.Is(err, errOverdrawn) {
		return gives{"refused": err.Error()}, nil
	}
	if err != nil {
		return nil, err
	}
	events := []any{}
	for _, event := range decision.Events {
		encoded, err := eventTypes.Encode(event)
		if err != nil {
			return nil, err
		}
		events = append(events,
			map[string]any{"type": encoded.Type, "data": json.RawMessage(encoded.Data)})
	}
	return gives{"events": events, "revision": decision.Revision, "state": decision.State}, nil
}

func decideAtOnce(
	s *stage, a args, accounts *decide.Handler[balance, command, accountEvent], what command,
	workers int,
) (gives, error) {
	var decided, refusals atomic.Int64
	errs := make([]error, workers)
	var group sync.WaitGroup
	for index := range workers {
		group.Add(1)
		go func() {
			defer group.Done()
			for range a.number("times") {
				ctx, cancel := s.within(a)
				_, err := accounts.Handle(ctx, s.client, a.text("stream"), what,
					decide.Attempts(100))
				cancel()
				switch {
				case err == nil:
					decided.Add(1)
				case errors.Is(err, errOverdrawn):
					refusals.Add(1)
				default:
					errs[index] = err
					return
				}
			}
		}()
	}
	group.Wait()
	return gives{"decided": decided.Load(), "refusals": refusals.Load()}, errors.Join(errs...)
}
