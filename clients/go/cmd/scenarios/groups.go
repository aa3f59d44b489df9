// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package main

import (
	"context"
	"fmt"
	"sort"
	"time"

	"annals.dev/annals"
)

// membership is a member and its newest delivery of each event.
type membership struct {
	member     *annals.Member
	deliveries map[annals.Position]annals.Delivery
}

func settingsOf(fields map[string]any) (annals.GroupSettings, error) {
	var settings annals.GroupSettings
	for name, value := range fields {
		milliseconds := time.Duration(number(value)) * time.Millisecond
		switch name {
		case "retry_base_ms":
			settings.RetryBase = milliseconds
		case "retry_max_ms":
			settings.RetryMax = milliseconds
		case "checkpoint_interval_ms":
			settings.CheckpointInterval = milliseconds
		case "ack_deadline_ms":
			settings.AckDeadline = milliseconds
		case "attempts_max":
			settings.AttemptsMax = uint32(number(value))
		default:
			return settings, fmt.Errorf("the runner does not know the setting %s", name)
		}
	}
	return settings, nil
}

func group(s *stage, a args) (gives, error) {
	group := s.client.Group(a.text("name"))
	ctx, cancel := s.within(a)
	defer cancel()
	switch a.text("do") {
	case "create":
		fields, _ := a["settings"].(map[string]any)
		settings, err := settingsOf(fields)
		if err != nil {
			return nil, err
		}
		_, err = group.Create(ctx, settings)
		return nil, err
	case "get":
		return nil, untilStatus(ctx, group, a["until"])
	case "parked":
		var list []any
		for parked, err := range group.Parked(ctx) {
			if err != nil {
				return nil, err
			}
			list = append(list, map[string]any{"key": parked.Key, "position": parked.Position,
				"error": parked.Error, "attempts": parked.Attempts})
		}
		return gives{"parked": list}, nil
	case "retry_parked":
		changed, err := group.RetryAllParked(ctx)
		return gives{"changed": changed}, err
	}
	return nil, fmt.Errorf("the runner does not know %q", a.text("do"))
}

func untilStatus(ctx context.Context, group *annals.Group, wanted any) error {
	var unlike error
	err := until("the group's status", func() (bool, error) {
		status, err := group.Status(ctx)
		if err != nil {
			return false, err
		}
		if wanted == nil {
			return true, nil
		}
		unlike = match("status", plain(wanted), plain(map[string]any{
			"parked_keys": status.ParkedKeys, "handled": status.Handled,
			"checkpoint": status.Checkpoint, "behind": status.Behind,
			"in_flight": status.InFlight, "members": len(status.Members)}))
		return unlike == nil, nil
	})
	if err != nil && unlike != nil {
		return fmt.Errorf("%w; %w", err, unlike)
	}
	return err
}

func member(s *stage, a args) (gives, error) {
	inFlight := max(1, a.number("in_flight"))
	joined := s.client.Group(a.text("group")).Join(s.ctx, "runner",
		annals.InFlight(uint32(inFlight)))
	s.things[a.text("as")] = &membership{joined, map[annals.Position]annals.Delivery{}}
	return nil, nil
}

func deliver(s *stage, a args) (gives, error) {
	m := s.things[a.text("to")].(*membership)
	ctx, cancel := context.WithTimeout(s.ctx, waitMax)
	defer cancel()
	var got []annals.Delivery
	for range a.number("count") {
		delivery, err := m.member.Next(ctx)
		if err != nil {
			return nil, err
		}
		m.deliveries[delivery.Event.Position] = delivery
		got = append(got, delivery)
	}
	if a.text("in_order_of") == "stream" {
		sort.Slice(got, func(i, j int) bool { return got[i].Event.Stream < got[j].Event.Stream })
	}
	var list []any
	for _, delivery := range got {
		list = append(list, map[string]any{"stream": delivery.Event.Stream,
			"position": delivery.Event.Position, "attempt": delivery.Attempt})
	}
	return gives{"deliveries": list}, nil
}

func settle(s *stage, a args) (gives, error) {
	m := s.things[a.text("by")].(*membership)
	delivery, isThere := m.deliveries[annals.Position(a.number("event"))]
	if !isThere {
		return nil, fmt.Errorf("event %d was not delivered", a.number("event"))
	}
	ctx, cancel := s.within(a)
	defer cancel()
	switch a.text("how") {
	case "ack":
		return nil, delivery.Ack(ctx)
	case "retry":
		return nil, delivery.Retry(ctx, a.text("reason"), annals.GroupBackoff)
	case "park":
		return nil, delivery.Park(ctx, a.text("reason"))
	case "skip":
		return nil, delivery.Skip(ctx)
	}
	return nil, fmt.Errorf("the runner does not know %q", a.text("how"))
}
