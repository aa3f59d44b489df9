// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "annals/api/call_context.hpp"
#include "annals/api/snapshots.hpp"
#include "annals/base/result.hpp"
#include "annals/commit/orderer.hpp"
#include "annals/streams/stream_lives.hpp"
#include "annals/streams/stream_reader.hpp"

namespace annals::streams {

/// Snapshots that clients store of streams, as events of the stream `$snapshots-<stream>` of the
/// namespace's system log: `$snapshot-stored` with the key in dialect fields, `$snapshot-deleted`.
/// The newest SnapshotFold::kLookedAtMax of these events of a stream count; older snapshots are
/// forgotten.
///
/// What a soft delete took away no snapshot brings back: those of events before it are not shown.
/// A tombstoned stream is stream_deleted, a deleted or unknown one stream_not_found.
///
/// A snapshot whose revision is not below that of any of its key before it is marked as rising, so
/// that load() may stop at it: where snapshots are stored in order, it reads the newest few,
/// however many there are. list() reads all. Any thread that may wait; all that it is made of must
/// outlive it.
class Snapshots {
  public:
    struct Parts {
        commit::Orderer& events;  ///< the users' log
        StreamReader& reader;     ///< of it
        commit::Orderer& system;
    };
    explicit Snapshots(const Parts& parts) : parts_(parts), lives_(parts.events) {}

    /// A snapshot of the same key and revision replaces the one before. invalid_argument when the
    /// stream has no such revision (yet); limit_exceeded beyond kSnapshotBytesMax.
    Status store(const api::CallContext& context, const api::Snapshot& snapshot);
    /// The one of the key with the highest revision; nothing when there is none, which is no error.
    Result<std::optional<api::Snapshot>> load(const api::LoadSnapshotRequest& request);
    /// By reducer, versions and revision, newest first within a key.
    Result<std::vector<api::SnapshotSummary>> list(const api::SnapshotSelection& selection);
    /// How many there were.
    Result<std::uint64_t> remove(
        const api::CallContext& context, const api::SnapshotSelection& selection
    );

  private:
    /// Revision of the stream's last event.
    Result<Revision> check_stream(std::string_view stream);
    /// Calls for each snapshot that counts, newest stored first, until the answer is false; reads
    /// so many events at a time. Views live for the call. Gives the last revision of the stream of
    /// snapshots.
    template <typename Visit>
    Result<std::optional<Revision>> visit(
        std::string_view stream, std::uint32_t page_events, const Visit& visit
    );
    Status append(const api::CallContext& context, const model::AppendRequest& request);

    const Parts parts_;
    StreamLives lives_;
};

}  // namespace annals::streams
