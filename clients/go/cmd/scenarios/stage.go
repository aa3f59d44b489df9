// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"annals.dev/annals"
)

const (
	waitMax     = 60 * time.Second
	callTimeout = 20 * time.Second
	lookUp      = 2 * time.Millisecond // how often a condition is looked at
)

// world is where the server is and who controls it.
type world struct{ server, steady, control string }

func (w world) do(action string) error {
	answer, err := http.Post(w.control+"/"+action, "", nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusNoContent {
		return fmt.Errorf("the control answered %s with %s", action, answer.Status)
	}
	return nil
}

// stage is one scenario being played.
type stage struct {
	world     world
	ctx       context.Context
	client    *annals.Client // of the scenario's namespace
	steady    *annals.Client
	tokens    map[string]annals.Token
	sessions  map[string]*annals.Client
	things    map[string]any // what runs in the background
	healing   chan error
	isHealing bool
}

// args are a step's arguments.
type args map[string]any

// gives is what comes back from a step.
type gives map[string]any

type verb func(*stage, args) (gives, error)

var verbs = map[string]verb{
	"append": appendEvents, "read": read, "appends": appends, "subscribe": subscribe,
	"take": take, "consumer": consume, "handled": handled, "wait": wait, "stop": stop,
	"progress": progress, "group": group, "member": member, "deliver": deliver,
	"settle": settle, "crud": crud, "session": session, "decide": decideCommand,
	"server":  func(s *stage, a args) (gives, error) { return nil, s.world.do("server/" + a.text("do")) },
	"network": network,
}

func play(one scenario, where world) (failure error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	root, err := connect(where.server)
	if err != nil {
		return err
	}
	defer root.Close()
	steady, err := connect(where.steady)
	if err != nil {
		return err
	}
	defer steady.Close()
	name := strings.ReplaceAll(one.Name, "_", "-")
	s := &stage{world: where, ctx: ctx, client: root.Namespace(name),
		steady: steady.Namespace(name), tokens: map[string]annals.Token{},
		sessions: map[string]*annals.Client{}, things: map[string]any{},
		healing: make(chan error, 1)}
	creating, done := context.WithTimeout(ctx, callTimeout)
	defer done()
	if err := steady.CreateNamespace(creating, name); err != nil {
		return err
	}
	defer func() { failure = errors.Join(failure, s.clear()) }()
	for index, step := range one.Steps {
		if err := s.play(step); err != nil {
			return fmt.Errorf("step %d %w", index+1, err)
		}
	}
	return nil
}

func connect(address string) (*annals.Client, error) {
	return annals.Connect(address, annals.WithTimeout(callTimeout))
}

// clear ends what is still open and heals the network.
func (s *stage) clear() error {
	var err error
	if s.isHealing {
		err = <-s.healing
	}
	err = errors.Join(err, s.world.do("network/heal"))
	for name := range s.things {
		_, _ = stop(s, args{"what": name})
	}
	return err
}

func (s *stage) play(step map[string]any) error {
	wanted := step["gives"]
	for name, value := range step {
		if name == "gives" {
			continue
		}
		do, isKnown := verbs[name]
		if !isKnown {
			return fmt.Errorf("%s: the runner does not know this verb", name)
		}
		arguments, _ := s.resolve(value).(map[string]any)
		got, err := do(s, arguments)
		if err != nil {
			var ours *annals.Error
			if !errors.As(err, &ours) || !wantsError(wanted) {
				return fmt.Errorf("%s: %w", name, err)
			}
			got = gives{"error": errorOf(ours)}
		} else if wantsError(wanted) && got["error"] == nil {
			return fmt.Errorf("%s: succeeded with %v, want %v", name, got, wanted)
		} else if !wantsError(wanted) && got["error"] != nil {
			return fmt.Errorf("%s: %v", name, got["error"])
		}
		if wanted == nil {
			return nil
		}
		if err := match(name, plain(s.resolve(wanted)), plain(got)); err != nil {
			return err
		}
	}
	return nil
}

func wantsError(wanted any) bool {
	fields, _ := wanted.(map[string]any)
	return fields["error"] != nil
}

// resolve replaces "$name.position" by the token of that name.
func (s *stage) resolve(value any) any {
	switch value := value.(type) {
	case string:
		name, isToken := strings.CutSuffix(value, ".position")
		if isToken && strings.HasPrefix(name, "$") {
			return string(s.tokens[name[1:]])
		}
	case map[string]any:
		resolved := map[string]any{}
		for name, inner := range value {
			resolved[name] = s.resolve(inner)
		}
		return resolved
	case []any:
		resolved := make([]any, len(value))
		for index, inner := range value {
			resolved[index] = s.resolve(inner)
		}
		return resolved
	}
	return value
}

// within is the context of a call: deadline_ms, or the usual deadline.
func (s *stage) within(a args) (context.Context, context.CancelFunc) {
	timeout := callTimeout
	if deadline, isGiven := a["deadline_ms"]; isGiven {
		timeout = time.Duration(number(deadline)) * time.Millisecond
	}
	return context.WithTimeout(s.ctx, timeout)
}

// from is the client that a step uses.
func (s *stage) from(a args) *annals.Client {
	switch {
	case a.text("session") != "":
		return s.sessions[a.text("session")]
	case a["steady"] == true:
		return s.steady
	case a.text("namespace") != "":
		return s.client.Namespace(a.text("namespace"))
	}
	return s.client
}

// until waits for a condition.
func until(what string, condition func() (bool, error)) error {
	for begun := time.Now(); time.Since(begun) < waitMax; time.Sleep(lookUp) {
		if isMet, err := condition(); isMet || err != nil {
			return err
		}
	}
	return fmt.Errorf("waited %v for %s", waitMax, what)
}

func network(s *stage, a args) (gives, error) {
	if err := s.world.do("network/" + a.text("do")); err != nil {
		return nil, err
	}
	if after, isGiven := a["heal_after_ms"]; isGiven {
		s.isHealing = true
		go func() {
			time.Sleep(time.Duration(number(after)) * time.Millisecond)
			s.healing <- s.world.do("network/heal")
		}()
	}
	return nil, nil
}
