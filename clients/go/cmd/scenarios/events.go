// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"

	"annals.dev/annals"
)

const numbersMax = 1_000 // events of an append that counts

func numbered(number int) annals.NewEvent {
	return annals.NewEvent{Type: "Numbered", Data: fmt.Appendf(nil, `{"number": %d}`, number)}
}

func newEvents(a args) ([]annals.NewEvent, error) {
	var events []annals.NewEvent
	list, _ := a["events"].([]any)
	for _, one := range list {
		fields := args(one.(map[string]any))
		data, err := json.Marshal(fields["data"])
		if err != nil {
			return nil, err
		}
		event := annals.NewEvent{Stream: fields.text("stream"), Type: fields.text("type"),
			Data: data, Tags: fields.texts("tags")}
		if text := fields.text("id"); text != "" {
			if event.ID, err = annals.ParseID(text); err != nil {
				return nil, err
			}
		}
		events = append(events, event)
	}
	return events, nil
}

func queryOf(items []any) annals.Query {
	var query annals.Query
	for _, item := range items {
		fields := args(item.(map[string]any))
		query = append(query,
			annals.QueryItem{Types: fields.texts("types"), Tags: fields.texts("tags")})
	}
	return query
}

func conditions(a args) []annals.AppendOption {
	var options []annals.AppendOption
	if expected, isGiven := a["expected"]; isGiven {
		options = append(options, annals.Expect(expectedOf(expected)))
	}
	checks, _ := a["checks"].([]any)
	for _, check := range checks {
		fields := args(check.(map[string]any))
		if items, isQuery := fields["query"].([]any); isQuery {
			options = append(options,
				annals.CheckQuery(queryOf(items), annals.Token(fields.text("after"))))
			continue
		}
		options = append(options,
			annals.CheckStream(fields.text("stream"), expectedOf(fields["expected"])))
	}
	if fields, isGiven := a["tracking"].(map[string]any); isGiven {
		tracking := args(fields)
		options = append(options, annals.Track(annals.Tracking{Source: tracking.text("source"),
			Consumer: tracking.text("consumer"), Key: tracking.text("key"),
			Position: annals.Position(tracking.number("position"))}))
	}
	if key := a.text("idempotency_key"); key != "" {
		options = append(options, annals.IdempotencyKey(key))
	}
	return options
}

func appendEvents(s *stage, a args) (gives, error) {
	if _, isCounted := a["count"]; isCounted {
		return appendNumbers(s, a)
	}
	events, err := newEvents(a)
	if err != nil {
		return nil, err
	}
	ctx, cancel := s.within(a)
	defer cancel()
	appended, err := s.from(a).Append(ctx, a.text("stream"), events, conditions(a)...)
	if err != nil {
		return nil, err
	}
	s.tokens[a.text("as")] = appended.Position
	return shownAppended(appended), nil
}

func appendNumbers(s *stage, a args) (gives, error) {
	var whole annals.Appended
	first, count := a.number("from"), a.number("count")
	for begin := 0; begin < count; begin += numbersMax {
		var events []annals.NewEvent
		for index := begin; index < min(count, begin+numbersMax); index++ {
			events = append(events, numbered(first+index))
		}
		ctx, cancel := s.within(a)
		appended, err := s.from(a).Append(ctx, a.text("stream"), events, conditions(a)...)
		cancel()
		if err != nil {
			return nil, err
		}
		if begin == 0 {
			whole = appended
		}
		whole.LastPosition, whole.Position = appended.LastPosition, appended.Position
		whole.Streams[0].Last = appended.Streams[0].Last
	}
	s.tokens[a.text("as")] = whole.Position
	return shownAppended(whole), nil
}

func shownAppended(appended annals.Appended) gives {
	streams := map[string]any{}
	for _, stream := range appended.Streams {
		streams[stream.Stream] = []any{stream.First, stream.Last}
	}
	return gives{"first_position": appended.FirstPosition, "last_position": appended.LastPosition,
		"is_replay": appended.IsReplay, "streams": streams}
}

func read(s *stage, a args) (gives, error) {
	var options []annals.ReadOption
	for _, one := range selected(a) {
		options = append(options, one)
	}
	if a["backwards"] == true {
		options = append(options, annals.Backwards())
	}
	if limit := a.number("limit"); limit > 0 {
		options = append(options, annals.Limit(uint32(limit)))
	}
	ctx, cancel := context.WithTimeout(s.ctx, waitMax)
	defer cancel()
	var events []annals.Event
	for event, err := range s.from(a).Read(ctx, options...) {
		if err != nil {
			return nil, err
		}
		events = append(events, event)
		if at := a.number("at"); at == len(events) && at > 0 {
			if err := s.world.do("network/" + a.text("network")); err != nil {
				return nil, err
			}
		}
	}
	return given(a, events)
}

// writer appends in the background.
type writer struct {
	appended atomic.Int64
	ended    chan struct{}
	err      error // once ended
}

func appends(s *stage, a args) (gives, error) {
	w := &writer{ended: make(chan struct{})}
	s.things[a.text("as")] = w
	go func() {
		defer close(w.ended)
		for index := range a.number("count") {
			expected := annals.NoStream
			if index > 0 {
				expected = annals.At(annals.Revision(index - 1))
			}
			ctx, cancel := s.within(a)
			_, w.err = s.client.Append(ctx, a.text("stream"),
				[]annals.NewEvent{numbered(index)}, annals.Expect(expected))
			cancel()
			if w.err != nil {
				return
			}
			w.appended.Add(1)
		}
	}()
	return nil, nil
}
