// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"annals.dev/annals"
	"annals.dev/annals/internal/testserver"
)

func TestGroupRunSettlesByWhatTheHandlerAnswers(t *testing.T) {
	client := connect(t)
	var events []annals.NewEvent
	for _, stream := range []string{"good-1", "again-1", "skip-1", "park-1", "panic-1", "tracked-1"} {
		events = append(events, annals.NewEvent{Stream: stream, Type: "T"})
	}
	_, err := client.Append(t.Context(), "", events)
	ok(t, err)
	group := client.Group("work")
	_, err = group.Create(t.Context(), annals.GroupSettings{RetryBase: time.Millisecond,
		AttemptsMax: 3, CheckpointInterval: 10 * time.Millisecond})
	ok(t, err)
	ctx, stop := context.WithCancel(t.Context())
	var mutex sync.Mutex
	attempts := map[string]uint32{}
	ended := make(chan error, 1)
	go func() {
		ended <- group.Run(ctx, annals.Work{Member: "m", Concurrency: 3},
			func(_ context.Context, delivery annals.Delivery) error {
				mutex.Lock()
				defer mutex.Unlock()
				attempts[delivery.Event.Stream] = delivery.Attempt
				switch delivery.Event.Stream {
				case "again-1":
					if delivery.Attempt == 1 {
						return errors.New("not now")
					}
				case "skip-1":
					return annals.Skip("a test order")
				case "park-1":
					return annals.Park("broken")
				case "panic-1":
					panic("out of order")
				case "tracked-1":
					return annals.ErrAlreadyTracked
				}
				return nil
			})
	}()
	await(t, group, func(status annals.GroupStatus) bool {
		return status.ParkedKeys == 2 && status.Behind == 0 && status.InFlight == 0
	})
	stop()
	ok(t, <-ended)
	same(t, attempts["again-1"], 2)
	same(t, attempts["panic-1"], 3)
	reasons := map[string]string{}
	for parked, err := range group.Parked(t.Context()) {
		ok(t, err)
		reasons[parked.Key] = parked.Error
	}
	same(t, len(reasons), 2)
	same(t, reasons["park-1"], "broken")
	same(t, reasons["panic-1"], "panic: out of order")
	changed, err := group.SkipParked(t.Context(), "a test order", 4)
	ok(t, err)
	same(t, changed, 1)
	_, err = group.PurgeParked(t.Context(), "test data")
	ok(t, err)
	_, err = group.RetryParked(t.Context(), 4)
	same(t, errors.Is(err, annals.ErrParkedEventNotFound), true)
}

// await asks for the group's status until it is so.
func await(t *testing.T, group *annals.Group, isSo func(annals.GroupStatus) bool) {
	t.Helper()
	for begun := time.Now(); time.Since(begun) < time.Minute; time.Sleep(time.Millisecond) {
		status, err := group.Status(t.Context())
		ok(t, err)
		if isSo(status) {
			return
		}
	}
	t.Fatal("waited a minute for the group's status")
}

func TestGroupMembersShareWorkInTheOrderOfStreams(t *testing.T) {
	const streams, each, members = 20, 20, 3
	client := connect(t)
	var events []annals.NewEvent
	for index := range each {
		for stream := range streams {
			event := numbers(index, 1)[0]
			event.Stream = "s-" + string(rune('a'+stream))
			events = append(events, event)
		}
	}
	_, err := client.Append(t.Context(), "", events)
	ok(t, err)
	group := client.Group("work")
	_, err = group.Create(t.Context(), annals.GroupSettings{
		Select: []annals.GroupOption{annals.Categories("s")}})
	ok(t, err)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var mutex sync.Mutex
	seen := map[string]int{}
	workers := map[int]int{}
	total := 0
	var running sync.WaitGroup
	for member := range members {
		running.Add(1)
		go func() {
			defer running.Done()
			err := group.Run(ctx, annals.Work{Concurrency: 4},
				func(_ context.Context, delivery annals.Delivery) error {
					mutex.Lock()
					defer mutex.Unlock()
					stream := delivery.Event.Stream
					var data number
					if err := delivery.Event.Decode(&data); err != nil {
						return err
					}
					if data.Number != seen[stream] {
						t.Errorf("%s gave %d, want %d", stream, data.Number, seen[stream])
					}
					seen[stream]++
					workers[member]++
					if total++; total == streams*each {
						stop()
					}
					return nil
				})
			if err != nil {
				t.Error(err)
			}
		}()
	}
	running.Wait()
	same(t, total, streams*each)
	same(t, len(workers), members)
	status, err := group.Status(t.Context())
	ok(t, err)
	same(t, status.Handled, streams*each)
	same(t, status.Redelivered, 0)
}

