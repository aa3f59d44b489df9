// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	annalsv1 "annals.dev/annals/v1"
)

// Entities are objects with history of one type, as Go values: T is what encoding/json makes of a
// document, and the other way round. Any goroutine.
type Entities[T any] struct {
	client     *Client
	entityType string
}

// EntitiesOf names a type of entities. Each is the stream "<type>-<id>" below.
//
//	products := annals.EntitiesOf[Product](client, "product")
func EntitiesOf[T any](client *Client, entityType string) *Entities[T] {
	return &Entities[T]{client: client, entityType: entityType}
}

// Entity is an object as it is, or was.
type Entity[T any] struct {
	ID string
	// Value is its document, Document the JSON text of it.
	Value     T
	Document  json.RawMessage
	Revision  Revision
	IsDeleted bool
	Created   Stamp
	Changed   Stamp
	// Hash is SHA-256 of the document's canonical text, in hex.
	Hash string
	// Position up to which the answer speaks.
	Position Token
}

// Stamp is when somebody did something.
type Stamp struct {
	Time  time.Time
	Actor string
}

// Written is what became of a change.
type Written struct {
	ID       string
	Revision Revision
	Time     time.Time
	Position Token
	IsReplay bool
	// IsUnchanged says that the document was so already: no event was written.
	IsUnchanged bool
	// IsCreated says that there was none, or a deleted one, before.
	IsCreated bool
	IsDurable bool
}

func stampOf(message *annalsv1.EntityStamp) Stamp {
	return Stamp{Time: time.Unix(0, message.GetTimeNs()), Actor: message.GetActor()}
}

func (e *Entities[T]) written(answer *annalsv1.WrittenEntity, err error) (Written, error) {
	if err != nil {
		return Written{}, err
	}
	e.client.Observe(Token(answer.GetPosition()))
	return Written{ID: answer.GetId(), Revision: Revision(answer.GetRevision()),
		Time: time.Unix(0, answer.GetTimeNs()), Position: Token(answer.GetPosition()),
		IsReplay: answer.GetIsReplay(), IsUnchanged: answer.GetIsUnchanged(),
		IsCreated: answer.GetIsCreated(), IsDurable: answer.GetIsDurable()}, nil
}

func (e *Entities[T]) entityOf(message *annalsv1.Entity) (Entity[T], error) {
	entity := Entity[T]{ID: message.GetId(), Document: json.RawMessage(message.GetDocument()),
		Revision: Revision(message.GetRevision()), IsDeleted: message.GetIsDeleted(),
		Created: stampOf(message.GetCreated()), Changed: stampOf(message.GetChanged()),
		Hash: message.GetHash(), Position: Token(message.GetPosition())}
	if message.GetDocument() == "" {
		return entity, nil
	}
	if err := json.Unmarshal(entity.Document, &entity.Value); err != nil {
		return entity, fmt.Errorf("%s %s at revision %d: %w", e.entityType, entity.ID,
			entity.Revision, err)
	}
	return entity, nil
}

func (e *Entities[T]) document(operation string, value any) (string, error) {
	document, err := json.Marshal(value)
	if err != nil {
		failure := refuse(operation, "value", fmt.Sprintf("value of %s: %v", e.entityType, err))
		failure.causes = []error{err}
		return "", failure
	}
	return string(document), nil
}

// Create makes a new entity; an empty id: the server gives one. A deleted one begins anew.
// [ErrEntityExists].
func (e *Entities[T]) Create(
	ctx context.Context, id string, value T, options ...WriteOption,
) (Written, error) {
	document, err := e.document("CreateEntity", value)
	if err != nil {
		return Written{}, err
	}
	return e.written(call(ctx, e.client, "CreateEntity", &annalsv1.CreateEntityRequest{
		Namespace: e.client.namespace, Type: e.entityType, Id: id, Document: document,
		Write: writeOf(options)}, e.client.entities.Create))
}

// NewEntity is one of many to be created; an empty ID: the server gives one.
type NewEntity[T any] struct {
	ID    string
	Value T
}

