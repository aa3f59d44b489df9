// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "annals/model/query.hpp"

#include "cursor.hpp"

namespace annals::index {

/// Queries and filters as trees of cursors. The query must outlive the cursor; nothing when the
/// filter names no category, type or tag.
std::unique_ptr<Cursor> query_cursor(
    const Moment& moment, const model::Query& query, Direction direction
);
std::unique_ptr<Cursor> filter_cursor(
    const Moment& moment, const model::Filter& filter, Direction direction
);

/// Positions from `from` to `to`, both included, in the cursor's direction, at most `limit`.
Status read_positions(
    Cursor& cursor,
    std::uint64_t from,
    std::uint64_t to,
    std::size_t limit,
    std::vector<Position>& out
);

}  // namespace annals::index
