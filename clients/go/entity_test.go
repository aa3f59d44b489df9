// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals_test

import (
	"errors"
	"sync"
	"testing"

	"annals.dev/annals"
)

type product struct {
	Name  string   `json:"name"`
	Price int      `json:"price"`
	Tags  []string `json:"tags,omitempty"`
}

func TestEntitiesUpdateKeepsWhatTheTypeDoesNotKnow(t *testing.T) {
	client := connect(t)
	wide := annals.EntitiesOf[map[string]any](client, "product")
	_, err := wide.Create(t.Context(), "p1",
		map[string]any{"name": "tea", "price": 1, "colour": "green", "tags": []string{"a"}})
	ok(t, err)
	products := annals.EntitiesOf[product](client, "product")
	_, err = products.Update(t.Context(), "p1", func(p *product) error {
		p.Price, p.Tags = 2, nil
		return nil
	})
	ok(t, err)
	got, err := wide.Get(t.Context(), "p1")
	ok(t, err)
	same(t, got.Value["colour"], any("green"))
	same(t, got.Value["price"], any(2.0))
	_, hasTags := got.Value["tags"]
	same(t, hasTags, false)
	refusal := errors.New("too dear")
	_, err = products.Update(t.Context(), "p1", func(*product) error { return refusal })
	same(t, err, refusal)
}

func TestEntitiesUpdatesThatMeetAreAllMade(t *testing.T) {
	const workers, each = 4, 5
	client := connect(t)
	products := annals.EntitiesOf[product](client, "product")
	_, err := products.Create(t.Context(), "p1", product{Name: "tea"})
	ok(t, err)
	var running sync.WaitGroup
	for range workers {
		running.Add(1)
		go func() {
			defer running.Done()
			for range each {
				_, err := products.Update(t.Context(), "p1", func(p *product) error {
					p.Price++
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		}()
	}
	running.Wait()
	got, err := products.Get(t.Context(), "p1")
	ok(t, err)
	same(t, got.Value.Price, workers*each)
	same(t, got.Revision, workers*each)
}

func TestEntitiesShowHistoryAndDifference(t *testing.T) {
	client := connect(t)
	products := annals.EntitiesOf[product](client, "product")
	made, err := products.Create(t.Context(), "", product{Name: "tea", Price: 1},
		annals.Actor("ada"), annals.WriteKey("k1"))
	ok(t, err)
	again, err := products.Create(t.Context(), made.ID, product{Name: "tea", Price: 1},
		annals.Actor("ada"), annals.WriteKey("k1"))
	ok(t, err)
	same(t, again.IsReplay, true)
	_, err = products.Replace(t.Context(), made.ID, product{Name: "tea", Price: 2})
	ok(t, err)
	difference, err := products.Diff(t.Context(), made.ID, 0, 1)
	ok(t, err)
	same(t, string(difference.Patch), `{"price":2}`)
	same(t, difference.Before.Value.Price, 1)
	same(t, difference.After.Value.Price, 2)
	_, err = products.Delete(t.Context(), made.ID)
	ok(t, err)
	_, isThere, err := products.Find(t.Context(), made.ID)
	ok(t, err)
	same(t, isThere, false)
	last, err := products.Get(t.Context(), made.ID, annals.WithDeleted())
	ok(t, err)
	same(t, last.IsDeleted, true)
	same(t, last.Created.Actor, "ada")
	kinds := ""
	for change, err := range products.History(t.Context(), made.ID) {
		ok(t, err)
		kinds += string(change.Kind) + " "
	}
	same(t, kinds, "created updated deleted ")
}

func TestEntitiesListsGoOnOverPages(t *testing.T) {
	client := connect(t)
	products := annals.EntitiesOf[product](client, "product")
	var many []annals.NewEntity[product]
	for index := range 25 {
		many = append(many, annals.NewEntity[product]{Value: product{Name: "tea", Price: index}})
	}
	made, err := products.CreateMany(t.Context(), many)
	ok(t, err)
	same(t, len(made), 25)
	same(t, made[24].IsCreated, true)
	count, err := products.Count(t.Context(), annals.Where("price>=5", "price<20"))
	ok(t, err)
	same(t, count, 15)
	seen := 0
	for entity, err := range products.List(t.Context(), annals.Where("price>=5", "price<20")) {
		ok(t, err)
		same(t, entity.Value.Price >= 5 && entity.Value.Price < 20, true)
		seen++
	}
	same(t, seen, 15)
}

func TestEntitiesThatCannotBeReadAreTold(t *testing.T) {
	client := connect(t)
	products := annals.EntitiesOf[product](client, "product")
	for _, id := range []string{"1", "2", "3"} {
		_, err := products.Create(t.Context(), id, product{Name: "tea"})
		ok(t, err)
	}
	_, err := client.Append(t.Context(), "product-2",
		[]annals.NewEvent{{Type: "product.Updated", JSON: "text"}})
	ok(t, err)
	told := ""
	for entity, err := range products.List(t.Context()) {
		told += entity.ID
		if errors.Is(err, annals.ErrEntityUnreadable) {
			told += "!"
			same(t, entity.Revision, annals.Revision(1))
			continue
		}
		ok(t, err)
	}
	same(t, told, "12!3")
}
