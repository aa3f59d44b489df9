// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"fmt"
	"math"
	"time"

	annalsv1 "annals.dev/annals/v1"
)

// Strategy says who of a group's members gets an event.
type Strategy int32

const (
	// PerKey gives a key's events in order, one after the other, to whoever has room.
	PerKey Strategy = Strategy(annalsv1.GroupStrategy_GROUP_STRATEGY_PER_KEY)
	// RoundRobin goes from member to member: no order, a failing event holds back no other.
	RoundRobin Strategy = Strategy(annalsv1.GroupStrategy_GROUP_STRATEGY_ROUND_ROBIN)
	// DispatchToOne is as PerKey, to the member that came first while it has room.
	DispatchToOne Strategy = Strategy(annalsv1.GroupStrategy_GROUP_STRATEGY_DISPATCH_TO_ONE)
	// Pinned is as PerKey, a key to one member while the members stay.
	Pinned Strategy = Strategy(annalsv1.GroupStrategy_GROUP_STRATEGY_PINNED)
)

// GroupSettings are a group's. What is zero is the server's default.
type GroupSettings struct {
	// Select chooses events and where to begin: [Stream], [Categories], [FromPosition], …
	Select []GroupOption
	// Strategy; zero: PerKey.
	Strategy Strategy
	// Key is "stream" (also when empty), "tag:<key>", "field:<JSON pointer>" or "correlation".
	Key                string
	MembersMax         uint32
	MemberInFlightMax  uint32
	KeyInFlightMax     uint32
	AckDeadline        time.Duration
	AttemptsMax        uint32
	RetryBase          time.Duration
	RetryMax           time.Duration
	WindowEventsMax    uint32
	ParkedEventsMax    uint32
	CheckpointInterval time.Duration
	CheckpointEvents   uint32
	StalledAfter       time.Duration
	// ReadyLag: /health/ready fails while the oldest unprocessed event is older.
	ReadyLag time.Duration
}

// GroupOption chooses a group's events: a [Select], or [GroupFromEnd].
type GroupOption interface{ groupSettings(*groupStart) }

type groupStart struct{ selection }

type groupFromEnd struct{}

func (groupFromEnd) groupSettings(g *groupStart) { g.start = start{fromEnd: true} }

// GroupFromEnd begins a group with what comes from now on.
func GroupFromEnd() GroupOption { return groupFromEnd{} }

func milliseconds(duration time.Duration) uint32 { return uint32(duration / time.Millisecond) }

// millisecondsMax is what a duration on the wire can be.
const millisecondsMax = math.MaxUint32 * time.Millisecond

// check refuses durations that the wire cannot carry: they would travel as others.
func (s GroupSettings) check(operation string) error {
	for _, each := range []struct {
		field string
		value time.Duration
		unit  time.Duration
	}{
		{"AckDeadline", s.AckDeadline, time.Millisecond},
		{"RetryBase", s.RetryBase, time.Millisecond},
		{"RetryMax", s.RetryMax, time.Millisecond},
		{"CheckpointInterval", s.CheckpointInterval, time.Millisecond},
		{"StalledAfter", s.StalledAfter, time.Millisecond},
		{"ReadyLag", s.ReadyLag, time.Second},
	} {
		if each.value == 0 || each.value >= each.unit && each.value <= millisecondsMax {
			continue
		}
		return refuse(operation, each.field, fmt.Sprintf(
			"%s is %v: give %v to %v, or 0 for the server's default",
			each.field, each.value, each.unit, millisecondsMax))
	}
	return nil
}

func (s GroupSettings) proto() *annalsv1.GroupSettings {
	var chosen groupStart
	for _, option := range s.Select {
		option.groupSettings(&chosen)
	}
	message := &annalsv1.GroupSettings{
		Stream:               chosen.stream,
		Filter:               chosen.filter,
		Strategy:             annalsv1.GroupStrategy(s.Strategy),
		Key:                  s.Key,
		MembersMax:           s.MembersMax,
		MemberInFlightMax:    s.MemberInFlightMax,
		KeyInFlightMax:       s.KeyInFlightMax,
		AckDeadlineMs:        milliseconds(s.AckDeadline),
		AttemptsMax:          s.AttemptsMax,
		RetryBaseMs:          milliseconds(s.RetryBase),
		RetryMaxMs:           milliseconds(s.RetryMax),
		WindowEventsMax:      s.WindowEventsMax,
		ParkedEventsMax:      s.ParkedEventsMax,
		CheckpointIntervalMs: milliseconds(s.CheckpointInterval),
		CheckpointEventsMax:  s.CheckpointEvents,
		StalledAfterMs:       milliseconds(s.StalledAfter),
		ReadyLagSeconds:      uint32(s.ReadyLag / time.Second),
	}
	switch start := chosen.start; {
	case start.after != "":
		message.Start = &annalsv1.GroupSettings_After{After: string(start.after)}
	case start.fromPosition != nil:
		message.Start = &annalsv1.GroupSettings_FromPosition{FromPosition: *start.fromPosition}
	case start.fromTime != nil:
		message.Start = &annalsv1.GroupSettings_FromTimeNs{FromTimeNs: *start.fromTime}
	case start.fromEnd:
		message.Start = &annalsv1.GroupSettings_FromEnd{FromEnd: true}
	}
	return message
}
