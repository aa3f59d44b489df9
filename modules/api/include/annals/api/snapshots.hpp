// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "annals/base/named_type.hpp"

namespace annals::api {

/// Of one snapshot's data.
inline constexpr std::size_t kSnapshotBytesMax = 4u << 20u;

/// Which fold of a stream it is. A reducer or a schema that changed never meets an old snapshot.
struct SnapshotKey {
    std::string stream;
    std::string reducer;  ///< name of the fold
    std::uint32_t schema_version = 0;
    std::uint32_t reducer_version = 0;
    bool operator==(const SnapshotKey&) const = default;
};

/// A stored fold of a stream; never the truth: dropping it changes no answer.
struct Snapshot {
    SnapshotKey key;
    Revision revision;  ///< of the last event that is in it
    std::string content_type;
    std::string data;  ///< opaque
    TimeNs stored_time;
};

struct SnapshotSummary {
    SnapshotKey key;
    Revision revision;
    std::uint64_t bytes = 0;
    TimeNs stored_time;
};

struct LoadSnapshotRequest {
    SnapshotKey key;
    std::optional<Revision> max_revision;  ///< not newer than this; nothing: the newest
};

/// Empty parts mean all.
struct SnapshotSelection {
    std::string stream;   ///< must be named
    std::string reducer;  ///< empty: of all reducers
    std::optional<Revision> revision;
};

}  // namespace annals::api
