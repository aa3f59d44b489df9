// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	annalsv1 "annals.dev/annals/v1"
)

// Error is the failure of a call: which one, of what, with which values. Get it with errors.As.
//
// errors.Is(err, annals.ErrConflict) compares the code; errors.Is(err, context.Canceled) and
// context.DeadlineExceeded hold where the caller's context ended the call.
type Error struct {
	// Code is the name in the catalogue.
	Code Code
	// Message says what happened, to which thing, and what to do next. For people.
	Message string
	// Operation is the call that failed, such as "Append".
	Operation string
	// Fields are the values that the message speaks of: "field", "value", "stream", …
	Fields map[string]string
	// FailedChecks are all checks of an append that failed, with what they met.
	FailedChecks []FailedCheck
	// RetryAfter is how long the server asks to wait; 0 where it does not.
	RetryAfter time.Duration

	status         *status.Status
	causes         []error
	isClosed       bool // the client was closed: no try can be otherwise
	isMisaddressed bool // what listens there speaks no gRPC: no waiting mends it
}

// FailedCheck is one check of an append that failed, with the value it met.
type FailedCheck struct {
	// Index of the check in the append.
	Index int
	// Stream and Expected are of a check on a stream.
	Stream   string
	Expected Expected
	// CurrentRevision is the stream's last revision; it means nothing unless HasRevision.
	CurrentRevision Revision
	HasRevision     bool
	// IsDeleted says that the stream is deleted.
	IsDeleted bool
	// MatchingPosition is of an event that meets the query of a query check; else 0.
	MatchingPosition Position
}

// Error is the message, with the call before it and the code behind.
func (e *Error) Error() string {
	return fmt.Sprintf("%s: %s (%s)", e.Operation, e.Message, e.Code)
}

// Is compares with a [Code].
func (e *Error) Is(target error) bool {
	code, isCode := target.(Code)
	return isCode && code == e.Code
}

// Unwrap gives the errors behind this one: of the context, or of gRPC.
func (e *Error) Unwrap() []error { return e.causes }

// Advice says what the caller can do about it: what the catalogue says of its code, but
// [RetryNever] where what listens at the address speaks no gRPC.
func (e *Error) Advice() Retry {
	if e.isMisaddressed {
		return RetryNever
	}
	return e.Code.Advice()
}

// GRPCStatus is the status that the call ended with, for code that asks status.FromError.
func (e *Error) GRPCStatus() *status.Status {
	if e.status == nil {
		return status.New(codes.Unknown, e.Message)
	}
	return e.status
}

// closedMessage is gRPC's, for calls on a connection that was closed here.
const closedMessage = "grpc: the client connection is closing"

func refuse(operation, field, message string) *Error {
	return &Error{Code: ErrInvalidArgument, Operation: operation, Message: message,
		Fields: map[string]string{"field": field}}
}

func isTransient(err error) bool {
	var failure *Error
	return errors.As(err, &failure) && !failure.isClosed && failure.Advice().isTransient()
}

// errorOf makes an *Error of what a gRPC call answered with.
func errorOf(operation string, err error) error {
	if err == nil {
		return nil
	}
	var own *Error
	if errors.As(err, &own) {
		return err
	}
	got := status.Convert(err)
	failure := &Error{Operation: operation, Message: got.Message(),
		status: got, causes: []error{err}}
	failure.Code = codeOf(got)
	failure.Message += remedyOf(got)
	if failure.isMisaddressed = isByHTTP1(got); failure.isMisaddressed {
		failure.Message = "what listens there speaks HTTP/1 and no gRPC: give the port of the " +
			"server's gRPC (--grpc, 7400 by default), not that of its HTTP (gRPC: " + got.Message() + ")"
	}
	failure.Fields = fieldsOf(got)
	for _, detail := range got.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			if detail.Domain == "annals" {
				failure.Code = Code(detail.Reason)
				failure.Fields = detail.Metadata
			}
		case *errdetails.RetryInfo:
			failure.RetryAfter = detail.GetRetryDelay().AsDuration()
		case *annalsv1.Conflict:
			failure.FailedChecks = failedChecksOf(detail)
		}
	}
	switch {
	case got.Code() == codes.Canceled && got.Message() == closedMessage:
		failure.Message, failure.isClosed = "the client is closed: make another one", true
	case got.Code() == codes.Canceled || errors.Is(err, context.Canceled):
		failure.causes = append(failure.causes, context.Canceled)
	case got.Code() == codes.DeadlineExceeded || errors.Is(err, context.DeadlineExceeded):
		failure.causes = append(failure.causes, context.DeadlineExceeded)
	}
	return failure
}

