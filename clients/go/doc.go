// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

// Package annals is the Go client of the annals event store, over gRPC.
//
//	client, err := annals.Connect("127.0.0.1:7400")
//	_, err = client.Append(ctx, "order-1", []annals.NewEvent{{Type: "order-placed", JSON: order}},
//		annals.Expect(annals.NoStream))
//	for event, err := range client.ReadStream(ctx, "order-1") { … }
//
// Every call takes a context. Without a deadline a call gets the client's timeout
// ([WithTimeout]); within it the client tries again where that is safe: ids and idempotency keys
// are made before the first try, so that a repeated write is a replay and never a double.
// Everything may be used from many goroutines, unless it says otherwise.
//
// Failures are [*Error]: ask errors.Is(err, annals.ErrConflict) for the name of the failure and
// errors.As for its details.
package annals
