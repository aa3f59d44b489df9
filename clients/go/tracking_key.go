// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"fmt"
	"strings"

	annalsv1 "annals.dev/annals/v1"
)

const trackingKeyBytesMax = 1_024

// trackingKey is what a group's handling of an event is tracked by. Tracking refuses what lies at
// or below the last position of its key, so events may share one only where the group never gives
// the later one out before the earlier one was settled: those of one tag, correlation or stream, as
// the group is keyed; where some have no tag or correlation, a prefix tells the kinds apart. An event is a key of its own where the group keeps no order (RoundRobin,
// KeyInFlightMax above 1), where the key is a field, which an edit of a parked event may change, and
// where the key is too long to be one of tracking.
func trackingKey(settings *annalsv1.GroupSettings, event *Event) string {
	isOrdered := settings.GetStrategy() != annalsv1.GroupStrategy_GROUP_STRATEGY_ROUND_ROBIN &&
		settings.GetKeyInFlightMax() <= 1
	key := event.Stream
	switch keyedBy := settings.GetKey(); {
	case strings.HasPrefix(keyedBy, "tag:"):
		if tag := tagOf(event, keyedBy[len("tag:"):]); tag != "" {
			key = "tag:" + tag
		} else {
			key = "stream:" + key
		}
	case keyedBy == "correlation":
		if event.CorrelationID != "" {
			key = "correlation:" + event.CorrelationID
		} else {
			key = "stream:" + key
		}
	case keyedBy != "" && keyedBy != "stream":
		isOrdered = false
	}
	if !isOrdered || len(key) > trackingKeyBytesMax {
		return fmt.Sprintf("position:%d", event.Position)
	}
	return key
}

// tagOf is the first tag of this name as it is written, as the group takes it; empty: none.
func tagOf(event *Event, name string) string {
	for _, tag := range event.Tags {
		if strings.HasPrefix(tag, name+":") {
			return tag
		}
	}
	return ""
}
