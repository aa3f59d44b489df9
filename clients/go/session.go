// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"
	"sync"
	"time"

	annalsv1 "annals.dev/annals/v1"
)

// longestWait is how long a read waits for a session's position where the context has no deadline.
const longestWait = 30 * time.Second

// session is the latest position that its writes have reached.
type session struct {
	mutex  sync.Mutex
	latest Token
}

// Session is a client that reads what it has written: each write moves its position, each read of
// events and entities waits for it. Any goroutine; a user's request is a good life for one.
func (c *Client) Session() *Client {
	other := *c
	other.session = &session{}
	return &other
}

// Position is the latest position that the session has written or observed; empty: none, or this
// is no session. Give it to whoever goes on in the user's name.
func (c *Client) Position() Token {
	if c.session == nil {
		return ""
	}
	c.session.mutex.Lock()
	defer c.session.mutex.Unlock()
	return c.session.latest
}

// Observe makes later reads of a session wait for a position that was seen elsewhere. Nothing
// happens where it is earlier than the session's own, or this is no session.
func (c *Client) Observe(position Token) {
	if c.session == nil || position == "" {
		return
	}
	c.session.mutex.Lock()
	defer c.session.mutex.Unlock()
	if !position.isBefore(c.session.latest) {
		c.session.latest = position
	}
}

// minimum is what a read must wait for, and how long in milliseconds.
func (c *Client) minimum(ctx context.Context, chosen Token) (position string, waitMs uint32) {
	if chosen == "" {
		chosen = c.Position()
	}
	if chosen == "" {
		return "", 0
	}
	wait := min(longestWait, c.options.timeout)
	if deadline, hasDeadline := ctx.Deadline(); hasDeadline {
		wait = max(0, time.Until(deadline))
	}
	return string(chosen), uint32(min(wait, longestWait) / time.Millisecond)
}

func (c *Client) setMinimum(ctx context.Context, request *annalsv1.ReadRequest, chosen Token) {
	request.MinPosition, request.MaxWaitMs = c.minimum(ctx, chosen)
}
