// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package decide

import (
	"encoding/json"
	"fmt"
	"reflect"

	"annals.dev/annals"
)

// Types are the names of a decider's events in the log. Any goroutine.
type Types[E any] struct {
	byName map[string]reflect.Type
	byType map[reflect.Type]string
}

// Name is a Go type and its name in the log.
type Name struct {
	name   string
	sample any
}

// Named gives the type of sample, a struct, a name in the log. Names are for ever, Go types may be
// renamed.
func Named(name string, sample any) Name { return Name{name, sample} }

// TypesOf collects names. It panics where a type is no E, or a type or name comes twice: that is
// for the programmer.
func TypesOf[E any](names ...Name) *Types[E] {
	types := &Types[E]{map[string]reflect.Type{}, map[reflect.Type]string{}}
	for _, one := range names {
		if _, isEvent := one.sample.(E); !isEvent {
			panic(fmt.Sprintf("decide: %q names %T, which is no %v", one.name, one.sample,
				reflect.TypeFor[E]()))
		}
		typed := reflect.TypeOf(one.sample)
		if _, isTaken := types.byName[one.name]; isTaken || types.byType[typed] != "" {
			panic(fmt.Sprintf("decide: %q or %v is named twice", one.name, typed))
		}
		types.byName[one.name], types.byType[typed] = typed, one.name
	}
	return types
}

// Decode makes an E of a stored event.
func (t *Types[E]) Decode(event annals.Event) (E, error) {
	var none E
	typed, isKnown := t.byName[event.Type]
	if !isKnown {
		return none, fmt.Errorf("%s has an event of type %q at revision %d, which has no Go type: "+
			"add it to TypesOf", event.Stream, event.Type, event.Revision)
	}
	value := reflect.New(typed)
	if err := event.Decode(value.Interface()); err != nil {
		return none, err
	}
	return value.Elem().Interface().(E), nil
}

// Encode makes a new event of an E.
func (t *Types[E]) Encode(event E) (annals.NewEvent, error) {
	name, isKnown := t.byType[reflect.TypeOf(event)]
	if !isKnown {
		return annals.NewEvent{}, fmt.Errorf("events of type %T have no name: add it to TypesOf",
			event)
	}
	data, err := json.Marshal(event)
	return annals.NewEvent{Type: name, Data: data}, err
}