// CreateMany makes new entities, all or none, 1 to 1,000, in their order.
func (e *Entities[T]) CreateMany(
	ctx context.Context, entities []NewEntity[T], options ...WriteOption,
) ([]Written, error) {
	request := &annalsv1.CreateEntitiesRequest{Namespace: e.client.namespace,
		Type: e.entityType, Write: writeOf(options)}
	for _, entity := range entities {
		document, err := e.document("CreateEntities", entity.Value)
		if err != nil {
			return nil, err
		}
		request.Entities = append(request.Entities,
			&annalsv1.NewEntity{Id: entity.ID, Document: document})
	}
	answer, err := call(ctx, e.client, "CreateEntities", request, e.client.entities.CreateMany)
	if err != nil {
		return nil, err
	}
	var all []Written
	for _, one := range answer.GetEntities() {
		written, _ := e.written(one, nil)
		all = append(all, written)
	}
	return all, nil
}

// Replace writes the whole document. [MayCreate] creates it where there is none; else
// [ErrEntityNotFound].
func (e *Entities[T]) Replace(
	ctx context.Context, id string, value T, options ...WriteOption,
) (Written, error) {
	document, err := e.document("ReplaceEntity", value)
	if err != nil {
		return Written{}, err
	}
	return e.written(call(ctx, e.client, "ReplaceEntity", &annalsv1.ReplaceEntityRequest{
		Namespace: e.client.namespace, Type: e.entityType, Id: id, Document: document,
		MayCreate: mayCreate(options), Write: writeOf(options)}, e.client.entities.Replace))
}

// Patch applies a merge patch (RFC 7396): any value that marshals to a JSON object; null removes
// a member.
func (e *Entities[T]) Patch(
	ctx context.Context, id string, patch any, options ...WriteOption,
) (Written, error) {
	document, err := e.document("PatchEntity", patch)
	if err != nil {
		return Written{}, err
	}
	return e.written(call(ctx, e.client, "PatchEntity", &annalsv1.PatchEntityRequest{
		Namespace: e.client.namespace, Type: e.entityType, Id: id,
		Patch: &annalsv1.PatchEntityRequest_MergePatch{MergePatch: document},
		Write: writeOf(options)}, e.client.entities.Patch))
}

// Update reads the entity, lets change alter it and writes the difference, again when somebody else
// was first. What T does not know of the document stays as it is.
func (e *Entities[T]) Update(
	ctx context.Context, id string, change func(*T) error, options ...WriteOption,
) (Written, error) {
	const attempts = 10
	var written Written
	err := e.client.RetryOnConflict(ctx, attempts, func(ctx context.Context) error {
		entity, err := e.Get(ctx, id)
		if err != nil {
			return err
		}
		before, err := json.Marshal(entity.Value)
		if err != nil {
			return err
		}
		if err = change(&entity.Value); err != nil {
			return err
		}
		after, err := json.Marshal(entity.Value)
		if err != nil {
			return err
		}
		patch, err := mergePatch(before, after)
		if err != nil {
			return err
		}
		chosen := append(append([]WriteOption{}, options...), ExpectRevision(entity.Revision))
		written, err = e.Patch(ctx, id, patch, chosen...)
		return err
	})
	return written, err
}

// Delete deletes the entity; its history stays.
func (e *Entities[T]) Delete(
	ctx context.Context, id string, options ...WriteOption,
) (Written, error) {
	return e.written(call(ctx, e.client, "DeleteEntity", &annalsv1.DeleteEntityRequest{
		Namespace: e.client.namespace, Type: e.entityType, Id: id, Write: writeOf(options)},
		e.client.entities.Delete))
}

// Undo makes the entity as it was at a revision.
func (e *Entities[T]) Undo(
	ctx context.Context, id string, to Revision, options ...WriteOption,
) (Written, error) {
	return e.written(call(ctx, e.client, "UndoEntity", &annalsv1.UndoEntityRequest{
		Namespace: e.client.namespace, Type: e.entityType, Id: id, ToRevision: uint64(to),
		Write: writeOf(options)}, e.client.entities.Undo))
}

