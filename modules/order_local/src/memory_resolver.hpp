// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "annals/commit/stream_life.hpp"

#include "prepared_append.hpp"
#include "shared_state.hpp"

namespace annals::order_local {

/// A query check whose token is at most so many events behind is left to the writer, who has them
/// in memory; an older one asks the index first.
inline constexpr std::uint64_t kScannedEventsMax = 16'384;

/// Second half of preparing: looks up heads, known ids and queries as of the visible position,
/// from memory alone. False when the disk must be asked, or when an earlier append to one of the
/// streams waits for it. In the caller's thread, never waits.
bool resolve_in_memory(SharedState& state, PreparedAppend& append);

/// Whether ids are given for the stream, and it has events among which they may be.
bool are_ids_needed(const PreparedAppend& append, std::uint32_t stream);

/// Takes what index and log tell of a stream into a cold entry.
void load_head(
    commit::StreamEntry& entry,
    const std::optional<index::StreamHead>& head,
    const commit::StreamLife& life
);

}  // namespace annals::order_local
