// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"annals.dev/annals"
	"annals.dev/annals/internal/testserver"
)

// gRPC asks at the earliest after 10 s whether a silent server is there.
func TestSubscriptionNoticesANetworkThatWentSilent(t *testing.T) {
	t.Parallel()
	server := testserver.Start(t)
	direct := server.Connect(t)
	gate := server.Gate(t)
	client, err := annals.Connect(gate.Address,
		annals.WithKeepAlive(10*time.Second, 500*time.Millisecond))
	ok(t, err)
	defer client.Close()
	_, err = direct.Append(t.Context(), "order-1", numbers(0, 5))
	ok(t, err)
	subscription := client.Subscribe(annals.BatchMax(2))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	next := 0
	for event, err := range subscription.Events(ctx) {
		ok(t, err)
		same(t, numberOf(t, event), next)
		if next++; next == 5 {
			end := gate.Silence()
			_, err := direct.Append(t.Context(), "order-1", numbers(5, 5))
			ok(t, err)
			go func() { // the connection is given up while nothing is carried
				for subscription.Reconnects() == 0 && ctx.Err() == nil {
					time.Sleep(time.Millisecond)
				}
				end()
			}()
		}
		if next == 10 {
			break
		}
	}
	same(t, next, 10)
	same(t, subscription.Reconnects() > 0, true)
	same(t, gate.Accepted() > 1, true)
}

func TestSubscriptionFromATimeOrRevisionGoesOnWhereItWas(t *testing.T) {
	client := connect(t)
	_, err := client.Append(t.Context(), "order-1", numbers(0, 4))
	ok(t, err)
	subscription := client.Subscribe(annals.Stream("order-1"), annals.FromRevision(1),
		annals.BatchMax(1))
	for event, err := range subscription.Events(t.Context()) {
		ok(t, err)
		same(t, event.Revision, 1)
		break
	}
	// ranging again goes on behind the last batch
	for event, err := range subscription.Events(t.Context()) {
		ok(t, err)
		same(t, event.Revision, 2)
		break
	}
	for event, err := range client.Subscribe(annals.After(subscription.Position())).Events(
		t.Context()) {
		ok(t, err)
		same(t, event.Revision, 3)
		break
	}
}

func TestSubscriptionEndsWithItsContext(t *testing.T) {
	client := connect(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ends := 0
	for _, err := range client.Subscribe().Events(ctx) {
		same(t, errors.Is(err, context.Canceled), true)
		ends++
	}
	same(t, ends, 1)
}

func TestSubscriptionTellsWhenItIsLiveAndMovesOnWithoutMatches(t *testing.T) {
	client := connect(t)
	_, err := client.Append(t.Context(), "noise-1", numbers(0, 50))
	ok(t, err)
	subscription := client.Subscribe(annals.Categories("order"), annals.CheckpointInterval(10))
	same(t, subscription.Position(), "")
	for batch, err := range subscription.Batches(t.Context()) {
		ok(t, err)
		same(t, len(batch.Events), 0)
		if batch.IsLive {
			break
		}
	}
	same(t, subscription.IsLive(), true)
	same(t, subscription.Position() != "", true)
}
