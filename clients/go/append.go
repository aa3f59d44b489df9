// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	annalsv1 "annals.dev/annals/v1"
)

// partBytesMax is what one message of an append may have; more goes in parts.
const partBytesMax = 15 << 20

// Appended is what became of an append.
type Appended struct {
	FirstPosition Position
	LastPosition  Position
	// Position is the token of LastPosition.
	Position     Token
	RecordedTime time.Time
	// Streams that it wrote to, in the order in which the append names them first.
	Streams []StreamRevisions
	// IsReplay says that the events were stored before: this is the first answer again.
	IsReplay bool
	// IsDurable is false only where the server syncs at intervals.
	IsDurable bool
}

// StreamRevisions are the revisions that an append gave to its events of one stream.
type StreamRevisions struct {
	Stream string
	First  Revision
	Last   Revision
}

// LastRevision is that of the append's last event in its first stream: what the next append to it
// can expect ([At]).
func (a *Appended) LastRevision() Revision {
	if len(a.Streams) == 0 {
		return 0
	}
	return a.Streams[0].Last
}

// Tracking is where a consumer of another source has come to. The position must rise with each
// append for the same source, consumer and key, and is stored together with its events: what a
// consumer writes this way, it writes once. A position that does not rise is [ErrAlreadyTracked].
type Tracking struct {
	Source   string
	Consumer string
	Key      string
	Position Position
}

// Query is met by an event that meets any item.
type Query []QueryItem

// QueryItem names types (any of them; none: every type) and tags (all of them); at least one.
type QueryItem struct {
	Types []string
	Tags  []string
}

// AppendOption is a condition or a companion of an append.
type AppendOption func(*annalsv1.AppendRequest)

// Expect is a check on the stream that the append names.
func Expect(expected Expected) AppendOption {
	return func(request *annalsv1.AppendRequest) {
		CheckStream(request.GetStream(), expected)(request)
	}
}

// CheckStream is a check on any stream, also one that the append does not write to.
func CheckStream(stream string, expected Expected) AppendOption {
	return func(request *annalsv1.AppendRequest) {
		request.Checks = append(request.Checks, &annalsv1.Check{Check: &annalsv1.Check_Stream{
			Stream: &annalsv1.StreamCheck{Stream: stream, Expected: expected.proto()}}})
	}
}

// CheckQuery refuses the append when an event behind `after` meets the query (a dynamic consistency
// boundary). An empty token: any event at all.
func CheckQuery(query Query, after Token) AppendOption {
	return func(request *annalsv1.AppendRequest) {
		message := &annalsv1.Query{}
		for _, item := range query {
			message.Items = append(message.Items,
				&annalsv1.QueryItem{Types: item.Types, Tags: item.Tags})
		}
		request.Checks = append(request.Checks, &annalsv1.Check{Check: &annalsv1.Check_Query{
			Query: &annalsv1.QueryCheck{Query: message, After: string(after)}}})
	}
}

// Track stores where a consumer has come to, together with the events.
func Track(tracking Tracking) AppendOption {
	return func(request *annalsv1.AppendRequest) {
		request.Tracking = &annalsv1.Tracking{Source: tracking.Source,
			Consumer: tracking.Consumer, Key: tracking.Key, Position: uint64(tracking.Position)}
	}
}

// IdempotencyKey names the append, at most 255 bytes: events without ids get theirs from it, so
// that the same append in another process is a replay.
func IdempotencyKey(key string) AppendOption {
	return func(request *annalsv1.AppendRequest) { request.IdempotencyKey = key }
}

// Append stores events, all of them or none, and answers once they are durable. `stream` is for
// events that name none; it may be empty where all name one. At most 64 MiB.
//
// A connection that breaks is no failure while the context lasts: events get their ids before the
// first try, so that trying again stores nothing twice. [ErrConflict] carries the failed checks.
func (c *Client) Append(
	ctx context.Context, stream string, events []NewEvent, options ...AppendOption,
) (_ Appended, failure error) {
	ctx, end := c.options.tracing.StartAppend(ctx, stream)
	defer func() { end(failure) }()
	request := &annalsv1.AppendRequest{Namespace: c.namespace, Stream: stream}
	for _, option := range options {
		option(request)
	}
	trace := c.options.tracing.Current(ctx)
	for index := range events {
		message, err := events[index].proto(index, trace, request.GetIdempotencyKey() != "")
		if err != nil {
			return Appended{}, err
		}
		request.Events = append(request.Events, message)
	}
	send := c.events.Append
	if proto.Size(request) > partBytesMax {
		send = c.appendInParts
	}
	response, err := call(ctx, c, "Append", request, send)
	if err != nil {
		return Appended{}, err
	}
	c.Observe(Token(response.GetPosition()))
	return appendedOf(response), nil
}

func appendedOf(response *annalsv1.AppendResponse) Appended {
	appended := Appended{
		FirstPosition: Position(response.GetFirstPosition()),
		LastPosition:  Position(response.GetLastPosition()),
		Position:      Token(response.GetPosition()),
		RecordedTime:  time.Unix(0, response.GetRecordedTimeNs()),
		IsReplay:      response.GetIsReplay(),
		IsDurable:     response.GetIsDurable(),
	}
	for _, stream := range response.GetStreams() {
		appended.Streams = append(appended.Streams, StreamRevisions{Stream: stream.GetStream(),
			First: Revision(stream.GetFirstRevision()), Last: Revision(stream.GetLastRevision())})
	}
	return appended
}

// appendInParts sends one append that is too large for a message.
func (c *Client) appendInParts(
	ctx context.Context, request *annalsv1.AppendRequest, _ ...grpc.CallOption,
) (*annalsv1.AppendResponse, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	call, err := c.events.AppendStream(ctx)
	if err != nil {
		return nil, err
	}
	part := &annalsv1.AppendRequest{Namespace: request.Namespace, Stream: request.Stream,
		Checks: request.Checks, Tracking: request.Tracking, IdempotencyKey: request.IdempotencyKey}
	bytes := 0
	for index, event := range request.Events {
		part.Events = append(part.Events, event)
		bytes += proto.Size(event)
		isLast := index+1 == len(request.Events)
		if !isLast && bytes+proto.Size(request.Events[index+1]) < partBytesMax {
			continue
		}
		// an error of Send is io.EOF: Recv has the reason
		if call.Send(&annalsv1.AppendStreamRequest{Append: part, IsPart: !isLast}) != nil {
			break
		}
		part, bytes = &annalsv1.AppendRequest{}, 0
	}
	answer, err := call.Recv()
	if err != nil {
		return nil, err
	}
	if refused := answer.GetFailure(); refused != nil {
		return nil, &Error{Code: Code(refused.GetReason()), Message: refused.GetMessage(),
			Operation: "Append", Fields: refused.GetMetadata(),
			FailedChecks: failedChecksOf(refused.GetConflict())}
	}
	return answer.GetResponse(), nil
}
