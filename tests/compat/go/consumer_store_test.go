// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package contract

import (
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/makkalot/eskit/generated/grpc/go/consumerstore"
)

func consumerStoreRows(t *testing.T, c *clients) {
	save := func(t *testing.T, consumer, offset string) error {
		_, err := c.consumers.LogConsume(within(t),
			&consumerstore.AppLogConsumeRequest{ConsumerId: consumer, Offset: offset})
		return err
	}
	offset := func(t *testing.T, consumer string) (string, error) {
		got, err := c.consumers.GetLogConsume(within(t),
			&consumerstore.GetAppLogConsumeRequest{ConsumerId: consumer})
		return got.GetOffset(), err
	}
	t.Run("Refusals", func(t *testing.T) {
		wants(t, save(t, "", "1"), codes.InvalidArgument, "missing consumer id")
		wants(t, save(t, newName(""), ""), codes.InvalidArgument, "missing offset")
		wants(t, save(t, newName(""), strings.Repeat("x", 101)), codes.Internal, "")
		_, err := offset(t, "")
		wants(t, err, codes.InvalidArgument, "missing consumer id")
		_, err = offset(t, newName(""))
		wants(t, err, codes.NotFound, "consumer not found")
	})
	t.Run("TakesAnyTextAlsoBackwards", func(t *testing.T) {
		consumer := newName("")
		for _, text := range []string{"5", "3", "abc", "1.5", "10"} {
			ok(t, save(t, consumer, text))
			got, err := offset(t, consumer)
			ok(t, err)
			same(t, got, text)
		}
	})
	t.Run("ListsAll", func(t *testing.T) {
		names := []string{newName(""), newName("$"), newName("x\n")}
		for _, name := range names {
			ok(t, save(t, name, "4"))
		}
		listed, err := c.consumers.List(within(t), &consumerstore.ListConsumersRequest{})
		ok(t, err)
		offsets := map[string]string{}
		for _, one := range listed.Consumers {
			offsets[one.ConsumerId] = one.Offset
		}
		for _, name := range names {
			same(t, offsets[name], "4")
		}
	})
	t.Run("IsWell", func(t *testing.T) {
		answer, err := c.consumers.Healtz(within(t), &consumerstore.HealthRequest{})
		ok(t, err)
		same(t, answer.Message, "")
	})
}
