// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"
	"time"

	annalsv1 "annals.dev/annals/v1"
)

// ServerInfo is what a server is and how it is.
type ServerInfo struct {
	Version string
	// LogID is the UUID of the namespace's log.
	LogID string
	// LastPosition is the end of the log, Position its token.
	LastPosition Position
	Position     Token
	// Durability is "every-append", "interval=<ms>" or "memory".
	Durability     string
	IsReadOnly     bool
	ReadOnlyReason string
	StartedTime    time.Time
}

// Info asks the server about itself and the client's namespace.
func (c *Client) Info(ctx context.Context) (ServerInfo, error) {
	info, err := call(ctx, c, "Info", &annalsv1.GetInfoRequest{Namespace: c.namespace},
		c.events.GetInfo)
	if err != nil {
		return ServerInfo{}, err
	}
	return ServerInfo{Version: info.GetVersion(), LogID: info.GetLogId(),
		LastPosition: Position(info.GetLastPosition()), Position: Token(info.GetPosition()),
		Durability: info.GetDurability(), IsReadOnly: info.GetIsReadOnly(),
		ReadOnlyReason: info.GetReadOnlyReason(),
		StartedTime:    time.Unix(0, info.GetStartedTimeNs())}, nil
}
