// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"annals.dev/annals"
	"annals.dev/annals/internal/testserver"
)

func TestReadChoosesAndLimits(t *testing.T) {
	client := connect(t)
	begun := time.Now()
	_, err := client.Append(t.Context(), "", []annals.NewEvent{
		{Stream: "order-1", Type: "Placed", Tags: []string{"customer:c1"}},
		{Stream: "order-2", Type: "Placed"}, {Stream: "parcel-1", Type: "Sent"},
		{Stream: "order-1", Type: "Paid"}})
	ok(t, err)
	for name, one := range map[string]struct {
		options []annals.ReadOption
		want    string
	}{
		"everything":   {nil, "1 2 3 4 "},
		"category":     {[]annals.ReadOption{annals.Categories("order")}, "1 2 4 "},
		"type":         {[]annals.ReadOption{annals.Types("Paid", "Sent")}, "3 4 "},
		"tag":          {[]annals.ReadOption{annals.Tags("customer:c1")}, "1 "},
		"prefix":       {[]annals.ReadOption{annals.StreamPrefixes("par")}, "3 "},
		"patterns":     {[]annals.ReadOption{annals.StreamPattern("-1$"), annals.TypePattern("^P")}, "1 4 "},
		"stream":       {[]annals.ReadOption{annals.Stream("order-1")}, "1 4 "},
		"revision":     {[]annals.ReadOption{annals.Stream("order-1"), annals.FromRevision(1)}, "4 "},
		"position":     {[]annals.ReadOption{annals.FromPosition(3)}, "3 4 "},
		"time":         {[]annals.ReadOption{annals.FromTime(begun.Add(time.Hour))}, ""},
		"of a stream":  {[]annals.ReadOption{annals.Stream("order-1"), annals.Types("Paid")}, "4 "},
		"since":        {[]annals.ReadOption{annals.RecordedSince(begun.Add(time.Hour))}, ""},
		"until":        {[]annals.ReadOption{annals.RecordedUntil(begun.Add(time.Hour))}, "1 2 3 4 "},
		"backwards":    {[]annals.ReadOption{annals.Backwards(), annals.Limit(3)}, "4 3 2 "},
		"before":       {[]annals.ReadOption{annals.Backwards(), annals.FromPosition(2)}, "2 1 "},
		"both, none":   {[]annals.ReadOption{annals.Categories("order"), annals.Types("Sent")}, ""},
		"limit":        {[]annals.ReadOption{annals.Limit(1)}, "1 "},
		"limit beyond": {[]annals.ReadOption{annals.Limit(9)}, "1 2 3 4 "},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			for event, err := range client.Read(t.Context(), one.options...) {
				ok(t, err)
				got += string(rune('0'+event.Position)) + " "
			}
			same(t, got, one.want)
		})
	}
	for range client.Read(t.Context()) {
		break // leaving early ends the call
	}
	page, err := client.ReadPage(t.Context(), annals.Stream("order-1"), annals.Limit(1))
	ok(t, err)
	same(t, page.IsEnd, false)
	same(t, page.LastRevision, 1)
	next, err := client.ReadPage(t.Context(), annals.Stream("order-1"), annals.After(page.Next))
	ok(t, err)
	same(t, next.Events[0].Type, "Paid")
}

