// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"annals.dev/annals"
)

// watch is a subscription that gathers what it is given.
type watch struct {
	cancel context.CancelFunc
	ended  chan struct{}

	mutex    sync.Mutex
	gathered []annals.Event
	taken    int
	isLive   bool
	err      error
}

func subscribe(s *stage, a args) (gives, error) {
	var options []annals.SubscribeOption
	for _, one := range selected(a) {
		options = append(options, one)
	}
	if a.text("start") == "end" {
		options = append(options, annals.FromEnd())
	}
	if batch := a.number("batch"); batch > 0 {
		options = append(options, annals.BatchMax(uint32(batch)))
	}
	ctx, cancel := context.WithCancel(s.ctx)
	w := &watch{cancel: cancel, ended: make(chan struct{})}
	s.things[a.text("as")] = w
	subscription := s.from(a).Subscribe(options...)
	go func() {
		defer close(w.ended)
		for batch, err := range subscription.Batches(ctx) {
			w.mutex.Lock()
			w.gathered = append(w.gathered, batch.Events...)
			w.isLive = batch.IsLive
			w.err = err
			w.mutex.Unlock()
		}
	}()
	return nil, nil
}

func take(s *stage, a args) (gives, error) {
	w := s.things[a.text("from")].(*watch)
	count := a.number("count")
	var events []annals.Event
	err := until(fmt.Sprintf("%d events", count), func() (bool, error) {
		w.mutex.Lock()
		defer w.mutex.Unlock()
		if len(w.gathered) < w.taken+count {
			return false, w.err
		}
		events = w.gathered[w.taken : w.taken+count]
		w.taken += count
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	return given(a, events)
}

var errDied = errors.New("died as it was told")

// worker is a consumer.
type worker struct {
	consumer *annals.Consumer
	cancel   context.CancelFunc
	ended    chan struct{}
	err      error // once ended

	mutex   sync.Mutex
	handled []annals.Event
}

func (w *worker) events() []annals.Event {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return append([]annals.Event(nil), w.handled...)
}

func consume(s *stage, a args) (gives, error) {
	var options []annals.ConsumerOption
	for _, one := range selected(a) {
		options = append(options, one)
	}
	if batch := a.number("batch"); batch > 0 {
		options = append(options, annals.BatchMax(uint32(batch)))
	}
	ctx, cancel := context.WithCancel(s.ctx)
	name := a.text("name")
	w := &worker{consumer: s.client.Consumer(name, options...), cancel: cancel,
		ended: make(chan struct{})}
	s.things[a.text("as")] = w
	handle := func(ctx context.Context, event annals.Event) error {
		if stream := a.text("copies_to"); stream != "" {
			_, err := s.client.Append(ctx, stream,
				[]annals.NewEvent{{Type: event.Type, Data: event.Data}},
				annals.Track(event.Tracking(name)))
			if err != nil && !errors.Is(err, annals.ErrAlreadyTracked) {
				return err
			}
		}
		w.mutex.Lock()
		defer w.mutex.Unlock()
		w.handled = append(w.handled, event)
		if len(w.handled) == a.number("dies_at") {
			return errDied
		}
		return nil
	}
	go func() {
		defer close(w.ended)
		w.err = w.consumer.Run(ctx, handle)
	}()
	return nil, nil
}

func handled(s *stage, a args) (gives, error) {
	w := s.things[a.text("by")].(*worker)
	count := a.number("count")
	err := until(fmt.Sprintf("%d handled events", count), func() (bool, error) {
		select {
		case <-w.ended:
			return false, errors.Join(w.err, errors.New("the consumer ended"))
		default:
			return w.consumer.Progress().Saved >= uint64(count), nil
		}
	})
	if err != nil {
		return nil, err
	}
	return given(a, w.events())
}

func wait(s *stage, a args) (gives, error) {
	switch thing := s.things[a.text("for")].(type) {
	case *watch:
		return nil, until("live events", func() (bool, error) {
			thing.mutex.Lock()
			defer thing.mutex.Unlock()
			return thing.isLive, thing.err
		})
	case *writer:
		return thing.wait(a)
	case *worker:
		if a["live"] == true {
			return nil, until("live events", func() (bool, error) {
				return thing.consumer.Progress().IsLive, nil
			})
		}
		if err := ended(thing.ended); err != nil {
			return nil, err
		}
		if thing.err != nil && !errors.Is(thing.err, errDied) {
			return nil, thing.err
		}
		return gives{"handled": len(thing.events())}, nil
	}
	return nil, fmt.Errorf("there is no %q", a.text("for"))
}

func (w *writer) wait(a args) (gives, error) {
	if count := int64(a.number("appended")); count > 0 {
		return nil, until("appends", func() (bool, error) {
			select {
			case <-w.ended:
				return w.appended.Load() >= count, w.err
			default:
				return w.appended.Load() >= count, nil
			}
		})
	}
	if err := ended(w.ended); err != nil {
		return nil, err
	}
	return gives{"appended": w.appended.Load()}, w.err
}

func ended(end chan struct{}) error {
	return until("its end", func() (bool, error) {
		select {
		case <-end:
			return true, nil
		default:
			return false, nil
		}
	})
}

func stop(s *stage, a args) (gives, error) {
	name := a.text("what")
	thing := s.things[name]
	delete(s.things, name)
	switch thing := thing.(type) {
	case *watch:
		thing.cancel()
		return nil, ended(thing.ended)
	case *writer:
		return nil, ended(thing.ended)
	case *worker:
		thing.cancel()
		if err := ended(thing.ended); err != nil {
			return nil, err
		}
		return gives{"handled": len(thing.events()), "at": thing.consumer.Progress().At}, thing.err
	case *membership:
		ctx, cancel := s.within(nil)
		defer cancel()
		return nil, thing.member.Stop(ctx)
	}
	return nil, fmt.Errorf("there is no %q", name)
}

func progress(s *stage, a args) (gives, error) {
	ctx, cancel := s.within(a)
	defer cancel()
	place, err := s.client.ConsumerProgress(ctx, a.text("consumer"))
	if err != nil {
		return nil, err
	}
	return gives{"at": place.At, "behind": place.Behind, "epoch": place.Epoch}, nil
}

func session(s *stage, a args) (gives, error) {
	name := a.text("of")
	if name == "" {
		name = a.text("as")
		s.sessions[name] = s.client.Session()
	}
	return gives{"position": s.sessions[name].Position()}, nil
}
