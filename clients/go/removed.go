// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"time"

	annalsv1 "annals.dev/annals/v1"
)

// Removed tells of events of what was asked for that are gone: retention, deletion or compaction
// hid them and their space was freed. No event between these positions was given. Reads and
// subscriptions of a stream also count what its metadata hide, whether its space was freed yet or
// not; the positions are bounds then.
type Removed struct {
	// FirstPosition and LastPosition are both inclusive; the first is the lower one in reads
	// backwards, too.
	FirstPosition, LastPosition Position
	// Events is how many of what was asked for.
	Events uint64
	// FirstRevision and LastRevision are those of the stream; they mean nothing unless HasRevisions.
	FirstRevision, LastRevision Revision
	HasRevisions                bool
	// Time is that of the newest removal that is known of; zero when none is.
	Time time.Time
	// IsUncertain says that nobody knows whether events removed here were asked for: their tags are
	// forgotten. Only for selections by tags; Events is 0 then.
	IsUncertain bool
}

func removedOf(messages []*annalsv1.RemovedEvents) []Removed {
	if len(messages) == 0 {
		return nil
	}
	removed := make([]Removed, len(messages))
	for index, message := range messages {
		removed[index] = Removed{
			FirstPosition: Position(message.GetFirstPosition()),
			LastPosition:  Position(message.GetLastPosition()),
			Events:        message.GetEvents(),
			FirstRevision: Revision(message.GetFirstRevision()),
			LastRevision:  Revision(message.GetLastRevision()),
			HasRevisions:  message.FirstRevision != nil && message.LastRevision != nil,
			IsUncertain:   message.GetIsUncertain(),
		}
		if ns := message.GetRemovedTimeNs(); ns != 0 {
			removed[index].Time = time.Unix(0, ns)
		}
	}
	return removed
}