func TestSessionWaitsForWhatItWrote(t *testing.T) {
	client := connect(t)
	session := client.Session()
	appended, err := session.Append(t.Context(), "a-1", numbers(0, 1))
	ok(t, err)
	same(t, session.Position(), appended.Position)
	same(t, client.Position(), "")
	for _, err := range session.ReadStream(t.Context(), "a-1") {
		ok(t, err)
	}
	// a position that this server cannot reach is waited for, and not ignored
	beyond := tokenBeyond(t, appended.Position)
	other := client.Session()
	other.Observe(beyond)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err = other.ReadPage(ctx)
	if err == nil {
		t.Fatal("a read did not wait for the session's position")
	}
	if !errors.Is(err, annals.ErrPositionNotReached) && !errors.Is(err, annals.ErrTokenBeyondEnd) &&
		!errors.Is(err, annals.ErrDeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
	same(t, other.Namespace("elsewhere").Position(), "")
}

func TestReadPagesSayHowFarTheySpeak(t *testing.T) {
	client := connect(t)
	_, err := client.Append(t.Context(), "a-1", numbers(0, 500))
	ok(t, err)
	events, pages := 0, 0
	var last annals.Page
	for page, err := range client.ReadPages(t.Context(), annals.Limit(450)) {
		ok(t, err)
		events += len(page.Events)
		pages++
		last = page
	}
	same(t, events, 450)
	same(t, pages > 1, true)
	same(t, last.Position != "", true)
}

func TestStreamsAreListedDeletedAndBegunAnew(t *testing.T) {
	client := connect(t)
	_, err := client.Append(t.Context(), "", []annals.NewEvent{
		{Stream: "a-1", Type: "T"}, {Stream: "a-2", Type: "T"}, {Stream: "b-1", Type: "T"}})
	ok(t, err)
	names := ""
	for name, err := range client.Streams(t.Context(), "a-") {
		ok(t, err)
		names += name + " "
	}
	same(t, names, "a-1 a-2 ")
	same(t, errors.Is(client.DeleteStream(t.Context(), "a-1", annals.At(5)), annals.ErrConflict), true)
	ok(t, client.DeleteStream(t.Context(), "a-1", annals.At(0)))
	info, err := client.StreamInfo(t.Context(), "a-1")
	ok(t, err)
	same(t, info.IsDeleted, true)
	again, err := client.Append(t.Context(), "a-1", numbers(0, 2), annals.Expect(annals.NoStream))
	ok(t, err)
	same(t, again.LastRevision(), 2)
	ok(t, client.TruncateStream(t.Context(), "a-1", 2, annals.Any))
	for event, err := range client.ReadStream(t.Context(), "a-1") {
		ok(t, err)
		same(t, event.Revision, 2)
	}
	ok(t, client.TombstoneStream(t.Context(), "a-2", annals.Exists))
	_, err = client.Append(t.Context(), "a-2", numbers(0, 1))
	same(t, errors.Is(err, annals.ErrStreamDeleted), true)
	ok(t, client.CreateNamespace(t.Context(), "other"))
	same(t, errors.Is(client.CreateNamespace(t.Context(), "other"), annals.ErrNamespaceExists), true)
	ok(t, client.DeleteNamespace(t.Context(), "other"))
	left, err := client.Namespaces(t.Context())
	ok(t, err)
	same(t, len(left), 1)
}

func TestStreamMetadataComesBackAndHidesEvents(t *testing.T) {
	client := connect(t)
	_, err := client.Append(t.Context(), "order-1", numbers(0, 5))
	ok(t, err)
	said := annals.StreamMetadata{MaxCount: 2, Custom: []byte(`{"owner":"ada"}`)}
	ok(t, client.SetStreamMetadata(t.Context(), "order-1", said, annals.NoStream))
	same(t, errors.Is(client.SetStreamMetadata(t.Context(), "order-1", said, annals.NoStream),
		annals.ErrConflict), true)
	ok(t, client.SetCategoryMetadata(t.Context(), "order",
		annals.StreamMetadata{MaxAge: time.Hour}, annals.Any))
	info, err := client.StreamMetadata(t.Context(), "order-1")
	ok(t, err)
	same(t, info.Written.MaxAge, 0)
	same(t, info.Effective.MaxAge, time.Hour)
	same(t, info.Effective.MaxCount, 2)
	same(t, string(info.Written.Custom), `{"owner":"ada"}`)
	same(t, info.HasRevision, true)
	defaults, err := client.CategoryMetadata(t.Context(), "order")
	ok(t, err)
	same(t, defaults.Written.MaxAge, time.Hour)
	page, err := client.ReadPage(t.Context(), annals.Stream("order-1"))
	ok(t, err)
	same(t, len(page.Events), 2)
}

// The events are more than fit into what gRPC fetches ahead: the read does meet the cut.
func TestReadGoesOnWhereItWasCut(t *testing.T) {
	const events, eventBytes, cuts = 40, 1 << 20, 3
	server := testserver.Start(t)
	direct := server.Connect(t)
	for index := range events {
		_, err := direct.Append(t.Context(), "large-1", []annals.NewEvent{{Type: "Large",
			Data: bytes.Repeat([]byte{byte(index)}, eventBytes), ContentType: "x/y"}})
		ok(t, err)
	}
	gate := server.Gate(t)
	client, err := annals.Connect(gate.Address)
	ok(t, err)
	defer client.Close()
	for name, one := range map[string]struct {
		options     []annals.ReadOption
		first, step int
		count       int
	}{
		"forwards":  {nil, 0, 1, events},
		"limited":   {[]annals.ReadOption{annals.Limit(events - 5)}, 0, 1, events - 5},
		"stream":    {[]annals.ReadOption{annals.Stream("large-1")}, 0, 1, events},
		"backwards": {[]annals.ReadOption{annals.Backwards()}, events - 1, -1, events},
	} {
		t.Run(name, func(t *testing.T) {
			accepted := gate.Accepted()
			count := 0
			for event, err := range client.Read(t.Context(), one.options...) {
				ok(t, err)
				same(t, int(event.Data[0]), one.first+count*one.step)
				if count++; count%10 == 2 && count <= 10*cuts {
					gate.Reset()
				}
			}
			same(t, count, one.count)
			same(t, gate.Accepted() > accepted+1, true)
		})
	}
}
