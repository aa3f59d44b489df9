// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string>

#include "annals/base/named_type.hpp"
#include "annals/model/append.hpp"
#include "annals/model/stream_metadata.hpp"

namespace annals::api {

/// Whose metadata: exactly one of the two is named.
struct MetadataTarget {
    std::string stream;
    std::string category;  ///< defaults for all its streams
};

struct StreamMetadataInfo {
    MetadataTarget target;
    model::StreamMetadata metadata;  ///< what was written; empty when nothing was
    /// What is shown by: with the category's defaults, and with what a soft delete truncated.
    model::StreamMetadata effective;
    /// Of the metadata, for SetMetadataRequest::expected; nothing when it was never written.
    std::optional<Revision> revision;
    TimeNs recorded_time;     ///< of the metadata; 0: never written
    bool is_deleted = false;  ///< softly
    std::string position;     ///< token up to which the answer speaks
};

/// Replaces all metadata. A softly deleted stream is live again, without its old events.
struct SetMetadataRequest {
    MetadataTarget target;
    model::StreamMetadata metadata;
    model::ExpectedRevision expected;  ///< of the metadata, not of the stream
    std::string idempotency_key;
};

/// Softly, or for ever.
struct DeleteStreamRequest {
    std::string stream;
    model::ExpectedRevision expected;
    std::string idempotency_key;
};

/// Hides what is before a revision; other metadata stay as they are.
struct TruncateStreamRequest {
    std::string stream;
    Revision before;
    model::ExpectedRevision expected;  ///< of the stream
};

/// Answer to a change of a stream's life.
struct LifeResponse {
    Revision metadata_revision;  ///< of the metadata afterwards
    Position at;                 ///< of the event that says it
    std::string position;        ///< its token
    TimeNs recorded_time;
    bool is_replay = false;
    bool is_durable = true;  ///< false only in interval mode
    bool operator==(const LifeResponse&) const = default;
};

}  // namespace annals::api
