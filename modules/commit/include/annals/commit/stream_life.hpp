// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string_view>

#include "annals/base/named_type.hpp"
#include "annals/base/result.hpp"
#include "annals/index/index.hpp"
#include "annals/log/segment_log.hpp"
#include "annals/model/stream_life.hpp"
#include "annals/model/stream_metadata.hpp"

namespace annals::commit {

/// What an event of a stream's metadata stream says while it is the last one (docs/adr/0007).
/// Depends on what lies before it in the log alone: it never changes.
struct StreamLife {
    Position position;  ///< of the event; 0: nothing was ever said
    Revision revision;  ///< of the event, in the metadata stream
    TimeNs recorded_time;
    model::LifeChange change = model::LifeChange::kMetadata;
    model::StreamMetadata metadata;  ///< empty after a deletion
    std::uint64_t hidden = 0;        ///< events of the stream before its last soft delete

    [[nodiscard]] bool is_tombstoned() const {
        return position.value != 0 && change == model::LifeChange::kTombstone;
    }
    /// Softly, for a stream with so many events in all.
    [[nodiscard]] bool is_deleted(std::uint64_t event_count) const {
        return position.value != 0 && change == model::LifeChange::kDelete && event_count <= hidden;
    }
};

/// Position of the last event of the stream's metadata stream at or before `as_of`; 0: there is
/// none. May read the disk.
Result<Position> find_life(const index::Index& index, std::string_view stream, Position as_of);

/// What the event says that find_life() found. May read the disk; costs one event of the log and a
/// few looks into the index. Where the event was scavenged, what superseded it is read instead.
/// data_loss or internal where index and log disagree.
Result<StreamLife> read_life(
    const index::Index& index,
    const log::SegmentLog& log,
    std::string_view stream,
    Position position
);

}  // namespace annals::commit
