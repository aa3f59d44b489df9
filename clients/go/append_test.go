// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"annals.dev/annals"
)

func TestAppendKeepsEverythingOfAnEvent(t *testing.T) {
	client := connect(t)
	when := time.Date(2026, 11, 22, 1, 2, 3, 456, time.FixedZone("", 5400))
	sent := annals.NewEvent{ID: annals.NewID(), Type: "Placed", Data: []byte{0, 1, 255},
		ContentType: "application/octet-stream", Metadata: []byte("m"),
		Tags: []string{"customer:c1"}, Actor: "ada", CorrelationID: "corr", CausationID: "cause",
		Trace: annals.TraceContext{
			Parent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", State: "a=b"},
		SchemaID: 7, ValidTime: when}
	appended, err := client.Append(t.Context(), "order-1", []annals.NewEvent{sent})
	ok(t, err)
	same(t, appended.FirstPosition, 1)
	same(t, appended.IsDurable, true)
	for got, err := range client.ReadStream(t.Context(), "order-1") {
		ok(t, err)
		same(t, got.ID, sent.ID)
		same(t, string(got.Data), string(sent.Data))
		same(t, got.ContentType, sent.ContentType)
		same(t, string(got.Metadata), "m")
		same(t, got.Tags[0], "customer:c1")
		same(t, got.Actor+got.CorrelationID+got.CausationID, "adacorrcause")
		same(t, got.Trace, sent.Trace)
		same(t, got.SchemaID, 7)
		same(t, got.ValidTime.Equal(when), true)
		_, offset := got.ValidTime.Zone()
		same(t, offset, 5400)
		same(t, got.RecordedTime.Equal(appended.RecordedTime), true)
		same(t, got.Stream, "order-1")
	}
}

func TestAppendOfMoreThanAMessageGoesInParts(t *testing.T) {
	client := connect(t)
	var events []annals.NewEvent
	for index := range 5 {
		events = append(events, annals.NewEvent{Type: "Large", ContentType: "x/y",
			Data: bytes.Repeat([]byte{byte(index)}, 6<<20)})
	}
	appended, err := client.Append(t.Context(), "large-1", events, annals.Expect(annals.NoStream))
	ok(t, err)
	same(t, appended.LastRevision(), 4)
	index := 0
	for event, err := range client.ReadStream(t.Context(), "large-1") {
		ok(t, err)
		same(t, len(event.Data), 6<<20)
		same(t, event.Data[0], byte(index))
		index++
	}
	same(t, index, 5)
	_, err = client.Append(t.Context(), "large-1", events, annals.Expect(annals.NoStream))
	var failure *annals.Error
	if !errors.As(err, &failure) || len(failure.FailedChecks) != 1 {
		t.Fatalf("got %v, want a conflict with its check", err)
	}
	same(t, failure.FailedChecks[0].CurrentRevision, 4)
}

func TestAppendRefusesWhatIsNoJSON(t *testing.T) {
	client := connect(t)
	_, err := client.Append(t.Context(), "a-1",
		[]annals.NewEvent{{Type: "A"}, {Type: "A", JSON: math.NaN()}})
	var failure *annals.Error
	if !errors.As(err, &failure) || failure.Fields["field"] != "events[1].JSON" {
		t.Fatalf("got %v, want a refusal that names events[1].JSON", err)
	}
	_, err = client.Append(t.Context(), "a-1",
		[]annals.NewEvent{{Type: "A", JSON: 1, Data: []byte("1")}})
	same(t, errors.Is(err, annals.ErrInvalidArgument), true)
}

func TestRetryOnConflictTriesAgainAndThenGivesUp(t *testing.T) {
	client := connect(t, annals.WithBackoff(annals.Backoff{First: 1, Max: 1}))
	tries := 0
	appendTwice := func(ctx context.Context) error {
		tries++
		_, err := client.Append(ctx, "a-1", numbers(0, 1), annals.Expect(annals.At(99)))
		return err
	}
	err := client.RetryOnConflict(t.Context(), 3, appendTwice)
	same(t, errors.Is(err, annals.ErrConflict), true)
	same(t, tries, 3)
	tries = 0
	err = client.RetryOnConflict(t.Context(), 3, func(context.Context) error {
		tries++
		return annals.ErrDiskFull
	})
	same(t, errors.Is(err, annals.ErrDiskFull), true)
	same(t, tries, 1)
	tries = 0
	for _, attempts := range []int{0, -1} {
		refusedField(t, client.RetryOnConflict(t.Context(), attempts, appendTwice), "attempts")
	}
	same(t, tries, 0)
}
