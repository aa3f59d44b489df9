// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

// Package contract holds annals against eskit's contracts, with grpc-go.
package contract

import (
	"context"
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"annals.dev/annals/internal/testserver"
	"github.com/makkalot/eskit/generated/grpc/go/common"
	"github.com/makkalot/eskit/generated/grpc/go/consumerstore"
	"github.com/makkalot/eskit/generated/grpc/go/crudstore"
	"github.com/makkalot/eskit/generated/grpc/go/eventstore"
)

// clients are eskit's three stores on one server.
type clients struct {
	address   string
	events    eventstore.EventstoreServiceClient
	crud      crudstore.CrudStoreServiceClient
	consumers consumerstore.ConsumerServiceClient
}

// startServer runs the built program in memory until the test ends.
func startServer(t *testing.T) *clients {
	t.Helper()
	return connect(t, testserver.Start(t).Address)
}

func connect(t *testing.T, address string) *clients {
	t.Helper()
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(64<<20)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return &clients{
		address:   address,
		events:    eventstore.NewEventstoreServiceClient(connection),
		crud:      crudstore.NewCrudStoreServiceClient(connection),
		consumers: consumerstore.NewConsumerServiceClient(connection),
	}
}

// importPermits fills the store with real events; the test is skipped where the file is not there.
func importPermits(t *testing.T, c *clients) {
	t.Helper()
	folder := os.Getenv("ANNALS_SHARED_DATA")
	if folder == "" {
		folder = filepath.Join(filepath.Dir(os.Getenv("REPOSITORY")), "shared", "data")
	}
	file := filepath.Join(folder, "permit-receipts.csv")
	if _, err := os.Stat(file); err != nil {
		t.Skipf("%s is not there; set ANNALS_SHARED_DATA", file)
	}
	importing := exec.Command(testserver.Program(t), "--server", c.address, "import", "csv", file,
		"--stream-column", "case:concept:name", "--type-column", "concept:name",
		"--time-column", "time:timestamp", "--actor-column", "org:resource",
		"--tag-column", "group=org:group")
	if out, err := importing.CombinedOutput(); err != nil {
		t.Fatalf("import: %v\n%s", err, out)
	}
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// newName is a name that no other test uses.
func newName(prefix string) string { return prefix + rand.Text() }

func of(id, version string) *common.Originator {
	return &common.Originator{Id: id, Version: version}
}

// wants checks how a call ended. A text that ends in "…" is a beginning.
func wants(t *testing.T, err error, code codes.Code, text string) {
	t.Helper()
	got := status.Convert(err)
	if got.Code() != code {
		t.Fatalf("code %v %q, want %v", got.Code(), got.Message(), code)
	}
	if begin, isBegin := strings.CutSuffix(text, "…"); isBegin {
		if !strings.HasPrefix(got.Message(), begin) {
			t.Fatalf("text %q, want it to begin with %q", got.Message(), begin)
		}
	} else if text != "" && got.Message() != text {
		t.Fatalf("text %q, want %q", got.Message(), text)
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same[T comparable](t *testing.T, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("got %v, want %v", got, want)
	}
}
