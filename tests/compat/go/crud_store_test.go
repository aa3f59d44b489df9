// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package contract

import (
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/makkalot/eskit/generated/grpc/go/common"
	"github.com/makkalot/eskit/generated/grpc/go/crudstore"
	"github.com/makkalot/eskit/generated/grpc/go/eventstore"
)

// crudStore calls with the usual arguments.
type crudStore struct{ *clients }

func (s crudStore) create(t *testing.T, kind, payload string, who *common.Originator) (*common.Originator, error) {
	t.Helper()
	got, err := s.crud.Create(within(t),
		&crudstore.CreateRequest{EntityType: kind, Payload: payload, Originator: who})
	return got.GetOriginator(), err
}

func (s crudStore) update(t *testing.T, kind, payload string, who *common.Originator) (*common.Originator, error) {
	t.Helper()
	got, err := s.crud.Update(within(t),
		&crudstore.UpdateRequest{EntityType: kind, Payload: payload, Originator: who})
	return got.GetOriginator(), err
}

func (s crudStore) remove(t *testing.T, kind string, who *common.Originator) (*common.Originator, error) {
	t.Helper()
	got, err := s.crud.Delete(within(t), &crudstore.DeleteRequest{EntityType: kind, Originator: who})
	return got.GetOriginator(), err
}

func (s crudStore) get(t *testing.T, kind string, who *common.Originator, deleted bool) (*crudstore.GetResponse, error) {
	t.Helper()
	return s.crud.Get(within(t),
		&crudstore.GetRequest{EntityType: kind, Originator: who, Deleted: deleted})
}

// shows checks version and payload of an entity.
func (s crudStore) shows(t *testing.T, kind string, who *common.Originator, version, payload string) {
	t.Helper()
	got, err := s.get(t, kind, who, false)
	ok(t, err)
	same(t, got.Originator.Version, version)
	same(t, got.Payload, payload)
}

func (s crudStore) list(t *testing.T, kind, page string, limit uint32) *crudstore.ListResponse {
	t.Helper()
	got, err := s.crud.List(within(t),
		&crudstore.ListRequest{EntityType: kind, PaginationId: page, Limit: limit})
	ok(t, err)
	return got
}

func crudStoreRows(t *testing.T, c *clients) {
	s := crudStore{c}
	t.Run("Create", func(t *testing.T) { createRows(t, s) })
	t.Run("Update", func(t *testing.T) { updateRows(t, s) })
	t.Run("Get", func(t *testing.T) { getRows(t, s) })
	t.Run("Delete", func(t *testing.T) { deleteRows(t, s) })
	t.Run("List", func(t *testing.T) { listRows(t, s) })
	t.Run("Types", func(t *testing.T) { typeRows(t, s) })
	t.Run("IsWell", func(t *testing.T) {
		answer, err := c.crud.Healtz(within(t), &crudstore.HealthRequest{})
		ok(t, err)
		same(t, answer.Message, "")
	})
}

func createRows(t *testing.T, s crudStore) {
	kind, id := newName("T"), newName("")
	for _, row := range []struct {
		kind, payload string
		who           *common.Originator
		code          codes.Code
		text          string
	}{
		{"", "{}", nil, codes.InvalidArgument, "missing entity type"},
		{kind, "", nil, codes.InvalidArgument, "missing payload"},
		{kind, "{}", of("", "1"), codes.InvalidArgument, "missing originator id"},
		{kind, "{}", of(id, "abc"), codes.Internal, "creation failed : …"},
		{kind, "{}", of(id, "2147483648"), codes.Internal, "creation failed : …"},
		{kind, "{}", of(id, "0"), codes.InvalidArgument, ""},
	} {
		_, err := s.create(t, row.kind, row.payload, row.who)
		wants(t, err, row.code, row.text)
	}
	made, err := s.create(t, kind, "not json", nil)
	ok(t, err)
	same(t, made.Version, "1")
	s.shows(t, kind, of(made.Id, ""), "1", "not json")
	made, err = s.create(t, kind, "{}", of(id, ""))
	ok(t, err)
	same(t, made.Id+made.Version, id+"1")
	for _, version := range []string{"", "1", "5"} {
		_, err = s.create(t, kind, "{}", of(id, version))
		wants(t, err, codes.AlreadyExists, "duplicate")
	}
	seven := newName("")
	made, err = s.create(t, kind, "{}", of(seven, "7"))
	ok(t, err)
	same(t, made.Version, "7")
	s.shows(t, kind, of(seven, ""), "7", "{}")
	_, err = s.get(t, kind, of(seven, "7"), false)
	wants(t, err, codes.NotFound, "not found: not found")
}

