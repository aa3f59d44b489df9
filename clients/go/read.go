// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"

	annalsv1 "annals.dev/annals/v1"
)

// reading is a read: what, and how much of it.
type reading struct {
	selection
	isBackwards bool
	limit       uint32
	minPosition Token
}

// ReadOption says what to read: a [Select], or [Backwards], [Limit], [MinPosition].
type ReadOption interface{ read(*reading) }

type readOption func(*reading)

func (o readOption) read(r *reading) { o(r) }

// Backwards reads from the end, or from the given start, to the beginning.
func Backwards() ReadOption { return readOption(func(r *reading) { r.isBackwards = true }) }

// Limit ends the read after so many events.
func Limit(events uint32) ReadOption { return readOption(func(r *reading) { r.limit = events }) }

// MinPosition waits until the log has come so far: what was written up to there is read. A
// [Client.Session] does so by itself.
func MinPosition(position Token) ReadOption {
	return readOption(func(r *reading) { r.minPosition = position })
}

// Page is a part of a read.
type Page struct {
	Events []Event
	// Position up to which the page speaks: what it does not show did not exist there.
	Position Token
	// IsEnd says that there was nothing more in this direction.
	IsEnd bool
	// Next goes on with [After]; empty at the end of a stream.
	Next Token
	// LastRevision is that of the stream; it means nothing unless HasRevision.
	LastRevision Revision
	HasRevision  bool
	// Removed tells what the page passed over, in the order of the read: it lies between Events.
	// Pages that follow each other tell of each event once.
	Removed []Removed
}

// ReadStream gives the events of a stream, first to last. [ErrStreamNotFound]: it was never
// written to.
//
//	for event, err := range client.ReadStream(ctx, "order-1") {
//		if err != nil {
//			return err
//		}
//	}
//
// Reads go on where a connection broke. They have no deadline but their context's; where that has
// none, they give up once nothing came for the client's timeout. After an error the sequence ends.
func (c *Client) ReadStream(
	ctx context.Context, stream string, options ...ReadOption,
) iter.Seq2[Event, error] {
	return c.Read(ctx, append([]ReadOption{Stream(stream)}, options...)...)
}

// Read gives the events of the whole namespace, by position, as the options choose. As ReadStream.
func (c *Client) Read(ctx context.Context, options ...ReadOption) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for page, err := range c.ReadPages(ctx, options...) {
			if err != nil {
				yield(Event{}, err)
				return
			}
			for index := range page.Events {
				if !yield(page.Events[index], nil) {
					return
				}
			}
		}
	}
}

// ReadPages is as [Client.Read], page by page as they come from the server: cheaper, and it says
// up to where the answer speaks.
func (c *Client) ReadPages(ctx context.Context, options ...ReadOption) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		request := c.readRequest(ctx, options)
		isLimited := request.GetLimit() > 0
		isDone := false
		attempt := 0
		came := time.Now()
		_, hasDeadline := ctx.Deadline()
		for {
			isStopped, err := c.scan(ctx, request, func(page Page) bool {
				attempt = 0
				came = time.Now()
				if isLimited {
					request.Limit -= min(request.Limit, uint32(len(page.Events)))
				}
				isDone = page.IsEnd || page.Next == "" || isLimited && request.Limit == 0
				if page.Next != "" {
					request.Start = &annalsv1.ReadRequest_After{After: string(page.Next)}
				}
				return yield(page, nil)
			})
			if isStopped || err == nil || isDone {
				return
			}
			isOver := ctx.Err() != nil || !isTransient(err) ||
				!hasDeadline && time.Since(came) > c.options.timeout
			if isOver || !c.backOff(ctx, "Read", attempt, err) {
				yield(Page{}, err)
				return
			}
			attempt++
		}
	}
}

// ReadPage gives one page: at most 4,096 events, 100 where no [Limit] is given.
func (c *Client) ReadPage(ctx context.Context, options ...ReadOption) (Page, error) {
	response, err := call(ctx, c, "Read", c.readRequest(ctx, options), c.events.Read)
	if err != nil {
		return Page{}, err
	}
	return c.pageOf(response), nil
}

// scan makes one call: whether the taker stopped it, and how it ended.
func (c *Client) scan(ctx context.Context, request *annalsv1.ReadRequest, take func(Page) bool) (
	isStopped bool, err error,
) {
	scanning, cancel := context.WithCancel(c.traced(ctx))
	defer cancel()
	call, err := c.events.Scan(scanning, request)
	if err != nil {
		return false, errorIn(ctx, "Read", err)
	}
	for {
		response, err := call.Recv()
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, errorIn(ctx, "Read", err)
		}
		if !take(c.pageOf(response)) {
			return true, nil
		}
	}
}

func (c *Client) readRequest(ctx context.Context, options []ReadOption) *annalsv1.ReadRequest {
	var chosen reading
	for _, option := range options {
		option.read(&chosen)
	}
	request := &annalsv1.ReadRequest{Namespace: c.namespace, Stream: chosen.stream,
		Filter: chosen.filter, Limit: chosen.limit}
	if chosen.isBackwards {
		request.Direction = annalsv1.Direction_DIRECTION_BACKWARDS
	}
	switch start := chosen.start; {
	case start.fromRevision != nil:
		request.Start = &annalsv1.ReadRequest_FromRevision{FromRevision: *start.fromRevision}
	case start.after != "":
		request.Start = &annalsv1.ReadRequest_After{After: string(start.after)}
	case start.fromPosition != nil:
		request.Start = &annalsv1.ReadRequest_FromPosition{FromPosition: *start.fromPosition}
	case start.fromTime != nil:
		request.Start = &annalsv1.ReadRequest_FromTimeNs{FromTimeNs: *start.fromTime}
	}
	c.setMinimum(ctx, request, chosen.minPosition)
	return request
}

func (c *Client) pageOf(response *annalsv1.ReadResponse) Page {
	return Page{
		Events:       eventsOf(c.namespace, response.GetEvents()),
		Position:     Token(response.GetPosition()),
		IsEnd:        response.GetIsEnd(),
		Next:         Token(response.GetNext()),
		LastRevision: Revision(response.GetLastRevision()),
		HasRevision:  response.LastRevision != nil,
		Removed:      removedOf(response.GetRemoved()),
	}
}
