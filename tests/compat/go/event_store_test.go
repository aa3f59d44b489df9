// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package contract

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/makkalot/eskit/generated/grpc/go/eventstore"
)

type event = eventstore.Event

func appendEvent(t *testing.T, c *clients, e *event) error {
	t.Helper()
	_, err := c.events.Append(within(t), &eventstore.AppendEventRequest{Event: e})
	return err
}

func eventOf(id, version, eventType, payload string) *event {
	return &event{Originator: of(id, version), EventType: eventType, Payload: payload}
}

// versionsOf are the versions that GetEvents shows.
func versionsOf(t *testing.T, c *clients, id, upto string) string {
	t.Helper()
	got, err := c.events.GetEvents(within(t), &eventstore.GetEventsRequest{Originator: of(id, upto)})
	ok(t, err)
	var versions []string
	for _, e := range got.Events {
		versions = append(versions, e.Originator.Version)
	}
	return strings.Join(versions, " ")
}

func logs(t *testing.T, c *clients, request *eventstore.AppLogRequest) []*eventstore.AppLogEntry {
	t.Helper()
	got, err := c.events.Logs(within(t), request)
	ok(t, err)
	return got.Results
}

func eventStoreRows(t *testing.T, c *clients) {
	t.Run("RefusesWhatIsMissing", func(t *testing.T) {
		wants(t, appendEvent(t, c, nil), codes.InvalidArgument, "missing event")
		wants(t, appendEvent(t, c, &event{EventType: "A.B"}), codes.InvalidArgument, "missing originator")
		wants(t, appendEvent(t, c, eventOf("1", "1", "", "")), codes.InvalidArgument, "missing event type")
		wants(t, appendEvent(t, c, eventOf("", "1", "A.B", "")), codes.Internal,
			"append : inserting stored event : …")
	})
	t.Run("RefusesVersionsThatAreNone", func(t *testing.T) {
		for version, why := range map[string]string{"": "invalid syntax", "abc": "invalid syntax",
			"-1": "invalid syntax", "+1": "invalid syntax", "18446744073709551616": "value out of range"} {
			wants(t, appendEvent(t, c, eventOf("1", version, "A.B", "")), codes.Internal,
				"append : strconv.ParseUint: parsing "+strconv.Quote(version)+": "+why)
		}
		wants(t, appendEvent(t, c, eventOf("1", "2147483648", "A.B", "")), codes.Internal, "")
		wants(t, appendEvent(t, c, eventOf("1", "0", "A.B", "")), codes.InvalidArgument, "")
	})
	t.Run("TakesAVersionOnceInAnyOrder", func(t *testing.T) {
		id := newName("")
		for _, version := range []string{"7", "1", "005", "3"} {
			ok(t, appendEvent(t, c, eventOf(id, version, "A.B", "x")))
		}
		wants(t, appendEvent(t, c, eventOf(id, "7", "A.B", "x")), codes.AlreadyExists,
			"append : stored_event: duplicate")
		same(t, versionsOf(t, c, id, ""), "1 3 5 7")
		same(t, versionsOf(t, c, id, "5"), "1 3 5")
		same(t, versionsOf(t, c, id, "0"), "")
	})
	t.Run("ShowsTheEventThatWasSent", func(t *testing.T) {
		entity := newName("T")
		for number, at := range []int64{0, 1795248560, -1} {
			sent := eventOf(newName(""), "1", entity+".Made", `{"b":1,"a":"<"}`)
			sent.OccuredOn = at
			ok(t, appendEvent(t, c, sent))
			entries := logs(t, c, &eventstore.AppLogRequest{PipelineId: entity})
			same(t, len(entries), number+1)
			if !proto.Equal(entries[number].Event, sent) {
				t.Fatalf("got %v, want %v", entries[number].Event, sent)
			}
		}
	})
	t.Run("GetEventsRefusals", func(t *testing.T) {
		_, err := c.events.GetEvents(within(t), &eventstore.GetEventsRequest{})
		wants(t, err, codes.InvalidArgument, "missing originator")
		_, err = c.events.GetEvents(within(t),
			&eventstore.GetEventsRequest{Originator: of("1", "abc")})
		wants(t, err, codes.Internal, "fetch : fetch : …")
		same(t, versionsOf(t, c, newName(""), ""), "")
		same(t, versionsOf(t, c, "", ""), "")
	})
	t.Run("PagesTheLog", func(t *testing.T) {
		entity := newName("T")
		for number := range 30 {
			name := []string{".Created", ".Updated"}[number%2]
			ok(t, appendEvent(t, c, eventOf(newName(""), "1", entity+name, "")))
		}
		all := logs(t, c, &eventstore.AppLogRequest{PipelineId: entity, Size: 100})
		same(t, len(all), 30)
		same(t, len(logs(t, c, &eventstore.AppLogRequest{PipelineId: entity})), 20)
		page := logs(t, c, &eventstore.AppLogRequest{PipelineId: entity, FromId: all[10].Id, Size: 5})
		same(t, len(page), 5)
		same(t, page[0].Id, all[10].Id)
		updated := logs(t, c, &eventstore.AppLogRequest{Selector: entity + ".Updated", Size: 100})
		same(t, len(updated), 15)
		both := logs(t, c, &eventstore.AppLogRequest{PipelineId: entity, Selector: "*.Created", Size: 100})
		same(t, len(both), 15)
		same(t, len(logs(t, c, &eventstore.AppLogRequest{PipelineId: entity, Selector: "Nobody.*"})), 0)
		logs(t, c, &eventstore.AppLogRequest{FromId: "1", Selector: "*"})
		_, err := c.events.Logs(within(t), &eventstore.AppLogRequest{FromId: "abc"})
		wants(t, err, codes.InvalidArgument,
			`invalid fromID : strconv.ParseUint: parsing "abc": invalid syntax`)
	})
	t.Run("PollsHistoryThenWhatComes", func(t *testing.T) {
		const writers, each = 16, 10
		entity := newName("T")
		ctx, cancel := context.WithCancel(within(t))
		defer cancel()
		ok(t, appendEvent(t, c, eventOf(newName(""), "1", entity+".First", "")))
		poll, err := c.events.LogsPoll(ctx, &eventstore.AppLogRequest{PipelineId: entity, Size: 3})
		ok(t, err)
		first, err := poll.Recv()
		ok(t, err)
		same(t, first.Event.EventType, entity+".First")
		var group sync.WaitGroup
		for range writers {
			group.Add(1)
			go func() {
				defer group.Done()
				id := newName("")
				for version := 1; version <= each; version++ {
					if err := appendEvent(t, c, eventOf(id, strconv.Itoa(version), entity+".B", "")); err != nil {
						t.Error(err)
					}
				}
			}()
		}
		last, _ := strconv.Atoi(first.Id)
		for range writers * each {
			entry, err := poll.Recv()
			ok(t, err)
			id, err := strconv.Atoi(entry.Id)
			ok(t, err)
			if id <= last {
				t.Fatalf("id %d after %d", id, last)
			}
			last = id
		}
		group.Wait()
	})
	t.Run("RefusesTooMuch", func(t *testing.T) {
		err := appendEvent(t, c, eventOf(newName(""), "1", "A.B", strings.Repeat("x", 4_194_304)))
		same(t, status.Code(err), codes.ResourceExhausted)
		ok(t, appendEvent(t, c, eventOf(newName(""), "1", "A.B", strings.Repeat("x", 3_900_000))))
	})
	t.Run("IsWell", func(t *testing.T) {
		answer, err := c.events.Healtz(within(t), &eventstore.HealthRequest{})
		ok(t, err)
		same(t, answer.Message, "OK")
	})
}
