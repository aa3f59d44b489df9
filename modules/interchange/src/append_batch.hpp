// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "annals/model/event.hpp"

#include "arena.hpp"

namespace annals::interchange {

/// A record of the source and the event made of it; texts in the batch's arena.
struct PreparedRow {
    std::uint64_t line;
    std::uint64_t number;
    std::string_view raw;
    model::NewEvent event;
};

/// Rows that travel in one append. Where batches begin depends on the source alone, so that
/// one read again is cut in the same places and its appends are replays as a whole.
struct AppendBatch {
    Arena arena;
    std::vector<PreparedRow> rows;

    void clear() {
        rows.clear();
        arena.clear();
    }
};

}  // namespace annals::interchange
