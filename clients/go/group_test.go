// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
	for _, change := range []func() (uint64, error){
		func() (uint64, error) { return group.RetryParked(t.Context()) },
		func() (uint64, error) { return group.SkipParked(t.Context(), "none was found") },
		func() (uint64, error) { return group.PurgeParked(t.Context(), "none was found") },
	} {
		changed, err = change()
		same(t, changed, 0)
		same(t, errors.Is(err, annals.ErrInvalidArgument), true)
		var refused *annals.Error
		same(t, errors.As(err, &refused), true)
		same(t, refused.Fields["field"], "positions")
	}
	status, err := group.Status(t.Context())
	ok(t, err)
	same(t, status.ParkedKeys, 1)
	changed, err = group.PurgeAllParked(t.Context(), "test data")
	ok(t, err)
	same(t, changed, 1)
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

func TestDeliveryIsTrackedByWhatTheGroupIsKeyedBy(t *testing.T) {
	tagged := func(stream, customer string) annals.NewEvent {
		return annals.NewEvent{Stream: stream, Type: "T",
			Tags: []string{"customers:1", "customer:" + customer}, CorrelationID: "c" + customer}
	}
	for _, example := range []struct {
		settings annals.GroupSettings
		keys     []string
	}{
		{annals.GroupSettings{}, []string{"order-1", "order-2", "order-1", "order-3"}},
		{annals.GroupSettings{Key: "tag:customer"},
			[]string{"tag:customer:7", "tag:customer:7", "tag:customer:8", "stream:order-3"}},
		{annals.GroupSettings{Key: "correlation"},
			[]string{"correlation:c7", "correlation:c7", "correlation:c8", "stream:order-3"}},
		{annals.GroupSettings{Key: "field:/customer"},
			[]string{"position:1", "position:2", "position:3", "position:4"}},
		{annals.GroupSettings{Key: "tag:customer", KeyInFlightMax: 2},
			[]string{"position:1", "position:2", "position:3", "position:4"}},
		{annals.GroupSettings{Key: "tag:customer", Strategy: annals.RoundRobin},
			[]string{"position:1", "position:2", "position:3", "position:4"}},
	} {
		client := connect(t)
		_, err := client.Append(t.Context(), "", []annals.NewEvent{tagged("order-1", "7"),
			tagged("order-2", "7"), tagged("order-1", "8"), {Stream: "order-3", Type: "T"}})
		ok(t, err)
		group := client.Group("bills")
		_, err = group.Create(t.Context(), example.settings)
		ok(t, err)
		member := group.Join(t.Context(), "m")
		keys := map[annals.Position]string{}
		for range example.keys {
			delivery, err := member.Next(t.Context())
			ok(t, err)
			keys[delivery.Event.Position] = delivery.Tracking().Key
			ok(t, delivery.Ack(t.Context()))
		}
		for index, key := range example.keys {
			same(t, keys[annals.Position(index+1)], key)
		}
		ok(t, member.Stop(t.Context()))
	}
}

func TestKeysOfATagAreBilledOnceWhateverTheirStream(t *testing.T) {
	client := connect(t)
	tagged := func(stream, customer string) annals.NewEvent {
		return annals.NewEvent{Stream: stream, Type: "T", Tags: []string{"customer:" + customer}}
	}
	// of order-1 the second event is another customer's: it need not wait for the first
	_, err := client.Append(t.Context(), "", []annals.NewEvent{tagged("order-1", "7"),
		tagged("order-1", "8"), tagged("order-2", "7")})
	ok(t, err)
	group := client.Group("bills")
	_, err = group.Create(t.Context(), annals.GroupSettings{Key: "tag:customer",
		Select: []annals.GroupOption{annals.Categories("order")}})
	ok(t, err)
	member := group.Join(t.Context(), "m")
	bill := func(delivery annals.Delivery) error {
		_, err := client.Append(t.Context(), "bills-1", []annals.NewEvent{
			{Type: "Billed", JSON: fmt.Sprint(delivery.Event.Position, " try ", delivery.Attempt)}},
			annals.Track(delivery.Tracking()))
		return err
	}
	first, err := member.Next(t.Context())
	ok(t, err)
	same(t, first.Event.Position, 1)
	other, err := member.Next(t.Context())
	ok(t, err)
	same(t, other.Event.Position, 2)
	ok(t, bill(other))
	ok(t, other.Ack(t.Context()))
	ok(t, bill(first)) // though a later event of its stream is billed
	ok(t, first.Retry(t.Context(), "who knows whether it was billed", 0))
	again, err := member.Next(t.Context())
	ok(t, err)
	same(t, again.Attempt, 2)
	same(t, errors.Is(bill(again), annals.ErrAlreadyTracked), true)
	ok(t, again.Ack(t.Context()))
	last, err := member.Next(t.Context())
	ok(t, err)
	same(t, last.Event.Position, 3)
	ok(t, bill(last))
	same(t, errors.Is(bill(again), annals.ErrAlreadyTracked), true) // late, and its key went on
	count := 0
	for _, err := range client.ReadStream(t.Context(), "bills-1") {
		ok(t, err)
		count++
	}
	same(t, count, 3)
}

