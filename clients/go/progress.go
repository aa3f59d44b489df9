// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"sync"
	"time"
)

// Progress is where a running consumer stands, as this process knows without asking.
type Progress struct {
	IsRunning bool
	// Epoch that its claim gave.
	Epoch uint64
	// Position that was saved last, and its number.
	Position Token
	At       Position
	// Handled counts events since Run, Saved those of them whose place is saved.
	Handled uint64
	Saved   uint64
	// EventsPerSecond over the last five to ten seconds.
	EventsPerSecond float64
	// IsLive says that history was read and what comes is new.
	IsLive bool
	// Lag is the age of the event handled last; 0 when there is nothing to handle.
	Lag time.Duration
	// Behind is how many events of the log, wanted or not, were behind the place when it was saved
	// last; it means nothing unless HasBehind. [Client.ConsumerProgress] counts anew.
	Behind    uint64
	HasBehind bool
	// LastError is the newest failure, also one that trying again mended.
	LastError error
}

type consumerState struct {
	mutex      sync.Mutex
	shown      Progress
	isWorking  bool
	lastRecord time.Time
	rate       rate
}

// Progress tells how far the consumer is.
func (k *Consumer) Progress() Progress {
	s := &k.state
	s.mutex.Lock()
	defer s.mutex.Unlock()
	shown := s.shown
	if !s.lastRecord.IsZero() && (s.isWorking || !shown.IsLive) {
		shown.Lag = max(0, time.Since(s.lastRecord))
	}
	shown.EventsPerSecond = s.rate.perSecond(time.Now())
	return shown
}

func (s *consumerState) begin(place ConsumerProgress) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.rate = rate{}
	s.shown = Progress{IsRunning: true, Epoch: place.Epoch, Position: place.Position,
		At: place.At, Behind: place.Behind, HasBehind: place.HasBehind}
}

func (s *consumerState) took(batch Batch) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.isWorking = len(batch.Events) > 0
	if s.isWorking {
		s.lastRecord = batch.Events[0].RecordedTime
	}
	s.shown.IsLive = batch.IsLive && s.shown.IsLive
}

// handled takes note of a batch's events from begin to end; with its last one the batch is over.
func (s *consumerState) handled(batch Batch, begin, end int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.shown.Handled += uint64(end - begin)
	s.rate.add(time.Now(), end-begin)
	if end > 0 {
		s.lastRecord = batch.Events[end-1].RecordedTime
	}
	if end == len(batch.Events) {
		s.isWorking = false
		s.shown.IsLive = batch.IsLive
	}
}

func (s *consumerState) saved(place ConsumerProgress, events uint64) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.shown.Position, s.shown.At, s.shown.Saved = place.Position, place.At, events
	s.shown.Behind, s.shown.HasBehind = place.Behind, place.HasBehind
}

func (s *consumerState) failed(err error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.shown.LastError = err
}

func (s *consumerState) end(err error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.shown.IsRunning = false
	if err != nil {
		s.shown.LastError = err
	}
}
