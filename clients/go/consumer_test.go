// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"annals.dev/annals"
	"annals.dev/annals/internal/testserver"
)

func TestConsumerStopsBehindTheEventInHandAndSavesIt(t *testing.T) {
	client := connect(t)
	_, err := client.Append(t.Context(), "order-1", numbers(0, 10))
	ok(t, err)
	ctx, stop := context.WithCancel(t.Context())
	handled := 0
	consumer := client.Consumer("billing", annals.BatchMax(4))
	err = consumer.Run(ctx, func(ctx context.Context, event annals.Event) error {
		if handled++; handled == 6 {
			stop()
		}
		return ctx.Err() // the handler's context outlives the consumer's
	})
	ok(t, err)
	same(t, handled, 6)
	progress := consumer.Progress()
	same(t, progress.IsRunning, false)
	same(t, progress.Handled, 6)
	same(t, progress.Saved, 6)
	same(t, progress.At, 6)
	place, err := client.ConsumerProgress(t.Context(), "billing")
	ok(t, err)
	same(t, place.At, 6)
	same(t, place.Behind, 4)
}

func TestConsumerFinishesItsBatchWhenItIsStopped(t *testing.T) {
	client := connect(t)
	_, err := client.Append(t.Context(), "order-1", numbers(0, 10))
	ok(t, err)
	ctx, stop := context.WithCancel(t.Context())
	handled := 0
	consumer := client.Consumer("billing", annals.BatchMax(4))
	err = consumer.RunBatches(ctx, func(ctx context.Context, batch annals.Batch) error {
		handled += len(batch.Events)
		stop()
		return ctx.Err()
	})
	ok(t, err)
	same(t, handled, 4)
	same(t, consumer.Progress().At, 4)
}

func TestConsumerThatIsStoppedAmongTheServersOwnEventsPassesOverNone(t *testing.T) {
	client := connect(t)
	for stream := range 6 {
		ok(t, client.SetStreamMetadata(t.Context(), fmt.Sprintf("a-%d", stream),
			annals.StreamMetadata{MaxCount: 100}, annals.Any))
	}
	_, err := client.Append(t.Context(), "a-1", numbers(0, 1))
	ok(t, err)
	ctx, stop := context.WithCancel(t.Context())
	consumer := client.Consumer("audit", annals.IncludeSystem())
	ok(t, consumer.Run(ctx, func(_ context.Context, event annals.Event) error {
		if event.Position == 3 {
			same(t, event.Stream, "$$a-2")
			stop()
		}
		return nil
	}))
	same(t, consumer.Progress().At, 3)
}

func TestConsumerSavesWithinABatchThatTakesLong(t *testing.T) {
	client := connect(t)
	_, err := client.Append(t.Context(), "order-1", numbers(0, 10))
	ok(t, err)
	ctx, stop := context.WithCancel(t.Context())
	consumer := client.Consumer("billing", annals.SaveInterval(0), annals.SaveWithin(0))
	ok(t, consumer.Run(ctx, func(_ context.Context, event annals.Event) error {
		for consumer.Progress().At+1 < event.Position { // before the batch of ten is over
			time.Sleep(time.Millisecond)
		}
		if event.Position == 10 {
			stop()
		}
		return nil
	}))
	same(t, consumer.Progress().At, 10)
	same(t, consumer.Progress().Saved, 10)
}

func TestConsumerEndsAHandlerThatDoesNotStop(t *testing.T) {
	client := connect(t)
	_, err := client.Append(t.Context(), "order-1", numbers(0, 1))
	ok(t, err)
	ctx, stop := context.WithCancel(t.Context())
	consumer := client.Consumer("billing", annals.StopGrace(time.Millisecond))
	err = consumer.Run(ctx, func(ctx context.Context, event annals.Event) error {
		stop()
		<-ctx.Done()
		return ctx.Err()
	})
	ok(t, err)
	same(t, consumer.Progress().Saved, 0)
}

func TestConsumerAnswersItsHandlersErrorAndGivesTheBatchAgain(t *testing.T) {
	client := connect(t)
	_, err := client.Append(t.Context(), "order-1", numbers(0, 6))
	ok(t, err)
	broken := errors.New("broken")
	consumer := client.Consumer("billing", annals.BatchMax(2))
	err = consumer.Run(t.Context(), func(_ context.Context, event annals.Event) error {
		if event.Position == 4 {
			return broken
		}
		return nil
	})
	same(t, errors.Is(err, broken), true)
	same(t, consumer.Progress().Saved, 2)
	same(t, errors.Is(consumer.Progress().LastError, broken), true)

	ctx, stop := context.WithCancel(t.Context())
	var first annals.Position
	err = client.Consumer("billing", annals.BatchMax(2)).RunBatches(ctx,
		func(_ context.Context, batch annals.Batch) error {
			if first == 0 {
				first = batch.Events[0].Position
			}
			stop()
			return nil
		})
	ok(t, err)
	same(t, first, 3)
}

