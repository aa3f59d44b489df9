// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"
	"errors"
	"io"
	"sync"

	"google.golang.org/grpc"

	annalsv1 "annals.dev/annals/v1"
)

// settlingsMax is what one message may settle.
const settlingsMax = 4_096

// membership is one call of Join: from `joined` until the connection or the group ends it.
type membership struct {
	group  *Group
	ctx    context.Context // of the call
	call   grpc.BidiStreamingClient[annalsv1.GroupMemberMessage, annalsv1.GroupWork]
	cancel context.CancelFunc
	wake   chan struct{} // one: the outbox has something
	ended  chan struct{}
	// settings of the group, known before the first delivery
	settings *annalsv1.GroupSettings

	mutex    sync.Mutex
	outbox   []settling   // not sent; as many as deliveries
	awaiting [][]settling // sent, not answered, in order
	err      error        // why it ended
}

// settling is what becomes of a delivery, and who waits to hear that it was taken.
type settling struct {
	token  uint64
	other  *annalsv1.Settlement // nil: acknowledged
	answer chan error
}

func (g *Group) open(ctx context.Context, member string, inFlightMax uint32) (*membership, error) {
	ctx, cancel := context.WithCancel(g.client.traced(ctx))
	call, err := g.client.groups.Join(ctx)
	if err == nil {
		err = call.Send(&annalsv1.GroupMemberMessage{Kind: &annalsv1.GroupMemberMessage_Join{
			Join: &annalsv1.JoinGroup{Namespace: g.client.namespace, Group: g.name,
				Member: member, InFlightMax: inFlightMax}}})
		if errors.Is(err, io.EOF) {
			_, err = call.Recv()
		}
	}
	if err != nil {
		err = errorIn(ctx, "Join", err)
		cancel()
		return nil, err
	}
	return &membership{group: g, ctx: ctx, call: call, cancel: cancel, wake: make(chan struct{}, 1),
		ended: make(chan struct{})}, nil
}

// run gives deliveries to take until the call ends; the answer is why.
func (m *membership) run(ctx context.Context, take func([]Delivery)) error {
	go m.send()
	for {
		work, err := m.call.Recv()
		if err != nil {
			return m.end(err)
		}
		if work.GetJoined() != nil {
			// asked behind the joining: other settings that matter to deliveries end the membership
			status, err := m.group.Status(ctx)
			if err != nil {
				return m.end(err)
			}
			m.settings = status.Settings
		}
		if settled := work.GetSettled(); settled != nil {
			m.settled(settled)
		}
		deliveries := make([]Delivery, 0, len(work.GetEvents()))
		for index, event := range work.GetEvents() {
			deliveries = append(deliveries, Delivery{Event: eventOf(m.group.client.namespace, event),
				Attempt: work.GetAttempts()[index], token: work.GetDeliveries()[index],
				membership: m})
		}
		if len(deliveries) > 0 {
			take(deliveries)
		}
	}
}

func (m *membership) end(err error) error {
	if errors.Is(err, io.EOF) {
		err = &Error{Code: ErrMemberGone, Operation: "Join", Message: "the membership ended"}
	}
	err = errorIn(m.ctx, "Join", err)
	m.cancel()
	m.mutex.Lock()
	m.err = err
	left := m.outbox
	for _, sent := range m.awaiting {
		left = append(left, sent...)
	}
	m.outbox, m.awaiting = nil, nil
	m.mutex.Unlock()
	close(m.ended)
	for _, one := range left {
		one.answer <- err
	}
	return err
}

// settle waits until the server has taken it.
func (m *membership) settle(ctx context.Context, what settling) error {
	what.answer = make(chan error, 1)
	m.mutex.Lock()
	if m.err != nil {
		m.mutex.Unlock()
		return &Error{Code: ErrDeliveryOver, Operation: "Settle", Message: "the membership " +
			"that this delivery belongs to has ended: the event is given out again",
			Fields: map[string]string{}, causes: []error{m.err}}
	}
	m.outbox = append(m.outbox, what)
	m.mutex.Unlock()
	m.ring()
	select {
	case err := <-what.answer:
		return err
	case <-ctx.Done():
		return errorOf("Settle", statusOf(ctx.Err()))
	}
}

func (m *membership) ring() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// send takes what gathered since the last message, so that many settlings share one.
func (m *membership) send() {
	for {
		select {
		case <-m.wake:
		case <-m.ended:
			return
		}
		m.mutex.Lock()
		taken := m.outbox[:min(len(m.outbox), settlingsMax)]
		m.outbox = m.outbox[len(taken):]
		hasMore := len(m.outbox) > 0
		if len(taken) > 0 && m.err == nil {
			m.awaiting = append(m.awaiting, taken)
		}
		m.mutex.Unlock()
		if len(taken) == 0 {
			continue
		}
		message := &annalsv1.SettleDeliveries{}
		for _, one := range taken {
			if one.other == nil {
				message.Acks = append(message.Acks, one.token)
			} else {
				message.Others = append(message.Others, one.other)
			}
		}
		// what does not go out ends the call, which Recv tells
		_ = m.call.Send(&annalsv1.GroupMemberMessage{
			Kind: &annalsv1.GroupMemberMessage_Settle{Settle: message}})
		if hasMore {
			m.ring()
		}
	}
}

func (m *membership) settled(answer *annalsv1.SettledDeliveries) {
	m.mutex.Lock()
	if len(m.awaiting) == 0 {
		m.mutex.Unlock()
		return
	}
	sent := m.awaiting[0]
	m.awaiting = m.awaiting[1:]
	m.mutex.Unlock()
	refused := map[uint64]error{}
	for _, one := range answer.GetRefused() {
		refused[one.GetDelivery()] = &Error{Code: Code(one.GetCode()), Operation: "Settle",
			Message: one.GetMessage(), Fields: map[string]string{}}
	}
	for _, one := range sent {
		one.answer <- refused[one.token]
	}
}

// leave gives everything back, uncounted.
func (m *membership) leave(ctx context.Context) error {
	return m.settle(ctx,
		settling{other: &annalsv1.Settlement{What: annalsv1.Settling_SETTLING_STOP}})
}
