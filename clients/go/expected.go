// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"fmt"

	annalsv1 "annals.dev/annals/v1"
)

// Expected is what a stream must be like for an append to it: [Any], [NoStream], [Exists],
// [Deleted], or exactly [At] a revision. The zero value is Any.
type Expected struct {
	kind     expectedKind
	revision Revision
}

type expectedKind uint8

const (
	expectAny expectedKind = iota
	expectNoStream
	expectExists
	expectDeleted
	expectRevision
)

var (
	// Any stream will do.
	Any = Expected{}
	// NoStream: it has never been written to, or was softly deleted.
	NoStream = Expected{kind: expectNoStream}
	// Exists: it has events or metadata, and is not deleted.
	Exists = Expected{kind: expectExists}
	// Deleted: softly or for ever.
	Deleted = Expected{kind: expectDeleted}
)

// At expects the stream's last event to have this revision.
func At(revision Revision) Expected { return Expected{kind: expectRevision, revision: revision} }

// String is the word for it, or the revision.
func (e Expected) String() string {
	switch e.kind {
	case expectNoStream:
		return "no_stream"
	case expectExists:
		return "exists"
	case expectDeleted:
		return "deleted"
	case expectRevision:
		return fmt.Sprint(uint64(e.revision))
	}
	return "any"
}

func (e Expected) proto() *annalsv1.ExpectedRevision {
	switch e.kind {
	case expectNoStream:
		return &annalsv1.ExpectedRevision{Expected: &annalsv1.ExpectedRevision_NoStream{NoStream: true}}
	case expectExists:
		return &annalsv1.ExpectedRevision{Expected: &annalsv1.ExpectedRevision_Exists{Exists: true}}
	case expectDeleted:
		return &annalsv1.ExpectedRevision{Expected: &annalsv1.ExpectedRevision_Deleted{Deleted: true}}
	case expectRevision:
		return &annalsv1.ExpectedRevision{
			Expected: &annalsv1.ExpectedRevision_Revision{Revision: uint64(e.revision)}}
	}
	return &annalsv1.ExpectedRevision{Expected: &annalsv1.ExpectedRevision_Any{Any: true}}
}

func expectedOf(message *annalsv1.ExpectedRevision) Expected {
	switch kind := message.GetExpected().(type) {
	case *annalsv1.ExpectedRevision_NoStream:
		return NoStream
	case *annalsv1.ExpectedRevision_Exists:
		return Exists
	case *annalsv1.ExpectedRevision_Deleted:
		return Deleted
	case *annalsv1.ExpectedRevision_Revision:
		return At(Revision(kind.Revision))
	}
	return Any
}
