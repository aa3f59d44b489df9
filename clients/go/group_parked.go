// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"
	"iter"
	"strings"
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

// RetryParked gives parked events out again, then what waits behind them. It answers how many keys
// go on. [ErrParkedEventNotFound], [ErrInvalidArgument] where none is named: nothing was changed.
func (g *Group) RetryParked(ctx context.Context, positions ...Position) (uint64, error) {
	return g.changeParked(ctx, parkedChange{"RetryParked", retryParked, "", positions})
}

// RetryAllParked gives all parked events out again, as RetryParked.
func (g *Group) RetryAllParked(ctx context.Context) (uint64, error) {
	return g.changeAllParked(ctx, parkedChange{"RetryAllParked", retryParked, "", nil})
}

// SkipParked leaves parked events out and goes on with what waits behind them. The reason is kept.
// It fails as RetryParked.
func (g *Group) SkipParked(
	ctx context.Context, reason string, positions ...Position,
) (uint64, error) {
	return g.changeParked(ctx, parkedChange{"SkipParked", skipParked, reason, positions})
}

// SkipAllParked leaves all parked events out, as SkipParked.
func (g *Group) SkipAllParked(ctx context.Context, reason string) (uint64, error) {
	return g.changeAllParked(ctx, parkedChange{"SkipAllParked", skipParked, reason, nil})
}

// PurgeParked leaves parked events out, and all that waits behind them. The reason is kept. It fails
// as RetryParked.
func (g *Group) PurgeParked(
	ctx context.Context, reason string, positions ...Position,
) (uint64, error) {
	return g.changeParked(ctx, parkedChange{"PurgeParked", purgeParked, reason, positions})
}

// PurgeAllParked leaves out all that is parked and all that waits, as PurgeParked.
func (g *Group) PurgeAllParked(ctx context.Context, reason string) (uint64, error) {
	return g.changeAllParked(ctx, parkedChange{"PurgeAllParked", purgeParked, reason, nil})
}

const (
	retryParked = annalsv1.ParkedAction_PARKED_ACTION_RETRY
	skipParked  = annalsv1.ParkedAction_PARKED_ACTION_SKIP
	purgeParked = annalsv1.ParkedAction_PARKED_ACTION_PURGE
)

type parkedChange struct {
	operation string
	action    annalsv1.ParkedAction
	reason    string
	positions []Position
}

// changeParked never takes an empty list for all: it is what a search that found nothing gives.
func (g *Group) changeParked(ctx context.Context, change parkedChange) (uint64, error) {
	if len(change.positions) == 0 {
		return 0, refuse(change.operation, "positions", "no position is named, so nothing was "+
			"changed: name those of parked events, or call "+
			strings.Replace(change.operation, "Parked", "AllParked", 1)+" for all of them")
	}
	request := g.parkedRequest(change)
	for _, position := range change.positions {
		request.Positions = append(request.Positions, uint64(position))
	}
	return g.sendParked(ctx, change.operation, request)
}

func (g *Group) changeAllParked(ctx context.Context, change parkedChange) (uint64, error) {
	request := g.parkedRequest(change)
	request.All = true
	return g.sendParked(ctx, change.operation, request)
}

func (g *Group) parkedRequest(change parkedChange) *annalsv1.ChangeParkedRequest {
	return &annalsv1.ChangeParkedRequest{Namespace: g.client.namespace, Group: g.name,
		Action: change.action, Reason: change.reason, Actor: processName()}
}

func (g *Group) sendParked(
	ctx context.Context, operation string, request *annalsv1.ChangeParkedRequest,
) (uint64, error) {
	response, err := callOnce(ctx, g.client, operation, request, g.client.groups.ChangeParked)
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
