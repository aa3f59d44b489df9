// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "annals/api/snapshots.hpp"

#include "fold.hpp"

namespace annals::entities {

/// Of the state's form here, and of the fold: a change of either makes it another number, and old
/// snapshots are never met again.
inline constexpr std::uint32_t kStateSchemaVersion = 2;
inline constexpr std::uint32_t kFoldVersion = 2;

api::SnapshotKey snapshot_key_of(std::string_view stream);
/// As the data of a snapshot of the state's revision. The state is one that a fold gave, and
/// ends_with_hash.
api::Snapshot encode_snapshot(std::string_view stream, const State& state);
/// Nothing when the data is not what encode_snapshot wrote, or its document has another hash.
std::optional<State> decode_snapshot(const api::Snapshot& snapshot);
/// Whether the event of its revision bears out what was decoded: it is the one that the snapshot
/// was made of, a creation or an update, and says the hash of the document. Anybody may store
/// snapshots under the name of this fold; only the log says which documents there were.
bool stands_on(const State& snapshot, const model::RecordedEvent& event);

}  // namespace annals::entities