func TestConsumerThatWasRewoundIsFencedAndGoesOnFromThere(t *testing.T) {
	client := connect(t)
	_, err := client.Append(t.Context(), "order-1", numbers(0, 3))
	ok(t, err)
	handled := newOnce()
	ended := make(chan error, 1)
	consumer := client.Consumer("billing")
	go func() {
		ended <- consumer.Run(context.Background(),
			func(_ context.Context, event annals.Event) error {
				if event.Position == 3 {
					handled.fulfil()
				}
				return nil
			})
	}()
	<-handled.done
	_, err = client.RewindConsumer(t.Context(), "billing", 1, "totals were wrong")
	ok(t, err)
	_, err = client.Append(t.Context(), "order-1", numbers(3, 1))
	ok(t, err)
	same(t, errors.Is(<-ended, annals.ErrConsumerFenced), true)
	ctx, stop := context.WithCancel(t.Context())
	var positions []annals.Position
	ok(t, client.Consumer("billing").Run(ctx, func(_ context.Context, event annals.Event) error {
		if positions = append(positions, event.Position); event.Position == 4 {
			stop()
		}
		return nil
	}))
	same(t, len(positions), 3)
	same(t, positions[0], 2)
}

func TestConsumerFromTheEndSkipsHistoryOnce(t *testing.T) {
	client := connect(t)
	_, err := client.Append(t.Context(), "order-1", numbers(0, 3))
	ok(t, err)
	ctx, stop := context.WithCancel(t.Context())
	var got []annals.Position
	consumer := client.Consumer("new", annals.FromEnd())
	ended := make(chan error, 1)
	go func() {
		ended <- consumer.Run(ctx, func(_ context.Context, event annals.Event) error {
			got = append(got, event.Position)
			stop()
			return nil
		})
	}()
	for !consumer.Progress().IsLive {
		time.Sleep(time.Millisecond)
	}
	_, err = client.Append(t.Context(), "order-1", numbers(3, 1))
	ok(t, err)
	ok(t, <-ended)
	same(t, len(got), 1)
	same(t, got[0], 4)
}

func TestConsumerShowsItsLag(t *testing.T) {
	client := connect(t)
	_, err := client.Append(t.Context(), "order-1", numbers(0, 3))
	ok(t, err)
	ctx, stop := context.WithCancel(t.Context())
	consumer := client.Consumer("billing", annals.BatchMax(1), annals.SaveInterval(0))
	var during annals.Progress
	ok(t, consumer.Run(ctx, func(_ context.Context, event annals.Event) error {
		if event.Position == 2 {
			during = consumer.Progress()
			stop()
		}
		return nil
	}))
	same(t, during.IsRunning, true)
	same(t, during.Handled, 1)
	same(t, during.Lag > 0, true)
	same(t, during.EventsPerSecond > 0, true)
	after := consumer.Progress()
	same(t, after.HasBehind, true)
	same(t, after.Behind, 1)
}

func TestConsumerShowsWhatBrokeAndGoesOn(t *testing.T) {
	server := testserver.Start(t)
	direct := server.Connect(t)
	gate := server.Gate(t)
	client, err := annals.Connect(gate.Address)
	ok(t, err)
	defer client.Close()
	_, err = direct.Append(t.Context(), "order-1", numbers(0, 2))
	ok(t, err)
	ctx, stop := context.WithCancel(t.Context())
	consumer := client.Consumer("billing")
	var got []annals.Position
	ok(t, consumer.Run(ctx, func(_ context.Context, event annals.Event) error {
		switch got = append(got, event.Position); event.Position {
		case 2:
			gate.Reset()
			_, err := direct.Append(context.Background(), "order-1", numbers(2, 1))
			return err
		case 3:
			stop()
		}
		return nil
	}))
	same(t, len(got), 3)
	same(t, errors.Is(consumer.Progress().LastError, annals.ErrUnavailable), true)
	same(t, consumer.Progress().At, 3)
}

func TestOptionsWithDurationsThatCannotBeAreNamed(t *testing.T) {
	// nobody listens: it is refused before anything is asked
	client, err := annals.Connect("127.0.0.1:1", annals.WithTimeout(time.Minute))
	ok(t, err)
	defer client.Close()
	never := func(context.Context, annals.Event) error { return nil }
	for field, option := range map[string]annals.ConsumerOption{
		"SaveInterval": annals.SaveInterval(-time.Second),
		"SaveWithin":   annals.SaveWithin(-1),
		"StopGrace":    annals.StopGrace(-time.Millisecond),
	} {
		refusedField(t, client.Consumer("billing", option).Run(t.Context(), never), field)
	}
	for field, settings := range map[string]annals.GroupSettings{
		"AckDeadline":        {AckDeadline: -time.Second},
		"RetryBase":          {RetryBase: time.Microsecond},
		"RetryMax":           {RetryMax: 50 * 24 * time.Hour},
		"CheckpointInterval": {CheckpointInterval: -1},
		"StalledAfter":       {StalledAfter: -1},
		"ReadyLag":           {ReadyLag: time.Millisecond},
	} {
		_, err := client.Group("billing").Create(t.Context(), settings)
		refusedField(t, err, field)
		_, err = client.Group("billing").Update(t.Context(), settings, "a test")
		refusedField(t, err, field)
	}
	for _, age := range []time.Duration{-time.Hour, time.Millisecond} {
		refusedField(t, client.SetStreamMetadata(t.Context(), "order-1",
			annals.StreamMetadata{MaxAge: age}, annals.Any), "MaxAge")
	}
}
