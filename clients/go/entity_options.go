// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"time"

	annalsv1 "annals.dev/annals/v1"
)

type writing struct {
	annalsv1.EntityWrite
	mayCreate bool
}

// WriteOption is a condition or a companion of a change of an entity.
type WriteOption func(*writing)

// ExpectRevision makes the change only when the entity is at this revision; else [ErrConflict].
func ExpectRevision(revision Revision) WriteOption {
	number := uint64(revision)
	return func(w *writing) { w.ExpectedRevision = &number }
}

// MayCreate lets Replace create the entity where there is none.
func MayCreate() WriteOption { return func(w *writing) { w.mayCreate = true } }

// WriteKey names the change, at most 255 bytes: the same under the same key is made once. Without
// it a key is made for each call, so that trying again is safe.
func WriteKey(key string) WriteOption { return func(w *writing) { w.IdempotencyKey = key } }

// Actor is who changes it.
func Actor(name string) WriteOption { return func(w *writing) { w.Actor = name } }

// Because gives the change the correlation id and the cause that an event would have ([NewEvent]).
func Because(correlationID, causationID string) WriteOption {
	return func(w *writing) { w.CorrelationId, w.CausationId = correlationID, causationID }
}

func writeOf(options []WriteOption) *annalsv1.EntityWrite {
	chosen := &writing{}
	for _, option := range options {
		option(chosen)
	}
	if chosen.IdempotencyKey == "" {
		chosen.IdempotencyKey = NewID().String()
	}
	return &chosen.EntityWrite
}

func mayCreate(options []WriteOption) bool {
	chosen := &writing{}
	for _, option := range options {
		option(chosen)
	}
	return chosen.mayCreate
}

// GetOption says which state of an entity to read.
type GetOption interface {
	get(*annalsv1.GetEntityRequest)
}

// ListOption says which entities to list or count.
type ListOption interface {
	list(*annalsv1.ListEntitiesRequest)
}

type getOption func(*annalsv1.GetEntityRequest)

func (o getOption) get(request *annalsv1.GetEntityRequest) { o(request) }

type listOption func(*annalsv1.ListEntitiesRequest)

func (o listOption) list(request *annalsv1.ListEntitiesRequest) { o(request) }

// AsOfRevision reads the entity as it was at a revision.
func AsOfRevision(revision Revision) GetOption {
	return getOption(func(request *annalsv1.GetEntityRequest) {
		request.AsOf = &annalsv1.GetEntityRequest_AsOfRevision{AsOfRevision: uint64(revision)}
	})
}

// AsOfTime reads the entity as it was after the last change recorded at or before a time.
func AsOfTime(when time.Time) GetOption {
	return getOption(func(request *annalsv1.GetEntityRequest) {
		request.AsOf = &annalsv1.GetEntityRequest_AsOfTimeNs{AsOfTimeNs: when.UnixNano()}
	})
}

// DeletedOption is an option of reads and lists of entities.
type DeletedOption struct{}

func (DeletedOption) get(request *annalsv1.GetEntityRequest)     { request.WithDeleted = true }
func (DeletedOption) list(request *annalsv1.ListEntitiesRequest) { request.WithDeleted = true }

// WithDeleted shows deleted entities too, as they were last.
func WithDeleted() DeletedOption { return DeletedOption{} }

// Where chooses entities; all conditions must be met, at most 16: "price>=10", "name=pen",
// "kind!=a", "name^=pe" (begins so), "/a/b<2" (a JSON Pointer), "note?" (is there).
func Where(conditions ...string) ListOption {
	return listOption(func(request *annalsv1.ListEntitiesRequest) {
		request.Where = append(request.Where, conditions...)
	})
}
