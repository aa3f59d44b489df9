// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Work is a group's member at work.
type Work struct {
	// Member is its name, for people; empty: host and process.
	Member string
	// Concurrency is how many deliveries are handled at once; 0: 8. Events of a key come one after
	// the other all the same.
	Concurrency int
	// StopGrace is how long handlers may go on after ctx ended; 0: 10 s.
	StopGrace time.Duration
}

func (w Work) check() error {
	if w.Concurrency < 0 {
		return refuse("Run", "Work.Concurrency", fmt.Sprintf(
			"Work.Concurrency is %d: give 1 or more, or 0 for 8", w.Concurrency))
	}
	if w.StopGrace < 0 {
		return refuse("Run", "Work.StopGrace", fmt.Sprintf(
			"Work.StopGrace is %v: give more than 0, or 0 for 10s", w.StopGrace))
	}
	return nil
}

// verdict is a handler's answer other than "again".
type verdict struct {
	isPark bool
	reason string
}

func (v *verdict) Error() string { return v.reason }

// Park is what a handler answers to have the event's key set aside at once.
func Park(reason string) error { return &verdict{isPark: true, reason: reason} }

// Skip is what a handler answers to have the event left out.
func Skip(reason string) error { return &verdict{reason: reason} }

// Run handles the group's events until ctx ends: then it lets handlers finish, gives the rest back
// and answers nil. Nil from the handler acknowledges, as does [ErrAlreadyTracked]; [Park] and [Skip]
// do as they say; any other error gives the event again after the group's backoff, and parks its
// key after so many attempts as the group allows. Broken connections and restarts of the server do
// not end it; a group that is gone does. Work that cannot be is [ErrInvalidArgument].
func (g *Group) Run(
	ctx context.Context, work Work, handle func(ctx context.Context, delivery Delivery) error,
) error {
	if work.Member == "" {
		work.Member = processName()
	}
	if err := work.check(); err != nil {
		return err
	}
	if work.Concurrency == 0 {
		work.Concurrency = 8
	}
	if work.StopGrace == 0 {
		work.StopGrace = 10 * time.Second
	}
	handling, endHandling := context.WithCancel(context.WithoutCancel(ctx))
	defer endHandling()
	defer context.AfterFunc(ctx, func() {
		if pause(handling, work.StopGrace) {
			endHandling()
		}
	})()
	// one more is on its way while each is handled
	member := g.Join(handling, work.Member, InFlight(uint32(2*work.Concurrency)))
	var workers sync.WaitGroup
	errs := make([]error, work.Concurrency)
	for index := range work.Concurrency {
		workers.Add(1)
		go func() {
			defer workers.Done()
			errs[index] = g.serve(ctx, handling, member, handle)
		}()
	}
	workers.Wait()
	_ = member.Stop(handling)
	for _, err := range errs {
		if err != nil {
			return stopped(ctx, err)
		}
	}
	return nil
}

// serve handles one delivery after the other.
func (g *Group) serve(
	taking, handling context.Context, member *Member, handle func(context.Context, Delivery) error,
) error {
	for {
		delivery, err := member.Next(taking)
		if err != nil {
			return err
		}
		if taking.Err() != nil {
			return nil // Stop gives it back
		}
		traced, end := g.client.options.tracing.StartHandle(handling, g.name,
			[]Event{delivery.Event})
		outcome := g.try(traced, delivery, handle)
		end(outcome)
		if err := settleBy(handling, delivery, outcome); err != nil {
			g.client.options.logger.Info("annals: a delivery was not settled", "group", g.name,
				"position", uint64(delivery.Event.Position), "error", err)
		}
	}
}

// try turns a handler's panic into a failure of its event.
func (g *Group) try(
	ctx context.Context, delivery Delivery, handle func(context.Context, Delivery) error,
) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	return handle(ctx, delivery)
}

func settleBy(ctx context.Context, delivery Delivery, outcome error) error {
	var said *verdict
	switch {
	case outcome == nil || errors.Is(outcome, ErrAlreadyTracked):
		return delivery.Ack(ctx)
	case errors.As(outcome, &said) && said.isPark:
		return delivery.Park(ctx, said.reason)
	case said != nil:
		return delivery.Skip(ctx)
	}
	return delivery.Retry(ctx, outcome.Error(), GroupBackoff)
}
