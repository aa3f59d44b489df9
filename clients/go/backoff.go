// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"
	"math/rand/v2"
	"time"
)

// Backoff is how long to wait before the next try: from First, doubling, up to Max, each wait drawn
// at random from its upper half so that clients do not come back all at once.
type Backoff struct{ First, Max time.Duration }

func (b Backoff) wait(attempt int, atLeast time.Duration) time.Duration {
	wait := b.Max
	if attempt < 30 && b.First<<attempt < b.Max {
		wait = b.First << attempt
	}
	wait = wait/2 + rand.N(wait/2+1)
	return max(wait, min(atLeast, b.Max))
}

// pause waits; false: the context ended before.
func pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