func updateRows(t *testing.T, s crudStore) {
	kind, id := newName("T"), newName("")
	for _, row := range []struct {
		who  *common.Originator
		code codes.Code
		text string
	}{
		{nil, codes.InvalidArgument, "missing originator"},
		{of("", "1"), codes.InvalidArgument, "missing originator id"},
		{of(id, ""), codes.InvalidArgument, "missing originator version"},
		{of(id, "1"), codes.Internal, "update failed : not found"},
		{of(id, "x"), codes.Internal, ""},
	} {
		_, err := s.update(t, kind, "{}", row.who)
		wants(t, err, row.code, row.text)
	}
	_, err := s.create(t, kind, `{"a":1,"b":2,"n":12345678901234567890}`, of(id, ""))
	ok(t, err)
	made, err := s.update(t, kind, `{"b":2,"c":null,"n":12345678901234567890}`, of(id, "1"))
	ok(t, err)
	same(t, made.Version, "2")
	s.shows(t, kind, of(id, ""), "2", `{"b":2,"n":12345678901234567890}`)
	events, err := s.events.GetEvents(within(t), &eventstore.GetEventsRequest{Originator: of(id, "")})
	ok(t, err)
	same(t, events.Events[1].EventType, kind+".Updated")
	same(t, events.Events[1].Payload, `{"a":null}`)
	_, err = s.update(t, kind, `{"z":1}`, of(id, "1"))
	wants(t, err, codes.AlreadyExists, "update failed old version : duplicate")
	_, err = s.update(t, kind, "{}", of(id, "9"))
	wants(t, err, codes.Internal, "update failed : not found")
	for _, payload := range []string{"x", "[1]", "1"} {
		_, err = s.update(t, kind, payload, of(id, "2"))
		wants(t, err, codes.Internal, "update failed : patch creation failed : Invalid JSON Document")
	}
	made, err = s.update(t, "Other", `{"b":2,"n":12345678901234567890}`, of(id, "2"))
	ok(t, err)
	same(t, made.Version, "3")
	events, err = s.events.GetEvents(within(t), &eventstore.GetEventsRequest{Originator: of(id, "")})
	ok(t, err)
	same(t, events.Events[2].EventType+events.Events[2].Payload, "Other.Updated{}")
	_, err = s.remove(t, kind, of(id, ""))
	ok(t, err)
	_, err = s.update(t, kind, "{}", of(id, "4"))
	wants(t, err, codes.Internal, "update failed : deleted")

	raced := newName("")
	_, err = s.create(t, kind, "{}", of(raced, ""))
	ok(t, err)
	var won, lost atomic.Int32
	var group sync.WaitGroup
	for number := range 8 {
		group.Add(1)
		go func() {
			defer group.Done()
			_, err := s.update(t, kind, fmt.Sprintf(`{"n":%d}`, number), of(raced, "1"))
			switch status.Code(err) {
			case codes.OK:
				won.Add(1)
			case codes.AlreadyExists:
				lost.Add(1)
			default:
				t.Error(err)
			}
		}()
	}
	group.Wait()
	same(t, won.Load(), 1)
	same(t, lost.Load(), 7)
}

func getRows(t *testing.T, s crudStore) {
	kind, id := newName("T"), newName("")
	_, err := s.get(t, kind, of("", ""), false)
	wants(t, err, codes.InvalidArgument, "missing originator id")
	_, err = s.get(t, "", of(id, ""), false)
	wants(t, err, codes.InvalidArgument, "missing entity type")
	_, err = s.get(t, kind, of(id, ""), false)
	wants(t, err, codes.NotFound, "not found: not found")
	_, err = s.get(t, kind, of(id, "x"), false)
	wants(t, err, codes.Internal, "getting entity failed : …")
	_, err = s.create(t, kind, `{ "b" : "<" }`, of(id, ""))
	ok(t, err)
	_, err = s.update(t, kind, `{"b":"<","a":1}`, of(id, "1"))
	ok(t, err)
	s.shows(t, kind, of(id, "1"), "1", `{ "b" : "<" }`)
	s.shows(t, "Other", of(id, "2"), "2", `{"a":1,"b":"\u003c"}`)
	_, err = s.get(t, kind, of(id, "3"), false)
	wants(t, err, codes.NotFound, "not found: not found")
	_, err = s.remove(t, kind, of(id, ""))
	ok(t, err)
	_, err = s.get(t, kind, of(id, ""), false)
	wants(t, err, codes.NotFound, "not found: deleted")
	got, err := s.get(t, kind, of(id, ""), true)
	ok(t, err)
	same(t, got.Originator.Version+got.Payload, `2{"a":1,"b":"\u003c"}`)
	s.shows(t, kind, of(id, "2"), "2", `{"a":1,"b":"\u003c"}`)
	made, err := s.create(t, kind, `{"re":1}`, of(id, "4"))
	ok(t, err)
	same(t, made.Version, "4")
	s.shows(t, kind, of(id, ""), "4", `{"re":1}`)
}