// Get reads an entity: now, or [AsOfRevision], [AsOfTime]. [ErrEntityNotFound],
// [ErrEntityDeleted] unless [WithDeleted].
func (e *Entities[T]) Get(
	ctx context.Context, id string, options ...GetOption,
) (Entity[T], error) {
	request := &annalsv1.GetEntityRequest{Namespace: e.client.namespace, Type: e.entityType,
		Id: id}
	for _, option := range options {
		option.get(request)
	}
	request.MinPosition, request.MaxWaitMs = e.client.minimum(ctx, "")
	answer, err := call(ctx, e.client, "GetEntity", request, e.client.entities.Get)
	if err != nil {
		return Entity[T]{}, err
	}
	return e.entityOf(answer)
}

// List gives the type's entities by id, as the options choose ([Where], [WithDeleted]). One that
// the server cannot read comes in its place as [ErrEntityUnreadable], with its ID and Revision
// alone; who goes on after it gets the rest.
func (e *Entities[T]) List(
	ctx context.Context, options ...ListOption,
) iter.Seq2[Entity[T], error] {
	return func(yield func(Entity[T], error) bool) {
		request := e.listRequest(ctx, options)
		for {
			page, err := call(ctx, e.client, "ListEntities", request, e.client.entities.List)
			if err != nil {
				yield(Entity[T]{}, err)
				return
			}
			unreadable := page.GetUnreadable()
			for _, message := range page.GetEntities() {
				for len(unreadable) > 0 && unreadable[0].GetId() < message.GetId() {
					if !yield(e.unreadableOf(unreadable[0])) {
						return
					}
					unreadable = unreadable[1:]
				}
				entity, err := e.entityOf(message)
				if !yield(entity, err) || err != nil {
					return
				}
			}
			for _, message := range unreadable {
				if !yield(e.unreadableOf(message)) {
					return
				}
			}
			if request.After = page.GetNext(); request.After == "" {
				return
			}
		}
	}
}

func (e *Entities[T]) unreadableOf(message *annalsv1.UnreadableEntity) (Entity[T], error) {
	revision := Revision(message.GetRevision())
	return Entity[T]{ID: message.GetId(), Revision: revision}, &Error{Code: ErrEntityUnreadable,
		Operation: "ListEntities", Message: message.GetProblem(),
		Fields: map[string]string{"type": e.entityType, "id": message.GetId(),
			"revision": fmt.Sprint(revision)}}
}

// Count counts the type's entities, as the options choose, without those that the server cannot
// read: [Entities.List] names them.
func (e *Entities[T]) Count(ctx context.Context, options ...ListOption) (uint64, error) {
	request := e.listRequest(ctx, options)
	total := uint64(0)
	for {
		count, err := call(ctx, e.client, "CountEntities", request, e.client.entities.Count)
		if err != nil {
			return 0, err
		}
		total += count.GetEntities()
		if request.After = count.GetNext(); request.After == "" {
			return total, nil
		}
	}
}

func (e *Entities[T]) listRequest(
	ctx context.Context, options []ListOption,
) *annalsv1.ListEntitiesRequest {
	request := &annalsv1.ListEntitiesRequest{Namespace: e.client.namespace, Type: e.entityType,
		Limit: 1_000}
	for _, option := range options {
		option.list(request)
	}
	request.MinPosition, request.MaxWaitMs = e.client.minimum(ctx, "")
	return request
}

// isMissing says that there is no such entity, or a deleted one.
func isMissing(err error) bool {
	return errors.Is(err, ErrEntityNotFound) || errors.Is(err, ErrEntityDeleted)
}

// Find is Get that answers false where there is no such entity, or a deleted one.
func (e *Entities[T]) Find(
	ctx context.Context, id string, options ...GetOption,
) (Entity[T], bool, error) {
	entity, err := e.Get(ctx, id, options...)
	if isMissing(err) {
		return entity, false, nil
	}
	return entity, err == nil, err
}
