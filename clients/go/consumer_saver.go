// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"
	"errors"
	"sync"
	"time"

	annalsv1 "annals.dev/annals/v1"
)

// lastSaveTimeout is how long a consumer that stops tries to save.
const lastSaveTimeout = 10 * time.Second

// saver keeps a consumer's place on the server, one save at a time, while the next batches are
// handled: a save takes what was handled until it begins.
type saver struct {
	consumer *Consumer
	epoch    uint64
	fail     func(error)
	wake     chan struct{} // one: something was offered
	last     chan struct{} // closed: save what there is, and end
	ended    chan struct{}

	mutex   sync.Mutex
	offered offer
	err     error
}

type offer struct {
	position Token
	events   uint64
}

func newSaver(consumer *Consumer, place ConsumerProgress, fail func(error)) *saver {
	s := &saver{consumer: consumer, epoch: place.Epoch, fail: fail,
		wake: make(chan struct{}, 1), last: make(chan struct{}), ended: make(chan struct{}),
		offered: offer{position: place.Position}}
	go s.run()
	return s
}

// offer is what was handled so far.
func (s *saver) offer(position Token, events uint64) {
	s.mutex.Lock()
	s.offered.position = position
	s.offered.events += events
	s.mutex.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// finish saves what is left, and answers the error that saving ended with.
func (s *saver) finish() error {
	close(s.last)
	<-s.ended
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.err
}

func (s *saver) run() {
	defer close(s.ended)
	saved := s.latest()
	for isLast := false; !isLast; {
		select {
		case <-s.wake:
		case <-s.last:
			isLast = true
		}
		latest := s.latest()
		if latest.position != saved.position {
			if err := s.save(latest); err != nil {
				s.mutex.Lock()
				s.err = err
				s.mutex.Unlock()
				s.fail(err)
				return
			}
			saved = latest
		}
		if !isLast && s.consumer.chosen.saveInterval > 0 {
			isLast = s.rest()
		}
	}
	if latest := s.latest(); latest.position != saved.position {
		if err := s.save(latest); err != nil {
			s.mutex.Lock()
			s.err = err
			s.mutex.Unlock()
		}
	}
}

// rest waits between two saves; true: it was interrupted by the end.
func (s *saver) rest() bool {
	timer := time.NewTimer(s.consumer.chosen.saveInterval)
	defer timer.Stop()
	select {
	case <-timer.C:
		return false
	case <-s.last:
		return true
	}
}

func (s *saver) latest() offer {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.offered
}

// save tries until the server answers; once the consumer stops, for lastSaveTimeout.
func (s *saver) save(what offer) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-s.last:
			if pause(ctx, lastSaveTimeout) {
				cancel()
			}
		case <-ctx.Done():
		}
	}()
	client := s.consumer.client
	request := &annalsv1.SaveProgressRequest{Namespace: client.namespace,
		Consumer: s.consumer.name, Position: string(what.position), Epoch: s.epoch}
	for attempt := 0; ; attempt++ {
		response, err := call(ctx, client, "SaveConsumer", request, client.consumers.Save)
		if err == nil {
			s.consumer.state.saved(progressOf(response), what.events)
			return nil
		}
		s.consumer.state.failed(err)
		if !isTransient(err) || !client.backOff(ctx, "SaveConsumer", attempt, err) {
			if ctx.Err() != nil {
				return errors.Join(err, ctx.Err())
			}
			return err
		}
	}
}
