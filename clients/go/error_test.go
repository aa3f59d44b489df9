// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"annals.dev/annals"
)

func TestErrorSaysWhatFailedAndWithWhat(t *testing.T) {
	client := connect(t)
	_, err := client.StreamInfo(t.Context(), "nothing-1")
	var failure *annals.Error
	if !errors.As(err, &failure) {
		t.Fatalf("got %T, want *annals.Error", err)
	}
	same(t, failure.Code, annals.ErrStreamNotFound)
	same(t, errors.Is(err, annals.ErrStreamNotFound), true)
	same(t, errors.Is(err, annals.ErrConflict), false)
	same(t, failure.Advice(), annals.RetryNever)
	same(t, failure.Fields["stream"], "nothing-1")
	same(t, failure.Operation, "StreamInfo")
	same(t, status.Code(err), codes.NotFound)
}

func TestErrorOfACallThatTheCallerEnded(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and says nothing
	ok(t, err)
	defer silent.Close()
	client, err := annals.Connect(silent.Addr().String())
	ok(t, err)
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = client.Info(ctx)
	same(t, errors.Is(err, context.DeadlineExceeded), true)
	same(t, errors.Is(err, annals.ErrDeadlineExceeded), true)
	ctx, cancel = context.WithCancel(t.Context())
	cancel()
	_, err = client.Info(ctx)
	same(t, errors.Is(err, context.Canceled), true)
	same(t, errors.Is(err, annals.ErrCancelled), true)
}

func TestErrorOfACallThatOutlivedTheClientsTimeout(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	defer silent.Close()
	client, err := annals.Connect(silent.Addr().String(), annals.WithTimeout(50*time.Millisecond))
	ok(t, err)
	defer client.Close()
	_, err = client.Info(context.WithoutCancel(t.Context()))
	same(t, errors.Is(err, context.DeadlineExceeded), true)
	same(t, errors.Is(err, annals.ErrDeadlineExceeded), true)
	same(t, errors.Is(err, context.Canceled), false)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the user went away"))
	_, err = client.Info(ctx)
	same(t, errors.Is(err, annals.ErrCancelled), true)
	same(t, errors.Is(err, context.Canceled), true)
}

func TestErrorWhereNobodyListensIsUnavailable(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	address := closed.Addr().String()
	ok(t, closed.Close())
	client, err := annals.Connect(address, annals.WithTimeout(200*time.Millisecond))
	ok(t, err)
	defer client.Close()
	_, err = client.Append(t.Context(), "a-1", numbers(0, 1))
	same(t, errors.Is(err, annals.ErrUnavailable), true)
	for _, failure := range client.Read(context.WithoutCancel(t.Context())) {
		same(t, errors.Is(failure, annals.ErrUnavailable), true)
	}
	same(t, errors.Is(err, context.DeadlineExceeded), true)
}