func TestDeliveryThatIsLateIsOver(t *testing.T) {
	client := connect(t)
	_, err := client.Append(t.Context(), "a-1", numbers(0, 2))
	ok(t, err)
	group := client.Group("work")
	_, err = group.Create(t.Context(), annals.GroupSettings{})
	ok(t, err)
	member := group.Join(t.Context(), "m")
	first, err := member.Next(t.Context())
	ok(t, err)
	ok(t, first.Extend(t.Context()))
	ok(t, first.Ack(t.Context()))
	if err := first.Ack(t.Context()); !errors.Is(err, annals.ErrDeliveryOver) {
		t.Fatalf("settling twice gives %v", err)
	}
	second, err := member.Next(t.Context())
	ok(t, err)
	ok(t, member.Stop(t.Context()))
	same(t, errors.Is(second.Ack(t.Context()), annals.ErrDeliveryOver), true)
	_, err = member.Next(t.Context())
	same(t, errors.Is(err, annals.ErrCancelled), true)

	again := group.Join(t.Context(), "m")
	delivery, err := again.Next(t.Context())
	ok(t, err)
	same(t, delivery.Event.Position, second.Event.Position)
	same(t, delivery.Attempt, 1) // what was given back is not counted
	_, err = group.Delete(t.Context(), "done")
	ok(t, err)
	_, err = again.Next(t.Context())
	same(t, errors.Is(err, annals.ErrGroupNotFound), true)
}

func TestGroupSettingsAndStatesComeBack(t *testing.T) {
	client := connect(t)
	group := client.Group("work")
	_, err := group.Create(t.Context(), annals.GroupSettings{Strategy: annals.Pinned,
		Key: "tag:customer", AckDeadline: 3 * time.Second, MembersMax: 5,
		Select: []annals.GroupOption{annals.Types("A"), annals.GroupFromEnd()}})
	ok(t, err)
	status, err := group.Pause(t.Context(), "a release")
	ok(t, err)
	same(t, status.State, annals.GroupPaused)
	same(t, status.Settings.GetKey(), "tag:customer")
	same(t, status.Settings.GetAckDeadlineMs(), 3_000)
	same(t, status.Settings.GetMembersMax(), 5)
	same(t, status.Settings.GetFromEnd(), true)
	same(t, status.Settings.GetFilter().GetTypes()[0], "A")
	status, err = group.Resume(t.Context())
	ok(t, err)
	same(t, status.State, annals.GroupRunning)
	names := 0
	for listed, err := range client.Groups(t.Context(), "wo") {
		ok(t, err)
		same(t, listed.Group, "work")
		names++
	}
	same(t, names, 1)
}

func TestMemberThatJoinsAgainHasNothingOfBefore(t *testing.T) {
	const events = 3
	server := testserver.Start(t)
	direct := server.Connect(t)
	_, err := direct.Append(t.Context(), "", []annals.NewEvent{{Stream: "a-1", Type: "T"},
		{Stream: "b-1", Type: "T"}, {Stream: "c-1", Type: "T"}})
	ok(t, err)
	group := direct.Group("work")
	_, err = group.Create(t.Context(), annals.GroupSettings{})
	ok(t, err)
	gate := server.Gate(t)
	client, err := annals.Connect(gate.Address)
	ok(t, err)
	defer client.Close()
	member := client.Group("work").Join(t.Context(), "m", annals.InFlight(events))
	before, err := member.Next(t.Context()) // two more wait in the member
	ok(t, err)
	gate.Reset()
	for member.Rejoins() == 0 {
		time.Sleep(time.Millisecond)
	}
	same(t, errors.Is(before.Ack(t.Context()), annals.ErrDeliveryOver), true)
	for range events {
		delivery, err := member.Next(t.Context())
		ok(t, err)
		ok(t, delivery.Ack(t.Context()))
	}
	status, err := group.Status(t.Context())
	ok(t, err)
	same(t, status.Handled, events)
	same(t, status.InFlight, 0)
}
