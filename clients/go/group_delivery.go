// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"
	"fmt"
	"time"

	annalsv1 "annals.dev/annals/v1"
)

// Delivery is an event that was given to this member, until it is settled: by Ack, Retry, Park or
// Skip, each of which answers once the server has taken it. [ErrDeliveryOver]: too late, it was or
// will be given to somebody else.
type Delivery struct {
	Event Event
	// Attempt is 1 the first time since the server runs the group.
	Attempt uint32

	token      uint64
	membership *membership
}

// Ack says that it went well.
func (d *Delivery) Ack(ctx context.Context) error {
	return d.settle(ctx, nil)
}

// Retry asks for it again, after the group's backoff, or after a delay that is not negative.
func (d *Delivery) Retry(ctx context.Context, reason string, delay time.Duration) error {
	if delay > millisecondsMax {
		return refuse("Settle", "delay", fmt.Sprintf(
			"delay is %v: give at most %v, or GroupBackoff", delay, millisecondsMax))
	}
	settlement := &annalsv1.Settlement{What: annalsv1.Settling_SETTLING_RETRY, Reason: reason}
	if delay >= 0 {
		number := milliseconds(delay)
		settlement.DelayMs = &number
	}
	return d.settle(ctx, settlement)
}

// GroupBackoff is the delay of [Delivery.Retry] that leaves it to the group.
const GroupBackoff = time.Duration(-1)

// Park sets its key aside at once: it waits for somebody to look at it.
func (d *Delivery) Park(ctx context.Context, reason string) error {
	return d.settle(ctx,
		&annalsv1.Settlement{What: annalsv1.Settling_SETTLING_PARK, Reason: reason})
}

// Skip says that it is over, unhandled.
func (d *Delivery) Skip(ctx context.Context) error {
	return d.settle(ctx, &annalsv1.Settlement{What: annalsv1.Settling_SETTLING_SKIP})
}

// Extend begins its deadline anew.
func (d *Delivery) Extend(ctx context.Context) error {
	return d.settle(ctx, &annalsv1.Settlement{What: annalsv1.Settling_SETTLING_EXTEND})
}

// Tracking says, in the append of what follows from the event ([Track]), that the group has handled
// it: the append of a second delivery is refused with [ErrAlreadyTracked]. By what the group is
// keyed by (stream, tag, correlation), because members finish out of order; by the event where the
// group keeps no order or is keyed by a field.
func (d *Delivery) Tracking() Tracking {
	tracking := d.Event.Tracking(d.membership.group.name)
	tracking.Key = trackingKey(d.membership.settings, &d.Event)
	return tracking
}

func (d *Delivery) settle(ctx context.Context, other *annalsv1.Settlement) error {
	if other != nil {
		other.Delivery = d.token
	}
	return d.membership.settle(ctx, settling{token: d.token, other: other})
}