// joined is a member that holds a delivery, with another one waiting in it.
func joined(
	t *testing.T, ctx context.Context, client *annals.Client,
) (*annals.Group, *annals.Member, annals.Delivery) {
	t.Helper()
	_, err := client.Append(t.Context(), "", []annals.NewEvent{{Stream: "a-1", Type: "T"},
		{Stream: "b-1", Type: "T"}})
	ok(t, err)
	group := client.Group("work")
	_, err = group.Create(t.Context(), annals.GroupSettings{})
	ok(t, err)
	member := group.Join(ctx, "m")
	delivery, err := member.Next(t.Context())
	ok(t, err)
	return group, member, delivery
}

// ends is what Next answers once the member ended, which must be soon.
func ends(t *testing.T, member *annals.Member) error {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	for {
		_, err := member.Next(ctx)
		if ctx.Err() != nil {
			t.Fatal("the member is one after 10 s")
		}
		if err != nil {
			return err
		}
	}
}

// givenBack takes both events anew, which count as tried: the server does not know who was at fault.
func givenBack(t *testing.T, group *annals.Group) {
	t.Helper()
	await(t, group, func(status annals.GroupStatus) bool { return len(status.Members) == 0 })
	member := group.Join(t.Context(), "next")
	seen := map[annals.Position]bool{}
	for range 2 {
		delivery, err := member.Next(t.Context())
		ok(t, err)
		same(t, delivery.Attempt, 2)
		seen[delivery.Event.Position] = true
		ok(t, delivery.Ack(t.Context()))
	}
	same(t, len(seen), 2)
	ok(t, member.Stop(t.Context()))
}

func TestMemberEndsWithItsContextAndGivesBackWhatItHas(t *testing.T) {
	client := connect(t)
	ctx, stop := context.WithCancel(t.Context())
	group, member, delivery := joined(t, ctx, client)
	stop()
	err := ends(t, member)
	same(t, errors.Is(err, context.Canceled), true)
	same(t, errors.Is(err, annals.ErrCancelled), true)
	same(t, errors.Is(delivery.Ack(t.Context()), annals.ErrDeliveryOver), true)
	same(t, member.Rejoins(), 0)
	givenBack(t, group)
}

func TestMemberEndsAtItsDeadline(t *testing.T) {
	client := connect(t)
	ctx, stop := context.WithTimeout(t.Context(), time.Second)
	defer stop()
	_, member, _ := joined(t, ctx, client)
	err := ends(t, member)
	same(t, errors.Is(err, context.DeadlineExceeded), true)
	same(t, errors.Is(err, annals.ErrDeadlineExceeded), true)
}

func TestMemberWithoutAServerEndsWithItsContext(t *testing.T) {
	client, err := annals.Connect("127.0.0.1:1",
		annals.WithBackoff(annals.Backoff{First: time.Hour, Max: time.Hour}))
	ok(t, err)
	defer client.Close()
	ctx, stop := context.WithCancel(t.Context())
	member := client.Group("work").Join(ctx, "m")
	stop()
	same(t, errors.Is(ends(t, member), context.Canceled), true)
}

func TestClosingTheClientEndsItsMembersAndGivesBackWhatTheyHave(t *testing.T) {
	server := testserver.Start(t)
	client, err := annals.Connect(server.Address)
	ok(t, err)
	_, member, delivery := joined(t, t.Context(), client)
	idle := server.Connect(t).Group("idle")
	_, err = idle.Create(t.Context(), annals.GroupSettings{
		Select: []annals.GroupOption{annals.GroupFromEnd()}})
	ok(t, err)
	working := make(chan error, 1)
	go func() {
		working <- client.Group("idle").Run(t.Context(), annals.Work{},
			func(context.Context, annals.Delivery) error { return nil })
	}()
	await(t, idle, func(status annals.GroupStatus) bool { return len(status.Members) == 1 })
	ok(t, client.Close())
	for _, err := range []error{ends(t, member), <-working} {
		same(t, errors.Is(err, annals.ErrCancelled), true)
		same(t, errors.Is(err, context.Canceled), false) // nobody ended the context
		same(t, strings.Contains(err.Error(), "the client is closed"), true)
	}
	same(t, errors.Is(delivery.Ack(t.Context()), annals.ErrDeliveryOver), true)
	givenBack(t, server.Connect(t).Group("work"))
}
