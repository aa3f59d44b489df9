// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>

#include "annals/base/result.hpp"
#include "annals/commit/orderer.hpp"
#include "annals/scavenge/removal_rules.hpp"

namespace annals::scavenge {

/// What scavenging has done, or would do.
struct ScavengeTotals {
    std::uint64_t segments_done = 0;
    std::uint64_t segments = 0;
    std::uint64_t bytes_done = 0;  ///< of bytes, looked at
    std::uint64_t bytes = 0;
    std::uint64_t rewritten_segments = 0;
    std::uint64_t removed_events = 0;
    std::uint64_t folded_events = 0;  ///< into removed ranges
    std::uint64_t freed_bytes = 0;
};

struct LogScavengeOptions {
    bool is_dry_run = false;
    /// Ends the segment that is being written first, so that all that is visible is looked at.
    bool seals_first = true;
    /// Stubs of events that were removed before this are folded into removed ranges
    /// (docs/adr/0018); 0: none are.
    TimeNs folds_before;
    /// All of them are, with what this run removes.
    bool folds_at_once = false;
    /// A segment is rewritten when at least so many percent of its bytes would be freed.
    std::uint32_t dead_percent_min = 0;
    /// As log::ScavengeRequest::pace; may be empty.
    std::function<bool(std::uint64_t bytes)> pace;
    /// At the beginning, after each piece (about 1 MiB) and each segment; may be empty.
    std::function<void(const ScavengeTotals&)> on_progress;
};

/// Goes over the sealed segments of a log, the oldest first, and removes what the rules let go. The
/// order matters: what supersedes is never removed before what it supersedes, so a run may end
/// anywhere. Before stubs of a segment are folded the cut is logged. The first error ends it;
/// `totals` says how far it came. Appends and readers go on. False: pace() said to stop. Works in
/// the caller's thread.
Result<bool> scavenge_log(
    commit::Orderer& orderer,
    RemovalRules& rules,
    const LogScavengeOptions& options,
    ScavengeTotals& totals
);

}  // namespace annals::scavenge
