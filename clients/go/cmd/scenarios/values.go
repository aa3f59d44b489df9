// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package main

import (
	"encoding/json"
	"fmt"

	"annals.dev/annals"
)

func (a args) text(name string) string {
	text, _ := a[name].(string)
	return text
}

func (a args) texts(name string) []string {
	list, _ := a[name].([]any)
	var found []string
	for _, one := range list {
		found = append(found, fmt.Sprint(one))
	}
	return found
}

func (a args) number(name string) int { return number(a[name]) }

func number(value any) int {
	switch value := value.(type) {
	case int:
		return value
	case float64:
		return int(value)
	}
	return 0
}

// plain makes the values of YAML and of Go comparable.
func plain(value any) any {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	var same any
	_ = json.Unmarshal(text, &same)
	return same
}

// match compares what is wanted with what came: maps may have more, lists must be as long.
func match(place string, wanted, got any) error {
	switch wanted := wanted.(type) {
	case map[string]any:
		fields, isMap := got.(map[string]any)
		if !isMap {
			return fmt.Errorf("%s: got %v, want %v", place, got, wanted)
		}
		for name, value := range wanted {
			if err := match(place+"."+name, value, fields[name]); err != nil {
				return err
			}
		}
		return nil
	case []any:
		list, isList := got.([]any)
		if !isList && len(wanted) > 0 || len(list) != len(wanted) {
			return fmt.Errorf("%s: got %d, want %d: %v", place, len(list), len(wanted), got)
		}
		for index, value := range wanted {
			if err := match(fmt.Sprintf("%s[%d]", place, index), value, list[index]); err != nil {
				return err
			}
		}
		return nil
	}
	if wanted != got {
		return fmt.Errorf("%s: got %v, want %v", place, got, wanted)
	}
	return nil
}

func errorOf(err *annals.Error) map[string]any {
	var checks []any
	for _, check := range err.FailedChecks {
		shown := map[string]any{"check_index": check.Index, "stream": check.Stream,
			"expected": shownExpected(check.Expected), "current_revision": nil,
			"matching_position": check.MatchingPosition}
		if check.HasRevision {
			shown["current_revision"] = check.CurrentRevision
		}
		checks = append(checks, shown)
	}
	return map[string]any{"name": err.Code, "retry": err.Advice(), "metadata": err.Fields,
		"failed_checks": checks, "text": err.Error()}
}

func expectedOf(value any) annals.Expected {
	switch value {
	case "no_stream":
		return annals.NoStream
	case "exists":
		return annals.Exists
	case "deleted":
		return annals.Deleted
	case "any":
		return annals.Any
	}
	return annals.At(annals.Revision(number(value)))
}

func shownExpected(expected annals.Expected) any {
	var revision int
	if _, err := fmt.Sscan(expected.String(), &revision); err == nil {
		return revision
	}
	return expected.String()
}

// shown are events as `gives` names them.
func shown(events []annals.Event) []any {
	list := []any{}
	for _, event := range events {
		list = append(list, map[string]any{"stream": event.Stream, "revision": event.Revision,
			"position": event.Position, "type": event.Type, "data": json.RawMessage(event.Data),
			"tags": event.Tags})
	}
	return list
}

// given shows events, or the numbers in them.
func given(a args, events []annals.Event) (gives, error) {
	if a.text("only") != "numbers" {
		return gives{"events": shown(events), "count": len(events)}, nil
	}
	var numbers []int
	for _, event := range events {
		var data struct{ Number int }
		if err := event.Decode(&data); err != nil {
			return nil, err
		}
		numbers = append(numbers, data.Number)
	}
	if len(numbers) == 0 {
		return gives{"count": 0}, nil
	}
	for index := 2; index < len(numbers); index++ {
		if numbers[index]-numbers[index-1] != numbers[1]-numbers[0] {
			return nil, fmt.Errorf("%d follows %d", numbers[index], numbers[index-1])
		}
	}
	if step := 0; len(numbers) > 1 {
		if step = numbers[1] - numbers[0]; step != 1 && step != -1 {
			return nil, fmt.Errorf("%d follows %d", numbers[1], numbers[0])
		}
	}
	return gives{"first": numbers[0], "last": numbers[len(numbers)-1], "count": len(numbers)}, nil
}

// selected are a step's stream, filter and start.
func selected(a args) []annals.Select {
	var chosen []annals.Select
	if stream := a.text("stream"); stream != "" {
		chosen = append(chosen, annals.Stream(stream))
	}
	if names := a.texts("categories"); names != nil {
		chosen = append(chosen, annals.Categories(names...))
	}
	if names := a.texts("types"); names != nil {
		chosen = append(chosen, annals.Types(names...))
	}
	if names := a.texts("tags"); names != nil {
		chosen = append(chosen, annals.Tags(names...))
	}
	if _, isGiven := a["from_revision"]; isGiven {
		chosen = append(chosen, annals.FromRevision(annals.Revision(a.number("from_revision"))))
	}
	if after := a.text("after"); after != "" {
		chosen = append(chosen, annals.After(annals.Token(after)))
	}
	return chosen
}
