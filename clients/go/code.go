// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

// Code is the name of a failure in the catalogue (docs/reference/errors.md), such as
// [ErrConflict]. It is an error only so that errors.Is can ask for it.
type Code string

// Error is the name itself.
func (c Code) Error() string { return string(c) }

// Advice says what a caller can do about a failure of this name.
func (c Code) Advice() Retry {
	if advice, isKnown := adviceOf[c]; isKnown {
		return advice
	}
	return RetryNever
}

// Retry is what a caller can do about a failure.
type Retry string

const (
	// RetryNever: change the request.
	RetryNever Retry = "never"
	// RetryAsIs: send it again as it is.
	RetryAsIs Retry = "as_is"
	// RetryLater: back off, then send it again.
	RetryLater Retry = "later"
	// RetryReread: read the current state, decide again.
	RetryReread Retry = "reread"
)

func (r Retry) isTransient() bool { return r == RetryAsIs || r == RetryLater }
