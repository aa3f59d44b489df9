// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

// Command bench measures the Go client beside what gRPC alone gives in the same run:
//
//	bench -server HOST:PORT [-disk DIR]     of a server with an empty namespace "go-bench"
//
// Each figure is one line of JSON with its ceiling and the ratio: appends beside a null call (the
// server's health check over the same connection), beside the bare call of the stubs and, one after
// the other with -disk, beside a null call and one sync into written blocks of that folder's disk,
// which a durable append cannot do without; a consumer beside the bare stream of Subscribe.
// bench/go_client_bench.py starts a server and runs it.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/health/grpc_health_v1"

	"annals.dev/annals"
	annalsv1 "annals.dev/annals/v1"
)

const (
	namespace  = "go-bench"
	eventBytes = 256
	batchMax   = 100
)

type bench struct {
	client *annals.Client
	health grpc_health_v1.HealthClient
	raw    annalsv1.EventStoreClient
	disk   *disk // nil: without
}

func main() {
	server := flag.String("server", "", "HOST:PORT")
	seconds := flag.Float64("seconds", 2, "of each measurement of calls")
	rounds := flag.Int("rounds", 3, "of each figure; the median is shown")
	folder := flag.String("disk", "", "folder on the server's disk")
	events := flag.Int("events", 300_000, "that a consumer catches up with")
	flag.Parse()
	if err := run(*server, *folder, *seconds, *rounds, *events); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(server, folder string, seconds float64, rounds, events int) error {
	ctx := context.Background()
	client, err := annals.Connect(server, annals.WithNamespace(namespace))
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.CreateNamespace(ctx, namespace); err != nil {
		return err
	}
	b := &bench{client, grpc_health_v1.NewHealthClient(client.Connection()),
		annalsv1.NewEventStoreClient(client.Connection()), nil}
	if folder != "" {
		if b.disk, err = openDisk(folder); err != nil {
			return err
		}
		defer b.disk.close()
	}
	for _, inFlight := range []int{1, 64} {
		time := time.Duration(seconds * float64(time.Second))
		if err := b.calls(ctx, inFlight, time, rounds); err != nil {
			return err
		}
	}
	if err := b.fill(ctx, events); err != nil {
		return err
	}
	return b.catchUp(ctx, events, rounds)
}

func data() []byte {
	text := fmt.Appendf(nil, `{"text":"`)
	for len(text) < eventBytes-2 {
		text = append(text, 'x')
	}
	return append(text, `"}`...)
}

func (b *bench) calls(ctx context.Context, inFlight int, time time.Duration, rounds int) error {
	payload := data()
	null := func(int) error {
		_, err := b.health.Check(ctx, &grpc_health_v1.HealthCheckRequest{})
		return err
	}
	streams := make([]string, inFlight)
	for worker := range streams {
		streams[worker] = fmt.Sprintf("call%d-%d", inFlight, worker)
	}
	appending := func(worker int) error {
		_, err := b.client.Append(ctx, streams[worker],
			[]annals.NewEvent{{Type: "Measured", Data: payload}})
		return err
	}
	bare := func(worker int) error {
		id := annals.NewID()
		_, err := b.raw.Append(ctx, &annalsv1.AppendRequest{Namespace: namespace,
			Stream: streams[worker],
			Events: []*annalsv1.NewEvent{{Id: id[:], Type: "Measured", Data: payload}}})
		return err
	}
	calls := []func(int) error{null, bare, appending}
	if b.disk != nil && inFlight == 1 {
		calls = append(calls, func(int) error { return b.disk.sync() })
	}
	measured := make([][]float64, len(calls))
	for round := range rounds { // side by side, in turns: what disturbs one disturbs the others
		for turn := range calls {
			index := (turn + round) % len(calls)
			figure, err := rate(inFlight, time, calls[index])
			if err != nil {
				return err
			}
			measured[index] = append(measured[index], figure)
		}
	}
	what := fmt.Sprintf("append, %d in flight", inFlight)
	show(what, "calls/s", measured[2], "null call", measured[0])
	show(what, "calls/s", measured[2], "bare call", measured[1])
	if len(measured) > 3 {
		needed := make([]float64, rounds)
		for round := range needed {
			needed[round] = 1 / (1/measured[0][round] + 1/measured[3][round])
		}
		show(what, "calls/s", measured[2], "sync and null call", needed)
	}
	return nil
}

// rate is how many calls a second so many workers make.
func rate(workers int, duration time.Duration, call func(worker int) error) (float64, error) {
	var count atomic.Int64
	errs := make([]error, workers)
	var group sync.WaitGroup
	begun := time.Now()
	for worker := range workers {
		group.Add(1)
		go func() {
			defer group.Done()
			for time.Since(begun) < duration {
				if errs[worker] = call(worker); errs[worker] != nil {
					return
				}
				count.Add(1)
			}
		}()
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return 0, err
		}
	}
	return float64(count.Load()) / time.Since(begun).Seconds(), nil
}

func (b *bench) fill(ctx context.Context, events int) error {
	const many = 1_000
	payload := data()
	for begin := 0; begin < events; begin += many {
		var some []annals.NewEvent
		for index := range min(many, events-begin) {
			some = append(some, annals.NewEvent{Stream: fmt.Sprintf("order-%d", (begin+index)%1_000),
				Type: "Measured", Data: payload})
		}
		if _, err := b.client.Append(ctx, "", some); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) catchUp(ctx context.Context, events, rounds int) error {
	var bare, consumers []float64
	for round := range rounds {
		figure, err := b.bareStream(ctx, events)
		if err != nil {
			return err
		}
		bare = append(bare, figure)
		if figure, err = b.consumer(ctx, events, fmt.Sprintf("reader-%d", round)); err != nil {
			return err
		}
		consumers = append(consumers, figure)
	}
	show("consumer catches up", "events/s", consumers, "bare stream", bare)
	return nil
}

func (b *bench) bareStream(ctx context.Context, events int) (float64, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	begun := time.Now()
	call, err := b.raw.Subscribe(ctx, &annalsv1.SubscribeRequest{Namespace: namespace,
		BatchEventsMax: batchMax, Filter: &annalsv1.Filter{Categories: []string{"order"}}})
	if err != nil {
		return 0, err
	}
	for count := 0; count < events; {
		response, err := call.Recv()
		if err != nil {
			return 0, err
		}
		count += len(response.GetEvents())
	}
	return float64(events) / time.Since(begun).Seconds(), nil
}

func (b *bench) consumer(ctx context.Context, events int, name string) (float64, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	count := 0
	begun := time.Now()
	consumer := b.client.Consumer(name, annals.Categories("order"), annals.BatchMax(batchMax))
	err := consumer.Run(ctx, func(context.Context, annals.Event) error {
		if count++; count == events {
			stop()
		}
		return nil
	})
	figure := float64(events) / time.Since(begun).Seconds() // the last save included
	if err != nil {
		return 0, err
	}
	if saved := consumer.Progress().Saved; saved != uint64(events) {
		return 0, fmt.Errorf("%d events were saved, want %d", saved, events)
	}
	return figure, nil
}

func median(figures []float64) float64 {
	sorted := append([]float64(nil), figures...)
	sort.Float64s(sorted)
	return sorted[len(sorted)/2]
}

func show(what, unit string, figures []float64, ceiling string, ceilings []float64) {
	text, _ := json.Marshal(map[string]any{"what": what, "unit": unit, "figure": median(figures),
		"ceiling": ceiling, "ceiling_figure": median(ceilings),
		"ratio": median(figures) / median(ceilings)})
	fmt.Println(string(text))
}
