// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	annalsv1 "annals.dev/annals/v1"
)

// StreamMetadata is what is said about a stream, or about all streams of a category. Zero values
// say nothing.
type StreamMetadata struct {
	// MaxAge hides older events; whole seconds.
	MaxAge time.Duration
	// MaxCount shows only so many of the newest events.
	MaxCount uint64
	// TruncateBefore hides events below this revision.
	TruncateBefore Revision
	// CompactBy is the key of a tag: of events with the same such tag only the last survives when
	// space is freed.
	CompactBy string
	// Custom is a JSON object of the user's own, at most 64 KiB.
	Custom json.RawMessage
}

// StreamMetadataInfo is what was said, and what holds.
type StreamMetadataInfo struct {
	// Written is as it was written, Effective with the category's defaults and soft deletes.
	Written   StreamMetadata
	Effective StreamMetadata
	// Revision of the metadata; it means nothing unless HasRevision.
	Revision    Revision
	HasRevision bool
	IsDeleted   bool
}

// StreamMetadata asks what was said about a stream, also about one that was never written to.
func (c *Client) StreamMetadata(ctx context.Context, stream string) (StreamMetadataInfo, error) {
	return c.metadata(ctx, &annalsv1.GetStreamMetadataRequest{Stream: stream})
}

// CategoryMetadata asks for the defaults of all streams of a category.
func (c *Client) CategoryMetadata(
	ctx context.Context, category string,
) (StreamMetadataInfo, error) {
	return c.metadata(ctx, &annalsv1.GetStreamMetadataRequest{Category: category})
}

// SetStreamMetadata replaces all that was said about a stream; `expected` is the revision of the
// metadata, not of the stream.
func (c *Client) SetStreamMetadata(
	ctx context.Context, stream string, metadata StreamMetadata, expected Expected,
) error {
	return c.setMetadata(ctx, &annalsv1.SetStreamMetadataRequest{Stream: stream}, metadata,
		expected)
}

// SetCategoryMetadata replaces the defaults of all streams of a category.
func (c *Client) SetCategoryMetadata(
	ctx context.Context, category string, metadata StreamMetadata, expected Expected,
) error {
	return c.setMetadata(ctx, &annalsv1.SetStreamMetadataRequest{Category: category}, metadata,
		expected)
}

func (c *Client) metadata(
	ctx context.Context, request *annalsv1.GetStreamMetadataRequest,
) (StreamMetadataInfo, error) {
	request.Namespace = c.namespace
	info, err := call(ctx, c, "StreamMetadata", request, c.events.GetStreamMetadata)
	if err != nil {
		return StreamMetadataInfo{}, err
	}
	return StreamMetadataInfo{Written: streamMetadataOf(info.GetMetadata()),
		Effective: streamMetadataOf(info.GetEffective()), Revision: Revision(info.GetRevision()),
		HasRevision: info.Revision != nil, IsDeleted: info.GetIsDeleted()}, nil
}

func (c *Client) setMetadata(
	ctx context.Context, request *annalsv1.SetStreamMetadataRequest, metadata StreamMetadata,
	expected Expected,
) error {
	if metadata.MaxAge != 0 && metadata.MaxAge < time.Second {
		return refuse("SetStreamMetadata", "MaxAge", fmt.Sprintf(
			"MaxAge is %v: give 1s or more, or 0 for no limit", metadata.MaxAge))
	}
	request.Namespace = c.namespace
	request.Metadata = metadata.proto()
	request.Expected = expected.proto()
	request.IdempotencyKey = NewID().String()
	response, err := call(ctx, c, "SetStreamMetadata", request, c.events.SetStreamMetadata)
	c.Observe(Token(response.GetPosition()))
	return err
}

func streamMetadataOf(message *annalsv1.StreamMetadata) StreamMetadata {
	metadata := StreamMetadata{MaxAge: time.Duration(message.GetMaxAgeS()) * time.Second,
		MaxCount: message.GetMaxCount(), TruncateBefore: Revision(message.GetTruncateBefore()),
		CompactBy: message.GetCompactBy()}
	if message.GetCustom() != "" {
		metadata.Custom = json.RawMessage(message.GetCustom())
	}
	return metadata
}

func (m StreamMetadata) proto() *annalsv1.StreamMetadata {
	message := &annalsv1.StreamMetadata{CompactBy: m.CompactBy, Custom: string(m.Custom)}
	if m.MaxAge > 0 {
		seconds := uint64(m.MaxAge / time.Second)
		message.MaxAgeS = &seconds
	}
	if m.MaxCount > 0 {
		message.MaxCount = &m.MaxCount
	}
	if m.TruncateBefore > 0 {
		before := uint64(m.TruncateBefore)
		message.TruncateBefore = &before
	}
	return message
}
