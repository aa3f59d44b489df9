// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import "time"

// rateWindow is how long events are counted before the count before that is forgotten.
const rateWindow = 5 * time.Second

// rate counts events over the current window and the one before.
type rate struct {
	begun         time.Time
	current, past int
	hasPast       bool
}

func (r *rate) add(now time.Time, events int) {
	r.turn(now)
	r.current += events
}

func (r *rate) perSecond(now time.Time) float64 {
	r.turn(now)
	elapsed := now.Sub(r.begun)
	if r.hasPast {
		elapsed += rateWindow
	}
	return float64(r.current+r.past) / max(elapsed, time.Millisecond).Seconds()
}

func (r *rate) turn(now time.Time) {
	switch since := now.Sub(r.begun); {
	case r.begun.IsZero():
		r.begun = now
	case since >= 2*rateWindow:
		*r = rate{begun: now, hasPast: true}
	case since >= rateWindow:
		*r = rate{begun: r.begun.Add(rateWindow), past: r.current, hasPast: true}
	}
}
