// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"
	"iter"
	"time"

	annalsv1 "annals.dev/annals/v1"
)

// ParkedEvent is one that failed too often: it holds back its key, and nothing else.
type ParkedEvent struct {
	Key      string
	Position Position
	// Queued counts the events of its key that wait behind it.
	Queued   uint64
	Attempts uint32
	Error    string
	// Member is the last that had it.
	Member   string
	Time     time.Time
	IsEdited bool
}

// Parked gives the group's parked events, by position.
func (g *Group) Parked(ctx context.Context) iter.Seq2[ParkedEvent, error] {
	return func(yield func(ParkedEvent, error) bool) {
		request := &annalsv1.ListParkedRequest{Namespace: g.client.namespace, Group: g.name}
		for {
			response, err := call(ctx, g.client, "Parked", request, g.client.groups.ListParked)
			if err != nil {
				yield(ParkedEvent{}, err)
				return
			}
			for _, parked := range response.GetParked() {
				request.After = parked.GetPosition()
				if !yield(parkedOf(parked), nil) {
					return
				}
			}
			if !response.GetHasMore() {
				return
			}
		}
	}
}

func parkedOf(parked *annalsv1.ParkedEvent) ParkedEvent {
	return ParkedEvent{Key: parked.GetKey(), Position: Position(parked.GetPosition()),
		Queued: parked.GetQueued(), Attempts: parked.GetAttempts(), Error: parked.GetError(),
		Member: parked.GetMember(), Time: time.Unix(0, parked.GetParkedTimeNs()),
		IsEdited: parked.GetIsEdited()}
}

// RetryParked gives parked events out again, then what waits behind them; no positions: all of
// them. It answers how many keys go on. [ErrParkedEventNotFound]: nothing was changed.
func (g *Group) RetryParked(ctx context.Context, positions ...Position) (uint64, error) {
	return g.changeParked(ctx, annalsv1.ParkedAction_PARKED_ACTION_RETRY, "", positions)
}

// SkipParked leaves parked events out and goes on with what waits behind them. The reason is kept.
func (g *Group) SkipParked(
	ctx context.Context, reason string, positions ...Position,
) (uint64, error) {
	return g.changeParked(ctx, annalsv1.ParkedAction_PARKED_ACTION_SKIP, reason, positions)
}

// PurgeParked leaves parked events out, and all that waits behind them. The reason is kept.
func (g *Group) PurgeParked(
	ctx context.Context, reason string, positions ...Position,
) (uint64, error) {
	return g.changeParked(ctx, annalsv1.ParkedAction_PARKED_ACTION_PURGE, reason, positions)
}

func (g *Group) changeParked(
	ctx context.Context, action annalsv1.ParkedAction, reason string, positions []Position,
) (uint64, error) {
	request := &annalsv1.ChangeParkedRequest{Namespace: g.client.namespace, Group: g.name,
		Action: action, All: len(positions) == 0, Reason: reason, Actor: processName()}
	for _, position := range positions {
		request.Positions = append(request.Positions, uint64(position))
	}
	response, err := callOnce(ctx, g.client, "ChangeParked", request,
		g.client.groups.ChangeParked)
	return response.GetChanged(), err
}

// EditParked replaces what is delivered of a parked event; the log stays as it is. The reason is
// kept.
func (g *Group) EditParked(
	ctx context.Context, position Position, data []byte, reason string,
) error {
	_, err := call(ctx, g.client, "EditParked", &annalsv1.EditParkedRequest{
		Namespace: g.client.namespace, Group: g.name, Position: uint64(position), Data: data,
		Reason: reason, Actor: processName()}, g.client.groups.EditParked)
	return err
}
