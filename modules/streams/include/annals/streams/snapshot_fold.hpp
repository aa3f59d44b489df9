// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "annals/api/snapshots.hpp"
#include "annals/model/event.hpp"

namespace annals::streams {

inline constexpr std::string_view kSnapshotStoredType = "$snapshot-stored";
inline constexpr std::string_view kSnapshotDeletedType = "$snapshot-deleted";
// Dialect fields of both.
inline constexpr std::string_view kSnapshotReducer = "reducer";
inline constexpr std::string_view kSnapshotSchemaVersion = "schema_version";
inline constexpr std::string_view kSnapshotReducerVersion = "reducer_version";
inline constexpr std::string_view kSnapshotRevision = "revision";
/// Set when no snapshot of the key that was stored before has a higher revision.
inline constexpr std::string_view kSnapshotRising = "rising";

/// `$snapshots-<stream>`, in the system log.
std::string snapshot_stream_of(std::string_view stream);
/// The other way round; empty when it is no such stream.
std::string_view stream_of_snapshots(std::string_view name);

/// A stored snapshot, its data not copied.
struct StoredSnapshot {
    api::SnapshotKey key;
    Revision revision;
    bool is_rising = false;  ///< none of the key that was stored before has a higher revision
    TimeNs stored_time;
    std::string_view content_type;
    std::string_view data;
};

/// The event of a stored snapshot of the stream.
StoredSnapshot parse_snapshot(std::string_view stream, const model::RecordedEvent& event);

/// Whether a deletion means it; empty parts mean all.
bool is_selected(
    const StoredSnapshot& snapshot,
    std::string_view reducer,
    const std::optional<std::uint64_t>& revision
);

/// Which stored snapshots of one stream hold: reads show those, scavenging removes the others.
/// Takes the events of its snapshot stream newest first.
class SnapshotFold {
  public:
    /// Snapshots that a stream has at most: what lies further back does not hold.
    static constexpr std::size_t kLookedAtMax = 1'000;

    enum class Verdict : std::uint8_t {
        kShown,
        kSuperseded,  ///< replaced, deleted, of revisions that are gone, or one too many
        kDeletion,    ///< says that others are deleted
    };

    /// `hidden`: so many revisions of the stream were taken away by a soft delete.
    explicit SnapshotFold(std::uint64_t hidden) : hidden_(hidden) {}

    Verdict take(const model::RecordedEvent& event);

  private:
    struct Deletion {
        std::string reducer;
        std::optional<std::uint64_t> revision;
    };

    const std::uint64_t hidden_;
    std::size_t looked_at_ = 0;
    std::vector<Deletion> deletions_;
    std::set<std::tuple<std::string, std::uint32_t, std::uint32_t, std::uint64_t>> seen_;
};

}  // namespace annals::streams
