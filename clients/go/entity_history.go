// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"
	"encoding/json"
	"iter"

	annalsv1 "annals.dev/annals/v1"
)

// ChangeKind is what happened to an entity.
type ChangeKind string

const (
	// ChangeCreated made it.
	ChangeCreated ChangeKind = "created"
	// ChangeUpdated altered its document.
	ChangeUpdated ChangeKind = "updated"
	// ChangeDeleted deleted it.
	ChangeDeleted ChangeKind = "deleted"
)

// Change is one step of an entity's history.
type Change struct {
	Kind          ChangeKind
	Revision      Revision
	Stamp         Stamp
	CorrelationID string
	CausationID   string
	// Patch is what changed, of a creation the whole document, else a merge patch, or an RFC 6902 one where
	// IsJSONPatch.
	Patch       json.RawMessage
	IsJSONPatch bool
	EventID     string
}

var changeKinds = map[annalsv1.EntityChangeKind]ChangeKind{
	annalsv1.EntityChangeKind_ENTITY_CHANGE_KIND_CREATED: ChangeCreated,
	annalsv1.EntityChangeKind_ENTITY_CHANGE_KIND_UPDATED: ChangeUpdated,
	annalsv1.EntityChangeKind_ENTITY_CHANGE_KIND_DELETED: ChangeDeleted,
}

// History gives all changes of an entity, first to last.
func (e *Entities[T]) History(ctx context.Context, id string) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		request := &annalsv1.GetEntityHistoryRequest{Namespace: e.client.namespace,
			Type: e.entityType, Id: id}
		for {
			page, err := call(ctx, e.client, "EntityHistory", request,
				e.client.entities.GetHistory)
			if err != nil {
				yield(Change{}, err)
				return
			}
			for _, message := range page.GetChanges() {
				if !yield(changeOf(message), nil) {
					return
				}
			}
			if page.NextRevision == nil {
				return
			}
			request.FromRevision = page.GetNextRevision()
		}
	}
}

func changeOf(message *annalsv1.EntityChange) Change {
	change := Change{Kind: changeKinds[message.GetKind()],
		Revision: Revision(message.GetRevision()), Stamp: stampOf(message.GetStamp()),
		CorrelationID: message.GetCorrelationId(), CausationID: message.GetCausationId(),
		EventID: message.GetEventId()}
	change.Patch, change.IsJSONPatch = patchOf(message.GetPatch())
	return change
}

func patchOf(message *annalsv1.EntityPatch) (patch json.RawMessage, isJSONPatch bool) {
	switch kind := message.GetPatch().(type) {
	case *annalsv1.EntityPatch_MergePatch:
		return json.RawMessage(kind.MergePatch), false
	case *annalsv1.EntityPatch_Document:
		return json.RawMessage(kind.Document), false
	case *annalsv1.EntityPatch_JsonPatch:
		return json.RawMessage(kind.JsonPatch), true
	}
	return nil, false
}

// Difference is what lies between two revisions of an entity.
type Difference[T any] struct {
	Before, After Entity[T]
	Patch         json.RawMessage
	IsJSONPatch   bool
}

// Diff compares an entity as it was at two revisions.
func (e *Entities[T]) Diff(
	ctx context.Context, id string, before, after Revision,
) (Difference[T], error) {
	answer, err := call(ctx, e.client, "DiffEntity", &annalsv1.DiffEntityRequest{
		Namespace: e.client.namespace, Type: e.entityType, Id: id,
		BeforeRevision: uint64(before), AfterRevision: uint64(after)}, e.client.entities.Diff)
	if err != nil {
		return Difference[T]{}, err
	}
	var difference Difference[T]
	difference.Patch, difference.IsJSONPatch = patchOf(answer.GetPatch())
	if difference.Before, err = e.entityOf(answer.GetBefore()); err != nil {
		return difference, err
	}
	difference.After, err = e.entityOf(answer.GetAfter())
	return difference, err
}
