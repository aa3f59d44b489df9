// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"time"

	annalsv1 "annals.dev/annals/v1"
)

// GroupState is what a group does.
type GroupState string

const (
	// GroupRunning gives out events.
	GroupRunning GroupState = "running"
	// GroupPaused waits for Resume.
	GroupPaused GroupState = "paused"
	// GroupFailed cannot read or write its log; see LastError.
	GroupFailed GroupState = "failed"
)

// GroupStatus is where a group stands.
type GroupStatus struct {
	Group   string
	State   GroupState
	Members []string
	// Checkpoint: everything up to here was handled, skipped or parked. Position is its token.
	Checkpoint Position
	Position   Token
	ReadUpTo   Position
	InFlight   uint64
	// Behind counts events that match and are not handled, retried ones too, parked ones left
	// out; a bound unless IsBehindExact.
	Behind        uint64
	IsBehindExact bool
	// Lag is the age of the oldest unprocessed event.
	Lag             time.Duration
	EventsPerSecond float64
	Handled         uint64
	Redelivered     uint64
	ParkedKeys      uint64
	ParkedEvents    uint64
	// StalledFor is how long there was work and no progress.
	StalledFor time.Duration
	// WaitsFor is members, acknowledgements, retries, window, parked, resume, storage, or nothing.
	WaitsFor  string
	LastError string
	// Settings as the server has them, defaults filled in.
	Settings *annalsv1.GroupSettings
}

func seconds(number float64) time.Duration { return time.Duration(number * float64(time.Second)) }

func groupStatusOf(message *annalsv1.GroupStatus) GroupStatus {
	status := GroupStatus{
		Group:           message.GetGroup(),
		Checkpoint:      Position(message.GetCheckpoint()),
		Position:        Token(message.GetPosition()),
		ReadUpTo:        Position(message.GetReadUpTo()),
		InFlight:        message.GetInFlight(),
		Behind:          message.GetBehind(),
		IsBehindExact:   message.GetIsBehindExact(),
		Lag:             seconds(message.GetSecondsBehind()),
		EventsPerSecond: message.GetEventsPerSecond(),
		Handled:         message.GetHandled(),
		Redelivered:     message.GetRedelivered(),
		ParkedKeys:      message.GetParkedKeys(),
		ParkedEvents:    message.GetParkedEvents(),
		StalledFor:      seconds(message.GetStalledForSeconds()),
		WaitsFor:        message.GetWaitsFor(),
		LastError:       message.GetLastError(),
		Settings:        message.GetSettings(),
	}
	switch message.GetState() {
	case annalsv1.GroupState_GROUP_STATE_RUNNING:
		status.State = GroupRunning
	case annalsv1.GroupState_GROUP_STATE_PAUSED:
		status.State = GroupPaused
	case annalsv1.GroupState_GROUP_STATE_FAILED:
		status.State = GroupFailed
	}
	for _, member := range message.GetMembers() {
		status.Members = append(status.Members, member.GetName())
	}
	return status
}
