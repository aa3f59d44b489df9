// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

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
};

}  // namespace annals::streams
