// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"annals.dev/annals"
	"annals.dev/annals/internal/testserver"
)

const (
	kills         = 12
	killedStreams = 3
)

// consumeUntilKilled is the process that TestConsumerIsKilledWhileAppendsGoOn kills: it notes every
// event that it handles and copies it with tracking.
func consumeUntilKilled(where string) error {
	address, rest, _ := strings.Cut(where, " ")
	namespace, notes, _ := strings.Cut(rest, " ")
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	client, err := annals.Connect(address, annals.WithNamespace(namespace))
	if err != nil {
		return err
	}
	defer client.Close()
	file, err := os.OpenFile(notes, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	consumer := client.Consumer("copier", annals.Categories("order"), annals.BatchMax(7))
	return consumer.Run(ctx, func(ctx context.Context, event annals.Event) error {
		if _, err := fmt.Fprintf(file, "%s %d\n", event.Stream, event.Revision); err != nil {
			return err
		}
		_, err := client.Append(ctx, "copy-"+event.Stream,
			[]annals.NewEvent{annals.NewEvent{Type: event.Type, Data: event.Data}.CausedBy(event)},
			annals.Track(event.Tracking("copier")))
		return err
	})
}

func startConsumer(t *testing.T, where string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	ok(t, err)
	process := exec.Command(program)
	process.Env = append(os.Environ(), killedVariable+"="+where)
	process.Stderr = os.Stderr
	ok(t, process.Start())
	return process
}

func TestConsumerIsKilledWhileAppendsGoOn(t *testing.T) {
	server := testserver.Start(t)
	client := server.Connect(t, annals.WithNamespace("killed"))
	ok(t, client.CreateNamespace(t.Context(), "killed"))
	notes := filepath.Join(t.TempDir(), "notes")
	where := server.Address + " killed " + notes

	var appended atomic.Int64
	enough := newOnce()
	appending := make(chan error, 1)
	go func() {
		for index := 0; !enough.is(); index++ {
			stream := fmt.Sprintf("order-%d", index%killedStreams)
			_, err := client.Append(context.Background(), stream, numbers(index, 1))
			if err != nil {
				appending <- err
				return
			}
			appended.Add(1)
		}
		appending <- nil
	}()

	// each process is killed at another place: after so many copies more
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	process := startConsumer(t, where)
	copies, killed, next := int64(0), 0, int64(5)
	for _, err := range client.Subscribe(annals.Categories("copy"), annals.BatchMax(1)).Events(ctx) {
		ok(t, err)
		if copies++; copies >= next && killed < kills && hasClaimed(t, client, killed+1) {
			ok(t, process.Process.Kill())
			_ = process.Wait()
			killed++
			next = copies + int64(3+5*killed)
			process = startConsumer(t, where)
		}
		if killed == kills && !enough.is() && copies >= next {
			enough.fulfil()
			ok(t, <-appending)
		}
		if enough.is() && copies == appended.Load() {
			break
		}
	}
	ok(t, process.Process.Signal(syscall.SIGTERM))
	ok(t, process.Wait())

	// nothing doubled, none lost, order per stream
	total := 0
	for index := range killedStreams {
		stream := fmt.Sprintf("order-%d", index)
		expected := index
		for event, err := range client.ReadStream(t.Context(), "copy-"+stream) {
			ok(t, err)
			same(t, numberOf(t, event), expected)
			expected += killedStreams
			total++
		}
	}
	same(t, total, int(appended.Load()))
	handled := checkNotes(t, notes)
	place, err := client.ConsumerProgress(t.Context(), "copier")
	ok(t, err)
	same(t, place.Epoch, kills+1)
	t.Logf("%d events, %d kills, %d handled again", total, killed, handled-total)
}

// hasClaimed says that the newest process is at work, so that killing it meets something.
func hasClaimed(t *testing.T, client *annals.Client, epoch int) bool {
	t.Helper()
	place, err := client.ConsumerProgress(t.Context(), "copier")
	ok(t, err)
	return place.Epoch == uint64(epoch)
}

// checkNotes looks at what was handled, also more than once: each stream's events without a gap,
// a repetition never before what it repeats. It answers how many there were.
func checkNotes(t *testing.T, notes string) int {
	t.Helper()
	file, err := os.Open(notes)
	ok(t, err)
	defer file.Close()
	count := 0
	ends := map[string]int{}
	for lines := bufio.NewScanner(file); lines.Scan(); count++ {
		var stream string
		var revision int
		_, err := fmt.Sscanf(lines.Text(), "%s %d", &stream, &revision)
		ok(t, err)
		if revision > ends[stream] {
			t.Fatalf("%s: %d was handled, %d was not", stream, revision, ends[stream])
		}
		ends[stream] = max(ends[stream], revision+1)
	}
	return count
}
