// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals_test

import (
	"testing"

	"annals.dev/annals"
)

func TestReadersAreToldWhatIsGone(t *testing.T) {
	client := connect(t)
	_, err := client.Append(t.Context(), "order-1", numbers(0, 4))
	ok(t, err)
	page, err := client.ReadPage(t.Context(), annals.Stream("order-1"))
	ok(t, err)
	same(t, len(page.Removed), 0)
	ok(t, client.TruncateStream(t.Context(), "order-1", 2, annals.Any))
	gone := annals.Removed{FirstPosition: 1, LastPosition: 2, Events: 2, FirstRevision: 0,
		LastRevision: 1, HasRevisions: true}
	page, err = client.ReadPage(t.Context(), annals.Stream("order-1"))
	ok(t, err)
	same(t, len(page.Events), 2)
	same(t, len(page.Removed), 1)
	same(t, page.Removed[0], gone)
	var told []annals.Removed
	for page, err := range client.ReadPages(t.Context(), annals.Stream("order-1"),
		annals.Backwards()) {
		ok(t, err)
		told = append(told, page.Removed...)
	}
	same(t, len(told), 1)
	same(t, told[0], gone)
	for batch, err := range client.Subscribe(annals.Stream("order-1")).Batches(t.Context()) {
		ok(t, err)
		same(t, len(batch.Events), 2)
		same(t, len(batch.Removed), 1)
		same(t, batch.Removed[0], gone)
		break
	}
}
