// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package contract

import "testing"

// TestContract runs every row twice: over an empty store, and over one with real events.
func TestContract(t *testing.T) {
	rows := func(t *testing.T, c *clients) {
		t.Run("EventStore", func(t *testing.T) { eventStoreRows(t, c) })
		t.Run("CrudStore", func(t *testing.T) { crudStoreRows(t, c) })
		t.Run("ConsumerStore", func(t *testing.T) { consumerStoreRows(t, c) })
	}
	t.Run("Empty", func(t *testing.T) { rows(t, startServer(t)) })
	t.Run("WithPermits", func(t *testing.T) {
		c := startServer(t)
		importPermits(t, c)
		rows(t, c)
	})
}
