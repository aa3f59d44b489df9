// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"
	"time"
)

// withinTimeout is how long handling may wait for a save within a batch, where the server is away.
const withinTimeout = time.Second

// batchWork is a batch on its way through the handler. Of the goroutine that runs the consumer.
type batchWork struct {
	consumer *Consumer
	saver    *saver
	batch    Batch
	stopping context.Context // ends when no further event is to be handled
	told     int             // of its events, to the consumer's progress and to the saver
	looked   time.Time       // when a place within it was looked for last
}

// handled takes note of the first so many events of the batch, where it takes long.
func (w *batchWork) handled(ctx context.Context, count int) {
	if count < len(w.batch.Events) && time.Since(w.looked) >= w.consumer.chosen.saveWithin {
		ctx, cancel := context.WithTimeout(ctx, withinTimeout)
		defer cancel()
		w.offerBehind(ctx, count)
	}
}

// end is that of a batch that was stopped behind its first so many events.
func (w *batchWork) end(count int) {
	ctx, cancel := context.WithTimeout(context.Background(), lastSaveTimeout)
	defer cancel()
	w.offerBehind(ctx, count)
}

// offerBehind saves the place behind the first so many events. A batch has one token, for its end:
// that of an event within it is read. Of an event that is gone by now there is none: what was handled
// comes again then, for the token of the next one would pass over what was not.
func (w *batchWork) offerBehind(ctx context.Context, count int) {
	if count == w.told {
		return
	}
	w.looked = time.Now()
	position := w.batch.Events[count-1].Position
	page, err := w.consumer.client.ReadPage(ctx, FromPosition(position), IncludeSystem(), Limit(1))
	if err != nil {
		w.consumer.state.failed(err)
		return
	}
	if len(page.Events) == 1 && page.Events[0].Position == position {
		w.offer(page.Next, count)
	}
}

// offer gives the saver the place behind the first so many events.
func (w *batchWork) offer(place Token, count int) {
	w.consumer.state.handled(w.batch, w.told, count)
	w.saver.offer(place, uint64(count-w.told))
	w.told = count
}
