// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "annals/api/call_context.hpp"
#include "annals/api/stream_life.hpp"
#include "annals/base/result.hpp"
#include "annals/commit/orderer.hpp"
#include "annals/streams/stream_reader.hpp"

namespace annals::streams {

/// The changes of a stream's life that the seam offers, as events of its metadata stream
/// (docs/adr/0007). Each checks the request, submits one event, and waits for the orderer's answer.
///
/// Errors: invalid_argument, limit_exceeded, not_permitted (streams `$…`, unless the server itself
/// asks) with the field; conflict with the failing check (on the stream, or on `$$<stream>` for an
/// expectation of the metadata); stream_deleted when the stream was tombstoned; and those of an
/// append. Any thread that may wait. Orderer and reader must outlive it.
class StreamChanges {
  public:
    StreamChanges(commit::Orderer& orderer, StreamReader& reader)
        : orderer_(orderer), reader_(reader) {}

    Result<api::LifeResponse> set_metadata(
        const api::CallContext& context, const api::SetMetadataRequest& request
    );
    /// Softly. A stream that was never written to is a conflict, also with `any`.
    Result<api::LifeResponse> remove(
        const api::CallContext& context, const api::DeleteStreamRequest& request
    );
    /// For ever; also a name that was never used.
    Result<api::LifeResponse> tombstone(
        const api::CallContext& context, const api::DeleteStreamRequest& request
    );
    /// Reads the metadata and writes them back with the truncation, on the revision that it read;
    /// again when somebody was first. stream_not_found when there is no such stream.
    Result<api::LifeResponse> truncate(
        const api::CallContext& context, const api::TruncateStreamRequest& request
    );

  private:
    commit::Orderer& orderer_;
    StreamReader& reader_;
};

/// Name of the stream whose metadata the target means: its own, or `$category-…`. invalid_argument
/// when not exactly one of the two is named; not_permitted for streams `$…` unless the server asks.
Result<std::string> subject_of_target(
    const api::CallContext& context, const api::MetadataTarget& target
);

}  // namespace annals::streams
