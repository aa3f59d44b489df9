// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string_view>

#include "annals/api/call_context.hpp"
#include "annals/api/requests.hpp"
#include "annals/api/stream_life.hpp"
#include "annals/base/result.hpp"
#include "annals/base/uuid.hpp"
#include "annals/commit/orderer.hpp"
#include "annals/streams/fill.hpp"
#include "annals/streams/stream_events.hpp"
#include "annals/streams/stream_lives.hpp"
#include "annals/streams/tokens.hpp"

namespace annals::streams {

/// All reads of the seam over the log of one namespace.
///
/// Promises: an answer speaks up to the visible position that it took at its beginning
/// (`position`): it shows all that was asked for and existed then, and nothing later. Pages follow
/// each other without gap or repetition, each in bounded work: a filter that meets nothing for long
/// gives an empty page with `next` and without `is_end`. Streams `$…` are hidden from reads over
/// everything and from lists unless they are asked for (include_system, a prefix that begins with
/// `$`); by name they can be read.
///
/// A stream that never had an event, or was softly deleted, is stream_not_found; one that was
/// tombstoned stream_deleted. Reads of a stream show what its metadata leave (docs/adr/0007); reads
/// over everything show all. A stream read to its end has no `next`; a
/// read over everything always has one, to go on from later.
///
/// Threads: any. read() waits for min_position and may read the disk; try_read() does neither.
/// Costs: a page of a stream whose events lie in memory: 1 µs, and 0.1 µs for each event.
/// The orderer must outlive it.
class StreamReader {
  public:
    explicit StreamReader(commit::Orderer& orderer)
        : orderer_(orderer), tokens_(orderer), lives_(orderer) {}

    Result<api::ReadPage> read(const api::CallContext& context, const api::ReadRequest& request);
    /// The answer of read() when it needs neither waiting nor the disk: reads of a stream that the
    /// index has in memory, and of the newest part of the log; nothing otherwise. What the kernel
    /// holds of the log's files counts as memory.
    std::optional<Result<api::ReadPage>> try_read(
        const api::CallContext& context, const api::ReadRequest& request
    );

    /// All visible events with the id.
    Result<api::ReadPage> get_event(const Uuid& id);
    /// Names in byte order. The lists hold at least everything up to `position`.
    Result<api::StreamList> list_streams(const api::ListRequest& request);
    Result<api::CategoryList> list_categories(const api::ListRequest& request);
    Result<api::StreamList> list_types(const api::ListRequest& request);
    /// Also of a softly deleted stream, which it says.
    Result<api::StreamInfo> get_stream(std::string_view stream);
    /// Of a stream, also one that was never written to; stream_deleted when it was tombstoned.
    Result<api::StreamMetadataInfo> get_metadata(const api::MetadataTarget& target);

  private:
    Result<api::ReadPage> read_stream(
        const api::ReadRequest& request,
        Position visible,
        std::optional<index::StreamHead> found,
        const Retention& retention
    );
    Result<api::ReadPage> read_everything(
        const api::ReadRequest& request, Position visible, Position first
    );
    std::optional<Result<api::ReadPage>> try_read_stream(
        const api::ReadRequest& request, Position visible
    );
    std::optional<Result<api::ReadPage>> try_read_everything(
        const api::ReadRequest& request, Position visible
    );

    commit::Orderer& orderer_;
    Tokens tokens_;
    StreamLives lives_;
};

}  // namespace annals::streams
