// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"sync"
	"testing"

	"annals.dev/annals"
	"annals.dev/annals/internal/testserver"
)

// Run with this variable, the test program is a consumer that a test kills.
const killedVariable = "ANNALS_KILLED_CONSUMER"

func TestMain(m *testing.M) {
	if address := os.Getenv(killedVariable); address != "" {
		if err := consumeUntilKilled(address); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func connect(t *testing.T, options ...annals.Option) *annals.Client {
	t.Helper()
	return testserver.Start(t).Connect(t, options...)
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same[T comparable](t *testing.T, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("got %v, want %v", got, want)
	}
}

type number struct{ Number int }

// numbers are events numbered from first.
func numbers(first, count int) []annals.NewEvent {
	var events []annals.NewEvent
	for index := range count {
		events = append(events, annals.NewEvent{Type: "Numbered", JSON: number{first + index}})
	}
	return events
}

func numberOf(t *testing.T, event annals.Event) int {
	t.Helper()
	var data number
	ok(t, event.Decode(&data))
	return data.Number
}

// once is a condition that somebody fulfils and others wait for.
type once struct {
	sync.Once
	done chan struct{}
}

func newOnce() *once    { return &once{done: make(chan struct{})} }
func (o *once) fulfil() { o.Do(func() { close(o.done) }) }
func (o *once) is() bool {
	select {
	case <-o.done:
		return true
	default:
		return false
	}
}

// tokenBeyond is a token of the same log, far behind its end.
func tokenBeyond(t *testing.T, token annals.Token) annals.Token {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(string(token))
	ok(t, err)
	raw[20] = 1
	return annals.Token(base64.RawURLEncoding.EncodeToString(raw))
}
