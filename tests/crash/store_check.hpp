// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>

#include "annals/client/client.hpp"

#include "journal.hpp"

namespace annals::crash {

struct CheckReport {
    std::uint64_t stored_events = 0;
    std::uint64_t acknowledged_appends = 0;
    std::uint64_t unanswered_stored = 0;  ///< appends that are stored although no answer came
    std::uint64_t unanswered_missing = 0;
};

/// Reads the whole log and holds it against the journal. The error names the first thing that is
/// wrong: positions and revisions dense, nothing stored twice, nothing stored that was not sent,
/// content as sent, every acknowledged append there at the positions and revisions of its answer,
/// appends whole and in one piece, the appends of a thread in its order.
Result<CheckReport> check_store(
    client::RemoteEventStore& store, const JournalContent& journal, std::uint64_t seed
);

}  // namespace annals::crash