// errorIn is errorOf for a call in ctx. That a call was cancelled while ctx goes on is not by who
// asked: the last words of a server that stops can be lost to the end of the call.
func errorIn(ctx context.Context, operation string, err error) error {
	var own *Error
	if err == nil || errors.As(err, &own) || ctx.Err() != nil {
		return errorOf(operation, err)
	}
	got := status.Convert(err)
	if got.Code() != codes.Canceled || got.Message() == closedMessage || len(got.Details()) > 0 {
		return errorOf(operation, err)
	}
	return &Error{Code: ErrUnavailable, Operation: operation, Fields: map[string]string{},
		Message: "the call was cut off without a word of the server's: it may be stopping",
		status:  got, causes: []error{err}}
}

// isByHTTP1 says that the connection failed because of an HTTP/1 server, as gRPC words it.
func isByHTTP1(got *status.Status) bool {
	return got.Code() == codes.Unavailable && strings.Contains(got.Message(), "HTTP/1.1 header")
}

// What gRPC says of a message that it refuses itself: its size and the limit.
var tooLarge = regexp.MustCompile(`larger than max \((\d+) vs\. (\d+)\)`)

// fieldsOf are the fields of a failure of gRPC's own.
func fieldsOf(got *status.Status) map[string]string {
	if isByHTTP1(got) {
		return map[string]string{"field": "address"}
	}
	sizes := tooLarge.FindStringSubmatch(got.Message())
	if got.Code() != codes.ResourceExhausted || sizes == nil {
		return map[string]string{}
	}
	return map[string]string{"field": "message", "value": sizes[1], "limit": sizes[2]}
}

// remedyOf is what to do about a failure of gRPC's own, which names no field.
func remedyOf(got *status.Status) string {
	switch {
	case got.Code() == codes.ResourceExhausted && strings.Contains(got.Message(), "larger than max"):
		return "; a message has at most 16 MiB of events: append fewer at once, or keep large data " +
			"elsewhere, and name its place"
	case got.Code() == codes.Internal && strings.Contains(got.Message(), "invalid UTF-8"):
		return "; names, types, tags and ids are UTF-8: other bytes go into Data"
	}
	return ""
}

// codeOf names a failure that did not come from an annals server, as well as it can be named.
func codeOf(got *status.Status) Code {
	switch got.Code() {
	case codes.Canceled:
		return ErrCancelled
	case codes.DeadlineExceeded:
		return ErrDeadlineExceeded
	case codes.Unavailable:
		return ErrUnavailable
	case codes.InvalidArgument, codes.OutOfRange:
		return ErrInvalidArgument
	case codes.ResourceExhausted:
		if strings.Contains(got.Message(), "larger than max") {
			return ErrLimitExceeded
		}
		return ErrOverloaded
	case codes.Unimplemented:
		return ErrNotSupported
	case codes.PermissionDenied, codes.Unauthenticated:
		return ErrNotPermitted
	case codes.DataLoss:
		return ErrDataLoss
	case codes.Internal:
		if strings.Contains(got.Message(), "marshal") {
			return ErrInvalidArgument
		}
		// the connection broke within a call
		if strings.Contains(got.Message(), "RST_STREAM") ||
			strings.Contains(got.Message(), "transport") ||
			strings.Contains(got.Message(), "EOF") {
			return ErrUnavailable
		}
	}
	return ErrInternal
}

func failedChecksOf(conflict *annalsv1.Conflict) []FailedCheck {
	var checks []FailedCheck
	for _, check := range conflict.GetFailedChecks() {
		checks = append(checks, FailedCheck{
			Index:            int(check.GetCheckIndex()),
			Stream:           check.GetStream(),
			Expected:         expectedOf(check.GetExpected()),
			CurrentRevision:  Revision(check.GetCurrentRevision()),
			HasRevision:      check.CurrentRevision != nil,
			IsDeleted:        check.GetIsDeleted(),
			MatchingPosition: Position(check.GetMatchingPosition()),
		})
	}
	return checks
}
