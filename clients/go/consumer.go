// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	annalsv1 "annals.dev/annals/v1"
)

// consuming is how a consumer reads, saves and stops.
type consuming struct {
	subscribing
	owner        string
	saveInterval time.Duration
	saveWithin   time.Duration
	stopGrace    time.Duration
}

// ConsumerOption says what a consumer reads and how: a [Select], [FromEnd], [BatchMax],
// [CheckpointInterval], [Owner], [SaveInterval], [SaveWithin], [StopGrace]. A start counts only while
// nothing was saved.
type ConsumerOption interface{ consume(*consuming) }

type consumerOption func(*consuming)

func (o consumerOption) consume(k *consuming) { o(k) }

// Owner is who the consumer is, for people; without it host and process.
func Owner(name string) ConsumerOption {
	return consumerOption(func(k *consuming) { k.owner = name })
}

// SaveInterval is the least time between two saves, 50 ms without it: a crash gives the events of
// that time again, and those of the batch in hand ([BatchMax]). 0 saves as often as the server
// answers.
func SaveInterval(interval time.Duration) ConsumerOption {
	return consumerOption(func(k *consuming) { k.saveInterval = interval })
}

// SaveWithin is how long a batch may take until Run saves the place within it, again and again; a
// second without it; 0: behind each event. Each costs a read.
func SaveWithin(interval time.Duration) ConsumerOption {
	return consumerOption(func(k *consuming) { k.saveWithin = interval })
}

// StopGrace is how long the handler may go on after its consumer was asked to stop, 10 s without
// it; then its context ends.
func StopGrace(grace time.Duration) ConsumerOption {
	return consumerOption(func(k *consuming) { k.stopGrace = grace })
}

// Consumer is a named reader whose place the server keeps: stopped, killed or moved to another
// machine, it goes on where it was. Events come in order, each at least once; a crash gives those
// again that were handled and not yet saved. What the handler appends with [Event.Tracking] is stored
// once all the same.
//
// Run or RunBatches runs it, once at a time; the other methods are for any goroutine.
type Consumer struct {
	client *Client
	name   string
	chosen consuming
	state  consumerState
}

// Consumer prepares a consumer of this name.
func (c *Client) Consumer(name string, options ...ConsumerOption) *Consumer {
	chosen := consuming{owner: processName(), saveInterval: 50 * time.Millisecond,
		saveWithin: time.Second, stopGrace: 10 * time.Second}
	for _, option := range options {
		option.consume(&chosen)
	}
	return &Consumer{client: c, name: name, chosen: chosen}
}

// check refuses options that cannot be, by their names.
func (k *consuming) check() error {
	for _, each := range []struct {
		option string
		value  time.Duration
	}{
		{"SaveInterval", k.saveInterval},
		{"SaveWithin", k.saveWithin},
		{"StopGrace", k.stopGrace},
	} {
		if each.value < 0 {
			return refuse("Run", each.option, fmt.Sprintf(
				"%s is %v: give 0 or more, or leave it out", each.option, each.value))
		}
	}
	return nil
}

func processName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return host + "/" + strconv.Itoa(os.Getpid())
}

// RunBatches claims the consumer, which ends an older instance of it, and gives its events to handle,
// batch after batch, until ctx ends: then it lets the handler finish ([StopGrace]), saves, and
// answers nil. Broken connections and restarts of the server do not end it. What ends it:
//
//   - options that cannot be, [ErrInvalidArgument], before it claims anything;
//   - an error of the handler: what was not saved of its batch comes again next time;
//   - [ErrConsumerFenced]: another instance claimed the consumer, or it was rewound;
//   - what trying again does not mend, such as [ErrTokenUnknown] after a restore.
func (k *Consumer) RunBatches(
	ctx context.Context, handle func(ctx context.Context, batch Batch) error,
) error {
	return k.run(ctx, func(ctx context.Context, work *batchWork) (int, error) {
		return len(work.batch.Events), handle(ctx, work.batch)
	})
}

// Run is as RunBatches, event after event: a stop lets the handler finish the event in hand, and
// saves the place behind it. The place is also saved within a batch that takes long ([SaveWithin]).
// [ErrAlreadyTracked] from the handler is no failure: the event was handled before.
func (k *Consumer) Run(
	ctx context.Context, handle func(ctx context.Context, event Event) error,
) error {
	return k.run(ctx, func(ctx context.Context, work *batchWork) (int, error) {
		for index := range work.batch.Events {
			if work.stopping.Err() != nil {
				return index, nil
			}
			err := handle(ctx, work.batch.Events[index])
			if err != nil && !errors.Is(err, ErrAlreadyTracked) {
				return index, err
			}
			work.handled(ctx, index+1)
		}
		return len(work.batch.Events), nil
	})
}

// run gives batches to handle, which answers how many of a batch's events were handled: fewer than
// all where it was stopped.
func (k *Consumer) run(
	ctx context.Context, handle func(ctx context.Context, work *batchWork) (int, error),
) error {
	if err := k.chosen.check(); err != nil {
		return err
	}
	place, err := k.claim(ctx)
	if err != nil {
		return stopped(ctx, err)
	}
	chosen := k.chosen.subscribing
	if place.Position != "" {
		chosen.start = start{after: place.Position}
	}
	receiving, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	handling, endHandling := context.WithCancel(context.WithoutCancel(ctx))
	defer endHandling()
	defer context.AfterFunc(ctx, func() {
		if pause(handling, k.chosen.stopGrace) {
			endHandling()
		}
	})()

	k.state.begin(place)
	saver := newSaver(k, place, func(cause error) {
		stop(cause)
		endHandling()
	})
	subscription := newSubscription(k.client, chosen)
	subscription.failed = k.state.failed
	err = k.work(receiving, handling, subscription, saver, handle)
	err = stopped(ctx, err)
	if saving := saver.finish(); saving != nil {
		err = saving // it ended the subscription, too
	}
	k.state.end(err)
	return err
}

func (k *Consumer) work(
	receiving, handling context.Context, subscription *Subscription, saver *saver,
	handle func(context.Context, *batchWork) (int, error),
) error {
	for batch, err := range subscription.Batches(receiving) {
		if err != nil {
			return err
		}
		k.state.took(batch)
		work := &batchWork{consumer: k, saver: saver, batch: batch, stopping: receiving,
			looked: time.Now()}
		done := 0
		if len(batch.Events) > 0 {
			traced, end := k.client.options.tracing.StartHandle(handling, k.name, batch.Events)
			done, err = handle(traced, work)
			end(err)
		}
		if done < len(batch.Events) {
			if receiving.Err() != nil { // an error is the stop's, too
				work.end(done)
			}
			return err
		}
		if err != nil {
			return err
		}
		work.offer(batch.Position, done)
	}
	return nil
}

// claim takes the consumer, however long the server is away.
func (k *Consumer) claim(ctx context.Context) (ConsumerProgress, error) {
	for attempt := 0; ; attempt++ {
		response, err := call(ctx, k.client, "ClaimConsumer", &annalsv1.ClaimConsumerRequest{
			Namespace: k.client.namespace, Consumer: k.name, Owner: k.chosen.owner},
			k.client.consumers.Claim)
		if err == nil {
			return progressOf(response), nil
		}
		if !isTransient(err) || !k.client.backOff(ctx, "ClaimConsumer", attempt, err) {
			return ConsumerProgress{}, err
		}
	}
}

// stopped answers nil where ctx ended, because that is how a consumer is stopped.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) ||
		errors.Is(err, context.DeadlineExceeded)) {
		return nil
	}
	return err
}
