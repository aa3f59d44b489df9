// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	annalsv1 "annals.dev/annals/v1"
)

// Client is a connection to a server, seen from one namespace. Any goroutine.
//
// A connection that breaks is made again by the next call.
type Client struct {
	options    *options
	connection *grpc.ClientConn
	events     annalsv1.EventStoreClient
	consumers  annalsv1.ConsumerStoreClient
	groups     annalsv1.ConsumerGroupsClient
	entities   annalsv1.EntityStoreClient
	namespace  string
	session    *session
}

// defaultAddress is where a server listens that was told nothing.
const defaultAddress = "127.0.0.1:7400"

// Connect makes a client of the server at HOST:PORT; where that is empty, at the environment's
// ANNALS_SERVER, else at 127.0.0.1:7400. It does not wait for the server: the first call does.
// Fails for an address and for options that cannot be: [ErrInvalidArgument].
func Connect(address string, chosen ...Option) (*Client, error) {
	address = cmp.Or(address, os.Getenv("ANNALS_SERVER"), defaultAddress)
	settings := defaultOptions()
	for _, option := range chosen {
		option(&settings)
	}
	if err := settings.check(); err != nil {
		return nil, err
	}
	if err := checkAddress(address); err != nil {
		return nil, err
	}
	connection, err := grpc.NewClient(address, settings.dial()...)
	if err != nil {
		return nil, refuse("Connect", "address", fmt.Sprintf("%q: %v", address, err))
	}
	return &Client{
		options:    &settings,
		connection: connection,
		events:     annalsv1.NewEventStoreClient(connection),
		consumers:  annalsv1.NewConsumerStoreClient(connection),
		groups:     annalsv1.NewConsumerGroupsClient(connection),
		entities:   annalsv1.NewEntityStoreClient(connection),
		namespace:  settings.namespace,
	}, nil
}

// Close ends the connection, and with it all calls, also of the clients that [Client.Namespace]
// and [Client.Session] gave; calls made later fail at once: [ErrCancelled].
func (c *Client) Close() error { return c.connection.Close() }

// Namespace is the same connection, seen from another namespace. A session of its own begins.
func (c *Client) Namespace(name string) *Client {
	other := *c
	other.namespace = name
	if c.session != nil {
		other.session = &session{}
	}
	return &other
}

// Connection is the gRPC connection, for the stubs of package annals.dev/annals/v1: everything that
// the server can do.
func (c *Client) Connection() *grpc.ClientConn { return c.connection }

// call makes one unary call, with the client's timeout where ctx has no deadline; what the
// catalogue says can be sent again is sent again until then.
func call[Request, Response any](
	ctx context.Context, c *Client, operation string, request Request,
	do func(context.Context, Request, ...grpc.CallOption) (Response, error),
) (Response, error) {
	return callWhile(ctx, c, operation, isTransient, request, do)
}

// callOnce is for what cannot be told from a replay by the server.
func callOnce[Request, Response any](
	ctx context.Context, c *Client, operation string, request Request,
	do func(context.Context, Request, ...grpc.CallOption) (Response, error),
) (Response, error) {
	never := func(error) bool { return false }
	return callWhile(ctx, c, operation, never, request, do)
}

func callWhile[Request, Response any](
	ctx context.Context, c *Client, operation string, mayRepeat func(error) bool, request Request,
	do func(context.Context, Request, ...grpc.CallOption) (Response, error),
) (Response, error) {
	if _, hasDeadline := ctx.Deadline(); !hasDeadline {
		// not WithTimeout: a deadline travels with each call, which costs the server a timer
		limited, expire := context.WithCancelCause(ctx)
		defer expire(nil)
		defer time.AfterFunc(c.options.timeout, func() { expire(context.DeadlineExceeded) }).Stop()
		ctx = limited
	}
	traced := c.traced(ctx)
	var last error
	for attempt := 0; ; attempt++ {
		response, err := do(traced, request)
		if err == nil {
			return response, nil
		}
		err = errorIn(ctx, operation, err)
		if ctx.Err() != nil {
			return response, endOf(ctx, attempt, c.outOfTime(ctx, err), last)
		}
		if !mayRepeat(err) {
			return response, err
		}
		last = err
		if !c.backOff(ctx, operation, attempt, err) {
			return response, endOf(ctx, attempt, err, last)
		}
	}
}

// endedBy is context.Canceled, or context.DeadlineExceeded also where the client's timeout ended it.
func endedBy(ctx context.Context) error {
	if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}

// outOfTime makes a deadline of what gRPC calls cancelled, where the client's timeout was it.
func (c *Client) outOfTime(ctx context.Context, err error) error {
	var failure *Error
	if !errors.As(err, &failure) || failure.Code != ErrCancelled ||
		endedBy(ctx) != context.DeadlineExceeded {
		return err
	}
	return errorOf(failure.Operation, status.Error(codes.DeadlineExceeded, fmt.Sprintf(
		"no answer within the client's timeout of %v: %s", c.options.timeout, failure.Message)))
}

// endOf is the failure of a call whose context ended: the one before that, where there was one,
// because it says more than that time is up.
func endOf(ctx context.Context, attempt int, err, last error) error {
	var failure *Error
	if !errors.As(last, &failure) {
		return err
	}
	ended := *failure
	ended.Message = fmt.Sprintf("gave up after %d tries (%v): %s", attempt+1, endedBy(ctx),
		failure.Message)
	ended.causes = append([]error{endedBy(ctx)}, failure.causes...)
	return &ended
}
