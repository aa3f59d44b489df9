// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package decide_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"annals.dev/annals"
	"annals.dev/annals/decide"
	"annals.dev/annals/decide/decidetest"
	"annals.dev/annals/internal/testserver"
)

type event interface{ isEvent() }
type opened struct{ Seats int }
type booked struct{ Who string }

func (opened) isEvent() {}
func (booked) isEvent() {}

type command struct {
	open int
	book string
}

type room struct {
	left  int
	names map[string]bool
}

var errFull = errors.New("full")

var rooms = decide.Decider[room, command, event]{
	Initial: func() room { return room{names: map[string]bool{}} },
	Decide: func(what command, state room) ([]event, error) {
		switch {
		case what.open > 0:
			return []event{opened{what.open}}, nil
		case state.names[what.book]:
			return nil, nil
		case state.left == 0:
			return nil, errFull
		}
		return []event{booked{what.book}}, nil
	},
	Evolve: func(state room, happened event) room {
		switch happened := happened.(type) {
		case opened:
			state.left += happened.Seats
		case booked:
			state.left--
			state.names[happened.Who] = true
		}
		return state
	},
}

var types = decide.TypesOf[event](decide.Named("opened", opened{}),
	decide.Named("booked", booked{}))

// failures is a T that counts.
type failures struct{ count int }

func (f *failures) Helper()               {}
func (f *failures) Fatalf(string, ...any) { f.count++ }

func TestKitPassesWhatIsSoAndFailsWhatIsNot(t *testing.T) {
	kit := decidetest.Of(t, rooms)
	kit.Given(opened{1}).When(command{book: "ada"}).Then(booked{"ada"}).
		ThenState(room{0, map[string]bool{"ada": true}})
	kit.Given(opened{1}, booked{"ada"}).When(command{book: "ada"}).ThenNothing()
	kit.Given(opened{1}, booked{"ada"}).When(command{book: "bob"}).ThenRefused(errFull)

	counted := &failures{}
	strict := decidetest.Of(counted, rooms)
	for want, check := range []func(){
		func() { strict.Given(opened{1}).When(command{book: "ada"}).Then(booked{"bob"}) },
		func() { strict.Given(opened{1}).When(command{book: "ada"}).Then() },
		func() { strict.Given(opened{1}).When(command{book: "ada"}).ThenRefused(errFull) },
		func() { strict.Given().When(command{book: "ada"}).Then(booked{"ada"}) },
		func() { strict.Given().When(command{book: "ada"}).ThenRefused(errors.New("other")) },
		func() { strict.Given(opened{1}).When(command{open: 1}).ThenState(rooms.Fold(opened{1})) },
	} {
		if check(); counted.count != want+1 {
			t.Fatalf("check %d did not fail", want)
		}
	}
}

func TestHandlersThatMeetOverbookNothing(t *testing.T) {
	const seats, guests = 5, 12
	client := testserver.Start(t).Connect(t)
	handler := decide.On(rooms, types)
	if _, err := handler.Handle(t.Context(), client, "room-1", command{open: seats}); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	var mutex sync.Mutex
	booked, full, tries := 0, 0, 0
	for index := range guests {
		group.Add(1)
		go func() {
			defer group.Done()
			decision, err := handler.Handle(t.Context(), client, "room-1",
				command{book: string(rune('a' + index))}, decide.Attempts(100))
			mutex.Lock()
			defer mutex.Unlock()
			switch {
			case err == nil:
				booked++
				tries += decision.Tries
			case errors.Is(err, errFull):
				full++
			default:
				t.Error(err)
			}
		}()
	}
	group.Wait()
	loaded, err := handler.Load(t.Context(), client, "room-1")
	if err != nil || booked != seats || full != guests-seats || loaded.State.left != 0 ||
		loaded.Revision != seats || tries < booked {
		t.Fatalf("%d booked, %d refused, %+v, %v", booked, full, loaded, err)
	}
}

func TestHandlerCompletesEventsAndNamesWhatItDoesNotKnow(t *testing.T) {
	client := testserver.Start(t).Connect(t)
	handler := decide.On(rooms, types)
	_, err := handler.Handle(t.Context(), client, "room-1", command{open: 1},
		decide.Complete(func(event *annals.NewEvent) { event.Actor = "ada" }))
	if err != nil {
		t.Fatal(err)
	}
	for event, err := range client.ReadStream(t.Context(), "room-1") {
		if err != nil || event.Actor != "ada" || event.Type != "opened" {
			t.Fatalf("got %+v, %v", event, err)
		}
	}
	_, err = client.Append(context.Background(), "room-1",
		[]annals.NewEvent{{Type: "painted"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = handler.Load(t.Context(), client, "room-1")
	if err == nil {
		t.Fatal("an event without a Go type was left out")
	}
}

func TestHandlerGoesOnBehindHiddenEvents(t *testing.T) {
	client := testserver.Start(t).Connect(t)
	handler := decide.On(rooms, types)
	for _, seats := range []int{1, 2, 3} {
		if _, err := handler.Handle(t.Context(), client, "room-1", command{open: seats}); err != nil {
			t.Fatal(err)
		}
	}
	for _, one := range []struct {
		before annals.Revision
		left   int
	}{{2, 3}, {3, 0}} {
		if err := client.TruncateStream(t.Context(), "room-1", one.before, annals.Any); err != nil {
			t.Fatal(err)
		}
		loaded, err := handler.Load(t.Context(), client, "room-1")
		if err != nil || !loaded.IsThere || loaded.Revision != 2 || loaded.State.left != one.left {
			t.Fatalf("%+v: got %+v, %v", one, loaded, err)
		}
	}
	decision, err := handler.Handle(t.Context(), client, "room-1", command{open: 4})
	if err != nil || decision.Tries != 1 || decision.Revision != 3 || decision.State.left != 4 {
		t.Fatalf("got %+v, %v", decision, err)
	}
}

func TestTypesRefuseWhatCannotBe(t *testing.T) {
	for name, make := range map[string]func(){
		"twice the name": func() {
			decide.TypesOf[event](decide.Named("a", opened{}), decide.Named("a", booked{}))
		},
		"twice the type": func() {
			decide.TypesOf[event](decide.Named("a", opened{}), decide.Named("b", opened{}))
		},
		"no event": func() { decide.TypesOf[event](decide.Named("a", 1)) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Fatal("it was taken")
				}
			}()
			make()
		})
	}
}
