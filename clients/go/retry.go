// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"
	"errors"
	"fmt"
)

// RetryOnConflict calls try until it succeeds, fails otherwise than by a conflict, or has been
// called attempts times: read, decide and append within it, so that each try sees what the others
// have written. The last failure is the answer; [ErrInvalidArgument] for less than one attempt.
func (c *Client) RetryOnConflict(
	ctx context.Context, attempts int, try func(ctx context.Context) error,
) error {
	if attempts < 1 {
		return refuse("RetryOnConflict", "attempts", fmt.Sprintf(
			"attempts is %d: give 1 or more, the first counts", attempts))
	}
	for attempt := 0; ; attempt++ {
		err := try(ctx)
		if err == nil || !errors.Is(err, ErrConflict) || attempt+1 >= attempts {
			return err
		}
		if !pause(ctx, c.options.backoff.wait(attempt, 0)) {
			return errors.Join(err, ctx.Err())
		}
	}
}

// backOff waits before the next try; false: the context ended.
func (c *Client) backOff(ctx context.Context, operation string, attempt int, err error) bool {
	var failure *Error
	errors.As(err, &failure)
	wait := c.options.backoff.wait(attempt, failure.RetryAfter)
	c.options.logger.Info("annals: trying again", "operation", operation, "attempt", attempt+1,
		"wait", wait, "code", string(failure.Code), "error", failure.Message)
	return pause(ctx, wait)
}