func deleteRows(t *testing.T, s crudStore) {
	kind, id := newName("T"), newName("")
	_, err := s.remove(t, kind, of("", ""))
	wants(t, err, codes.InvalidArgument, "missing originator id")
	_, err = s.remove(t, "", of(id, ""))
	wants(t, err, codes.InvalidArgument, "missing entity type")
	_, err = s.remove(t, kind, of(id, ""))
	wants(t, err, codes.Unknown, "not found")
	_, err = s.create(t, kind, "{}", of(id, ""))
	ok(t, err)
	_, err = s.update(t, kind, `{"a":1}`, of(id, "1"))
	ok(t, err)
	_, err = s.remove(t, kind, of(id, "1"))
	wants(t, err, codes.AlreadyExists, "append : duplicate error : stored_event")
	made, err := s.remove(t, kind, of(id, "2"))
	ok(t, err)
	same(t, made.Version, "3")
	_, err = s.remove(t, kind, of(id, ""))
	wants(t, err, codes.Unknown, "deleted")
}

func listRows(t *testing.T, s crudStore) {
	kind := newName("T")
	_, err := s.crud.List(within(t), &crudstore.ListRequest{})
	wants(t, err, codes.InvalidArgument, "missing entity type")
	_, err = s.crud.List(within(t), &crudstore.ListRequest{EntityType: kind, PaginationId: "x"})
	wants(t, err, codes.InvalidArgument, "")
	empty := s.list(t, kind, "", 0)
	same(t, len(empty.Results), 0)
	same(t, empty.NextPageId, "")
	var ids []string
	for number := range 15 {
		made, err := s.create(t, kind, `{"n":`+strconv.Itoa(number)+`}`, nil)
		ok(t, err)
		ids = append(ids, made.Id)
	}
	_, err = s.remove(t, kind, of(ids[0], ""))
	ok(t, err)
	first := s.list(t, kind, "", 0)
	same(t, len(first.Results), 9) // the deleted one took a place
	same(t, first.Results[0].Originator.Id, ids[1])
	same(t, first.Results[0].Payload, `{"n":1}`)
	second := s.list(t, kind, first.NextPageId, 0)
	same(t, len(second.Results), 5)
	same(t, second.Results[0].Originator.Id, ids[10])
	last := s.list(t, kind, second.NextPageId, 0)
	same(t, len(last.Results), 0)
	same(t, last.NextPageId, "")
	// What was updated comes again, on a later page.
	_, err = s.update(t, kind, `{"n":100}`, of(ids[1], "1"))
	ok(t, err)
	again := s.list(t, kind, second.NextPageId, 0)
	same(t, len(again.Results), 1)
	same(t, again.Results[0].Originator.Id, ids[1])
	same(t, again.Results[0].Payload, `{"n":100}`)
	bare, err := s.crud.List(within(t),
		&crudstore.ListRequest{EntityType: kind, Limit: 2, SkipPayload: true})
	ok(t, err)
	same(t, bare.Results[0].Payload, "")
	same(t, bare.Results[0].EntityType, kind)
}

