// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"cmp"
	"context"
	"errors"
	"sync"

	"google.golang.org/grpc/status"
)

func statusOf(err error) error { return status.FromContextError(err).Err() }

type joining struct {
	inFlightMax uint32
}

// JoinOption is an option of a member.
type JoinOption func(*joining)

// InFlight is how many deliveries a member has at a time; without it, as many as the group allows.
func InFlight(deliveries uint32) JoinOption {
	return func(j *joining) { j.inFlightMax = deliveries }
}

// Member takes part in a group until its context ends, or it stops. When its connection breaks,
// the server restarts or the group is reset, it joins again; what it had not settled is given out
// again, to it or to another. Any goroutine.
type Member struct {
	group  *Group
	name   string
	chosen joining
	cancel context.CancelFunc
	ended  chan struct{}

	mutex   sync.Mutex
	current *membership
	queue   []Delivery // not taken by Next; at most as many as in flight
	arrived chan struct{}
	err     error

	isStopping bool
	rejoins    uint64
}

// Join makes a member of this name (for people: host and process, say). It does not wait: what goes
// wrong for good, such as [ErrGroupNotFound], is said by Next, and so is the end of ctx, which ends
// the member at once: context.Canceled, or context.DeadlineExceeded. The server then gives out again
// what was not settled, and counts it as tried, as it does where a connection broke or [Client.Close]
// ended the member ([ErrCancelled]); [Member.Stop] gives it back uncounted.
func (g *Group) Join(ctx context.Context, member string, options ...JoinOption) *Member {
	ctx, cancel := context.WithCancel(ctx)
	m := &Member{group: g, name: member, cancel: cancel, ended: make(chan struct{}),
		arrived: make(chan struct{}, 1)}
	for _, option := range options {
		option(&m.chosen)
	}
	go m.run(ctx)
	return m
}

// Next waits for a delivery. An error is of ctx, or why the member is none any more.
func (m *Member) Next(ctx context.Context) (Delivery, error) {
	for {
		if delivery, ok := m.take(); ok {
			return delivery, nil
		}
		select {
		case <-m.arrived:
		case <-m.ended:
			if delivery, ok := m.take(); ok {
				return delivery, nil
			}
			m.mutex.Lock()
			defer m.mutex.Unlock()
			return Delivery{}, m.err
		case <-ctx.Done():
			return Delivery{}, errorOf("Next", statusOf(ctx.Err()))
		}
	}
}

// Rejoins counts how often the member joined again: what it had then and did not settle is given
// out anew.
func (m *Member) Rejoins() uint64 {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.rejoins
}

// Stop gives everything back, uncounted, and ends the member.
func (m *Member) Stop(ctx context.Context) error {
	m.mutex.Lock()
	current := m.current
	m.queue = nil
	m.isStopping = true
	m.mutex.Unlock()
	var err error
	if current != nil {
		if err = current.leave(ctx); errors.Is(err, ErrDeliveryOver) || isTransient(err) {
			err = nil // there was nothing left to give back
		}
	}
	m.cancel()
	<-m.ended
	return err
}

func (m *Member) take() (Delivery, bool) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if len(m.queue) == 0 {
		return Delivery{}, false
	}
	delivery := m.queue[0]
	m.queue = m.queue[1:]
	if len(m.queue) > 0 {
		m.ring()
	}
	return delivery, true
}

func (m *Member) ring() {
	select {
	case m.arrived <- struct{}{}:
	default:
	}
}

func (m *Member) run(ctx context.Context) {
	defer close(m.ended)
	for attempt := 0; ; attempt++ {
		err := m.belong(ctx, func() { attempt = -1 })
		if m.hasStopped(ctx) {
			m.finish(errorOf("Join", statusOf(cmp.Or(ctx.Err(), context.Canceled))))
			return
		}
		if !isTransient(err) || !m.group.client.backOff(ctx, "Join", max(attempt, 0), err) {
			m.finish(err)
			return
		}
		m.mutex.Lock()
		m.rejoins++
		m.mutex.Unlock()
	}
}

func (m *Member) hasStopped(ctx context.Context) bool {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.isStopping || ctx.Err() != nil
}

func (m *Member) finish(err error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.err = err
}

// belong is one membership.
func (m *Member) belong(ctx context.Context, worked func()) error {
	current, err := m.group.open(ctx, m.name, m.chosen.inFlightMax)
	if err != nil {
		return err
	}
	m.mutex.Lock()
	m.current = current
	m.mutex.Unlock()
	err = current.run(ctx, func(deliveries []Delivery) {
		worked()
		m.mutex.Lock()
		m.queue = append(m.queue, deliveries...)
		m.mutex.Unlock()
		m.ring()
	})
	m.mutex.Lock()
	m.current = nil
	m.queue = nil // given out again
	m.mutex.Unlock()
	return err
}
