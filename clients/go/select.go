// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"time"

	annalsv1 "annals.dev/annals/v1"
)

// selection is what to read, and from where.
type selection struct {
	stream string
	filter *annalsv1.Filter
	start  start
}

// start is where to begin; at most one field is set.
type start struct {
	fromRevision *uint64
	after        Token
	fromPosition *uint64
	fromTime     *int64
	fromEnd      bool
}

func (s *selection) where() *annalsv1.Filter {
	if s.filter == nil {
		s.filter = &annalsv1.Filter{}
	}
	return s.filter
}

// Select chooses events, for reads, subscriptions, consumers and groups alike. Parts of a filter
// are met together; of several starts the last one counts.
type Select func(*selection)

func (s Select) read(r *reading)             { s(&r.selection) }
func (s Select) subscribe(o *subscribing)    { s(&o.selection) }
func (s Select) consume(o *consuming)        { s(&o.selection) }
func (s Select) groupSettings(g *groupStart) { s(&g.selection) }

// Stream chooses one stream.
func Stream(name string) Select { return func(s *selection) { s.stream = name } }

// Categories chooses streams of any of these categories: the part of a name before its first "-".
func Categories(names ...string) Select {
	return func(s *selection) { s.where().Categories = names }
}

// Types chooses events of any of these types.
func Types(names ...string) Select { return func(s *selection) { s.where().Types = names } }

// Tags chooses events that have all of these tags.
func Tags(tags ...string) Select { return func(s *selection) { s.where().Tags = tags } }

// StreamPrefixes chooses streams whose names begin with any of these.
func StreamPrefixes(prefixes ...string) Select {
	return func(s *selection) { s.where().StreamPrefixes = prefixes }
}

// StreamPattern chooses streams by a regular expression (PCRE2) found in their names.
func StreamPattern(pattern string) Select {
	return func(s *selection) { s.where().StreamPattern = pattern }
}

// TypePattern chooses events by a regular expression (PCRE2) found in their types.
func TypePattern(pattern string) Select {
	return func(s *selection) { s.where().TypePattern = pattern }
}

// RecordedSince chooses events recorded then or later.
func RecordedSince(when time.Time) Select {
	return func(s *selection) { s.where().RecordedSinceNs = timeBound(when) }
}

// RecordedUntil chooses events recorded before then.
func RecordedUntil(when time.Time) Select {
	return func(s *selection) { s.where().RecordedUntilNs = timeBound(when) }
}

// timeBound is never 0, which stands for none: nothing was recorded in 1970's first nanosecond.
func timeBound(when time.Time) int64 {
	if nanoseconds := when.UnixNano(); nanoseconds != 0 {
		return nanoseconds
	}
	return 1
}

// IncludeSystem also chooses streams named "$…".
func IncludeSystem() Select { return func(s *selection) { s.where().IncludeSystem = true } }

// FromRevision begins at a revision of the chosen stream, inclusive.
func FromRevision(revision Revision) Select {
	number := uint64(revision)
	return func(s *selection) { s.start = start{fromRevision: &number} }
}

// After begins behind a token; backwards, before it. An empty one: at the start.
func After(position Token) Select {
	return func(s *selection) { s.start = start{after: position} }
}

// FromPosition begins at a position, inclusive.
func FromPosition(position Position) Select {
	number := uint64(position)
	return func(s *selection) { s.start = start{fromPosition: &number} }
}

// FromTime begins at the first event recorded at or after a time; backwards, at the last one before.
func FromTime(when time.Time) Select {
	nanoseconds := when.UnixNano()
	return func(s *selection) { s.start = start{fromTime: &nanoseconds} }
}