func typeRows(t *testing.T, s crudStore) {
	const schema = `{"type":"object","required":["q"]}`
	kind := newName("T")
	specOf := func(version uint64, text string) *crudstore.CrudEntitySpec {
		return &crudstore.CrudEntitySpec{EntityType: kind,
			SchemaSpec: &crudstore.SchemaSpec{SchemaVersion: version, JsonSchema: text}}
	}
	register := func(spec *crudstore.CrudEntitySpec, skip bool) error {
		_, err := s.crud.RegisterType(within(t),
			&crudstore.RegisterTypeRequest{Spec: spec, SkipDuplicate: skip})
		return err
	}
	change := func(spec *crudstore.CrudEntitySpec) error {
		_, err := s.crud.UpdateType(within(t), &crudstore.UpdateTypeRequest{Spec: spec})
		return err
	}
	got := func(kind string) (*crudstore.CrudEntitySpec, error) {
		answer, err := s.crud.GetType(within(t), &crudstore.GetTypeRequest{EntityType: kind})
		return answer.GetSpec(), err
	}
	wants(t, register(nil, false), codes.InvalidArgument, "missing spec")
	wants(t, register(&crudstore.CrudEntitySpec{}, false), codes.InvalidArgument, "missing entity type")
	wants(t, register(specOf(0, schema), false), codes.InvalidArgument, "schema : version is required")
	wants(t, register(specOf(1, "x"), false), codes.InvalidArgument, "schema : invalid spec : …")
	wants(t, register(specOf(1, `{"$ref":"#/a"}`), false), codes.InvalidArgument,
		"schema : compile schema : …")
	wants(t, change(nil), codes.InvalidArgument, "missing spec")
	wants(t, change(specOf(1, schema)), codes.NotFound, "schema not found: <nil>")
	_, err := got("")
	wants(t, err, codes.InvalidArgument, "missing entity type")
	_, err = got(kind)
	wants(t, err, codes.NotFound, "not found")

	ok(t, register(specOf(2, schema), false))
	wants(t, register(specOf(2, schema), false), codes.AlreadyExists, "already registered")
	ok(t, register(specOf(3, schema), true))
	spec, err := got(kind)
	ok(t, err)
	if !proto.Equal(spec, specOf(2, schema)) {
		t.Fatalf("got %v", spec)
	}
	listed, err := s.crud.ListTypes(within(t), &crudstore.ListTypesRequest{Limit: 1000})
	ok(t, err)
	isListed := false
	for _, one := range listed.Results {
		isListed = isListed || one.EntityType == kind
	}
	same(t, isListed, true)
	for range 21 {
		plain := &crudstore.CrudEntitySpec{EntityType: newName("T")}
		ok(t, register(plain, false))
	}
	for limit, count := range map[uint32]int{0: 20, 21: 21} {
		listed, err := s.crud.ListTypes(within(t), &crudstore.ListTypesRequest{Limit: limit})
		ok(t, err)
		same(t, len(listed.Results), count)
	}

	_, err = s.create(t, kind, "{}", nil)
	wants(t, err, codes.InvalidArgument, "validation : schema constraint failed : - (root): q is required\n")
	_, err = s.create(t, kind, "x", nil)
	wants(t, err, codes.InvalidArgument, "validation : …")
	made, err := s.create(t, kind, `{"q":1}`, nil)
	ok(t, err)
	_, err = s.update(t, kind, "{}", made)
	wants(t, err, codes.InvalidArgument, "validation : …")
	wants(t, change(specOf(2, schema)), codes.InvalidArgument, "schema version not changed")
	ok(t, change(specOf(1, `{"type":"object"}`)))
	_, err = s.update(t, kind, "{}", made)
	ok(t, err)
	ok(t, change(&crudstore.CrudEntitySpec{EntityType: kind}))
	_, err = s.create(t, kind, "x", nil)
	ok(t, err)

	const registerType = "contracts.eventstore.types.RegisterType"
	events, err := s.events.GetEvents(within(t),
		&eventstore.GetEventsRequest{Originator: of(kind, "1")})
	ok(t, err)
	same(t, len(events.Events), 1)
	same(t, events.Events[0].EventType, registerType+".Created")
	var stored struct {
		EntityType string
		SchemaSpec struct{ SchemaVersion, JsonSchema string }
	}
	ok(t, json.Unmarshal([]byte(events.Events[0].Payload), &stored))
	same(t, stored.EntityType, kind)
	same(t, stored.SchemaSpec.SchemaVersion, "2")
	same(t, stored.SchemaSpec.JsonSchema, schema)

	plain := newName("T")
	_, err = s.create(t, "Plain", `{"x":1}`, of(plain, ""))
	ok(t, err)
	_, err = got(plain)
	wants(t, err, codes.Internal, "missing entity type")
}
