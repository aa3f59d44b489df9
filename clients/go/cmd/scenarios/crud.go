// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package main

import (
	"encoding/json"
	"fmt"

	"annals.dev/annals"
)

type product struct {
	Name  string   `json:"name"`
	Price int      `json:"price"`
	Tags  []string `json:"tags"`
}

func (a args) product() (product, error) {
	var value product
	text, err := json.Marshal(a["value"])
	if err != nil {
		return value, err
	}
	return value, json.Unmarshal(text, &value)
}

func written(s *stage, a args, answer annals.Written, err error) (gives, error) {
	if err != nil {
		return nil, err
	}
	s.tokens[a.text("as")] = answer.Position
	return gives{"revision": answer.Revision, "is_created": answer.IsCreated,
		"is_unchanged": answer.IsUnchanged}, nil
}

func crud(s *stage, a args) (gives, error) {
	products := annals.EntitiesOf[product](s.from(a), "product")
	id := a.text("id")
	ctx, cancel := s.within(a)
	defer cancel()
	var options []annals.WriteOption
	if _, isGiven := a["expected"]; isGiven {
		options = append(options, annals.ExpectRevision(annals.Revision(a.number("expected"))))
	}
	switch a.text("do") {
	case "create", "replace":
		value, err := a.product()
		if err != nil {
			return nil, err
		}
		change := products.Create
		if a.text("do") == "replace" {
			change = products.Replace
		}
		answer, err := change(ctx, id, value, options...)
		return written(s, a, answer, err)
	case "patch":
		answer, err := products.Patch(ctx, id, a["patch"], options...)
		return written(s, a, answer, err)
	case "undo":
		answer, err := products.Undo(ctx, id, annals.Revision(a.number("to_revision")), options...)
		return written(s, a, answer, err)
	case "delete":
		answer, err := products.Delete(ctx, id, options...)
		return written(s, a, answer, err)
	case "get":
		var as []annals.GetOption
		if _, isGiven := a["as_of_revision"]; isGiven {
			as = append(as, annals.AsOfRevision(annals.Revision(a.number("as_of_revision"))))
		}
		entity, err := products.Get(ctx, id, as...)
		return gives{"value": entity.Value, "revision": entity.Revision}, err
	case "history":
		var changes []any
		for change, err := range products.History(ctx, id) {
			if err != nil {
				return nil, err
			}
			changes = append(changes,
				map[string]any{"kind": change.Kind, "revision": change.Revision})
		}
		return gives{"changes": changes}, nil
	case "list":
		var values []product
		for entity, err := range products.List(ctx, annals.Where(a.texts("where")...)) {
			if err != nil {
				return nil, err
			}
			values = append(values, entity.Value)
		}
		return gives{"values": values}, nil
	case "count":
		count, err := products.Count(ctx, annals.Where(a.texts("where")...))
		return gives{"count": count}, err
	}
	return nil, fmt.Errorf("the runner does not know %q", a.text("do"))
}
