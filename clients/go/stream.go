// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"
	"iter"
	"time"

	annalsv1 "annals.dev/annals/v1"
)

// StreamInfo is what there is to say about a stream.
type StreamInfo struct {
	Name         string
	Category     string
	Events       uint64
	LastRevision Revision
	LastPosition Position
	FirstTime    time.Time
	LastTime     time.Time
	// IsDeleted says that it is softly deleted: the next event begins it anew.
	IsDeleted bool
}

// StreamInfo looks at one stream. [ErrStreamNotFound].
func (c *Client) StreamInfo(ctx context.Context, stream string) (StreamInfo, error) {
	info, err := call(ctx, c, "StreamInfo",
		&annalsv1.GetStreamRequest{Namespace: c.namespace, Stream: stream}, c.events.GetStream)
	if err != nil {
		return StreamInfo{}, err
	}
	return StreamInfo{Name: info.GetName(), Category: info.GetCategory(), Events: info.GetEvents(),
		LastRevision: Revision(info.GetLastRevision()),
		LastPosition: Position(info.GetLastPosition()),
		FirstTime:    time.Unix(0, info.GetFirstTimeNs()),
		LastTime:     time.Unix(0, info.GetLastTimeNs()), IsDeleted: info.GetIsDeleted()}, nil
}

// Streams gives the names of streams that begin with a prefix, in byte order.
func (c *Client) Streams(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		const page = 1_000
		request := &annalsv1.ListRequest{Namespace: c.namespace, Prefix: prefix, Limit: page}
		for {
			response, err := call(ctx, c, "Streams", request, c.events.ListStreams)
			if err != nil {
				yield("", err)
				return
			}
			for _, stream := range response.GetStreams() {
				request.After = stream.GetName()
				if !yield(stream.GetName(), nil) {
					return
				}
			}
			if len(response.GetStreams()) < page {
				return
			}
		}
	}
}

// DeleteStream hides a stream's events; writing to it again begins it anew, its revisions go on.
func (c *Client) DeleteStream(ctx context.Context, stream string, expected Expected) error {
	key := NewID().String()
	response, err := call(ctx, c, "DeleteStream", &annalsv1.DeleteStreamRequest{
		Namespace: c.namespace, Stream: stream, Expected: expected.proto(), IdempotencyKey: key},
		c.events.DeleteStream)
	c.Observe(Token(response.GetPosition()))
	return err
}

// TombstoneStream deletes a stream for ever: nothing can be written to it again.
func (c *Client) TombstoneStream(ctx context.Context, stream string, expected Expected) error {
	key := NewID().String()
	response, err := call(ctx, c, "TombstoneStream", &annalsv1.TombstoneStreamRequest{
		Namespace: c.namespace, Stream: stream, Expected: expected.proto(), IdempotencyKey: key},
		c.events.TombstoneStream)
	c.Observe(Token(response.GetPosition()))
	return err
}

// TruncateStream hides the events of a stream before a revision.
func (c *Client) TruncateStream(
	ctx context.Context, stream string, before Revision, expected Expected,
) error {
	response, err := call(ctx, c, "TruncateStream", &annalsv1.TruncateStreamRequest{
		Namespace: c.namespace, Stream: stream, Before: uint64(before),
		Expected: expected.proto()}, c.events.TruncateStream)
	c.Observe(Token(response.GetPosition()))
	return err
}
