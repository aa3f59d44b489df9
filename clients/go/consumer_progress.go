// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"
	"iter"
	"time"

	annalsv1 "annals.dev/annals/v1"
)

// ConsumerProgress is what the server keeps of a consumer.
type ConsumerProgress struct {
	Consumer string
	// Position of the last event that was handled; empty: none yet.
	Position Token
	// At is the number in it.
	At Position
	// Epoch counts claims and rewinds.
	Epoch uint64
	// Owner of the last claim; empty: nobody holds the consumer.
	Owner string
	// Behind counts all events of the log behind the position; it means nothing unless HasBehind.
	Behind    uint64
	HasBehind bool
	// LastSeen is when an instance saved or claimed last.
	LastSeen time.Time
	// Problem is the failure that going on gives, where the log went another way since: rewind.
	// Empty: all is well.
	Problem Code
}

func progressOf(response *annalsv1.ConsumerProgress) ConsumerProgress {
	return ConsumerProgress{Consumer: response.GetConsumer(),
		Position: Token(response.GetPosition()), At: Position(response.GetAt()),
		Epoch: response.GetEpoch(), Owner: response.GetOwner(), Behind: response.GetBehind(),
		HasBehind: response.Behind != nil, LastSeen: time.Unix(0, response.GetLastSeenTimeNs()),
		Problem: Code(response.GetProblem())}
}

// ConsumerProgress asks where a consumer is. [ErrConsumerNotFound].
func (c *Client) ConsumerProgress(ctx context.Context, name string) (ConsumerProgress, error) {
	response, err := call(ctx, c, "ConsumerProgress",
		&annalsv1.GetConsumerRequest{Namespace: c.namespace, Consumer: name}, c.consumers.Get)
	if err != nil {
		return ConsumerProgress{}, err
	}
	return progressOf(response), nil
}

// Consumers gives the consumers whose names begin with a prefix, in byte order.
func (c *Client) Consumers(ctx context.Context, prefix string) iter.Seq2[ConsumerProgress, error] {
	return func(yield func(ConsumerProgress, error) bool) {
		request := &annalsv1.ListConsumersRequest{Namespace: c.namespace, Prefix: prefix}
		for {
			response, err := call(ctx, c, "Consumers", request, c.consumers.List)
			if err != nil {
				yield(ConsumerProgress{}, err)
				return
			}
			for _, consumer := range response.GetConsumers() {
				if !yield(progressOf(consumer), nil) {
					return
				}
			}
			if request.After = response.GetNext(); request.After == "" {
				return
			}
		}
	}
}

// RewindConsumer sets a consumer's place, back or forth: 0 is the start. A running instance ends
// with [ErrConsumerFenced]; the next goes on from there. The reason is kept.
func (c *Client) RewindConsumer(
	ctx context.Context, name string, to Position, reason string,
) (ConsumerProgress, error) {
	response, err := call(ctx, c, "RewindConsumer", &annalsv1.RewindConsumerRequest{
		Namespace: c.namespace, Consumer: name, Reason: reason, Actor: processName(),
		To: &annalsv1.RewindConsumerRequest_At{At: uint64(to)}}, c.consumers.Rewind)
	if err != nil {
		return ConsumerProgress{}, err
	}
	return progressOf(response), nil
}

// DeleteConsumer forgets a consumer.
func (c *Client) DeleteConsumer(ctx context.Context, name string) error {
	_, err := callOnce(ctx, c, "DeleteConsumer",
		&annalsv1.DeleteConsumerRequest{Namespace: c.namespace, Consumer: name,
			Actor: processName()},
		c.consumers.Delete)
	return err
}
