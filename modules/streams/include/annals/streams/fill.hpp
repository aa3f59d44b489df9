// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "annals/api/removed_events.hpp"
#include "annals/api/requests.hpp"
#include "annals/base/named_type.hpp"
#include "annals/model/limits.hpp"

namespace annals::streams {

/// How much one call puts into a batch, and how long it looks for it.
struct FillLimits {
    std::size_t events_max = 100;
    std::size_t bytes_max = model::Limits::kReadBytesMax;  ///< one larger event still comes whole
    std::uint64_t scan_positions_max = 100'000;            ///< looked at in the log
    std::int64_t work_ns_max = 50'000'000;
    Revision revision_min;  ///< of a stream: nothing before it is given
};

/// Positions to look at, both ends inclusive, `from` first: 3…7 forwards, 7…3 backwards.
struct Span {
    Position from;
    Position to;
    api::Direction direction = api::Direction::kForwards;

    [[nodiscard]] bool is_forwards() const { return direction == api::Direction::kForwards; }
    [[nodiscard]] bool is_empty() const { return is_forwards() ? from > to : from < to; }
};

/// What a reader is told of events, which exist, that the stream's metadata hide from it. Where
/// they lie is not looked up: the positions bound them. Whether a filter asks for them isn't,
/// either.
inline api::RemovedEvents hidden_events(
    Revision first, Revision last, Position first_bound, Position last_bound, bool is_filtered
) {
    api::RemovedEvents hidden;
    hidden.first_position = first_bound;
    hidden.last_position = last_bound;
    hidden.events = is_filtered ? 0 : last.value - first.value + 1;
    hidden.is_uncertain = is_filtered;
    hidden.first_revision = first;
    hidden.last_revision = last;
    return hidden;
}

/// How far a call came.
struct Fill {
    /// Every match from the start of the span up to here (inclusive, in its direction) is in the
    /// batch. One before the span's start when nothing was looked at.
    Position reached;
    /// Of the last event added, when that is the one at `reached`.
    std::optional<std::uint32_t> chain_bits;
    /// Of the last event added or passed over because it was removed.
    Revision last_revision;
    /// There was such an event.
    bool has_moved = false;
    /// The whole span was looked at.
    bool is_done = false;

    /// What was passed over, in the order of the read.
    std::vector<api::RemovedEvents> removed;
    /// So many of them lie before the last event added.
    std::size_t removed_before_last = 0;

    Position first_added;  ///< 0: no event was
    /// The last event added; position 0: none was.
    struct Added {
        Position position;
        Revision revision;
        std::uint32_t chain_bits = 0;
    } last_added;

    /// Forwards: nothing of what is asked for lies between the start and here but removed events
    /// that `removed` tells of. `end` where the whole span was looked at in vain.
    [[nodiscard]] Position before_first(Position end) const {
        if (first_added.value > 0) return Position(first_added.value - 1);
        return is_done ? end : reached;
    }
    /// Removed events were passed over behind the last event added.
    [[nodiscard]] bool ends_removed() const {
        return last_added.position.value > 0 && removed.size() > removed_before_last;
    }
    /// The same as if it had ended with the last event added, so that what was passed over behind
    /// it is told at once, together with what follows.
    void end_with_last_added() {
        removed.resize(removed_before_last);
        reached = last_added.position;
        chain_bits = last_added.chain_bits;
        last_revision = last_added.revision;
        is_done = false;
    }
};

}  // namespace annals::streams
