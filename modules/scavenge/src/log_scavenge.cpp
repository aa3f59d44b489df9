// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/scavenge/log_scavenge.hpp"

#include <string>
#include <vector>

namespace annals::scavenge {
namespace {

constexpr std::uint64_t kPercent = 100;
/// How often one segment is decided anew because metadata were loosened meanwhile.
constexpr int kRoundsMax = 8;

/// What is removed is hidden at the moment in which it goes: nothing is said between the last look
/// and the change. Most of the looking is done before appends have to wait.
Result<bool> change_if_hidden(
    commit::Orderer& orderer, RemovalRules& rules, const std::function<Status()>& change
) {
    ANNALS_TRY(bool holds, rules.still_holds());
    if (!holds) return false;
    ANNALS_CHECK(orderer.between_decisions([&]() -> Status {
        ANNALS_TRY(holds, rules.still_holds());
        return holds ? change() : ok();
    }));
    return holds;
}

Result<log::ScavengeResult> scavenge_segment(
    commit::Orderer& orderer,
    RemovalRules& rules,
    Position first,
    const log::ScavengeRequest& request
) {
    for (int round = 0; round < kRoundsMax; ++round) {
        rules.begin_segment();
        ANNALS_TRY(log::ScavengeResult done, orderer.scavenge_segment(first, request));
        if (!done.is_outdated) return done;
        rules.look_again();
    }
    return Error(
               ErrorCode::kConflict,
               "metadata of streams in the segment at " + std::to_string(first.value) +
                   " were loosened again and again while it was scavenged: it is as it was; start "
                   "another scavenge when that is over"
    )
        .with("position", std::to_string(first.value));
}

}  // namespace

Result<bool> scavenge_log(
    commit::Orderer& orderer,
    RemovalRules& rules,
    const LogScavengeOptions& options,
    ScavengeTotals& totals
) {
    if (options.seals_first && !options.is_dry_run) ANNALS_CHECK(orderer.seal_segments());
    const std::vector<log::SealedSegment> segments = orderer.log().sealed_segments();
    totals.segments += segments.size();
    for (const log::SealedSegment& segment : segments) totals.bytes += segment.bytes;
    log::ScavengeRequest request;
    request.is_removable = [&rules](const log::StoredEvent& event) {
        return rules.is_removable(event);
    };
    request.at_change = [&orderer, &rules](const std::function<Status()>& change) {
        return change_if_hidden(orderer, rules, change);
    };
    request.pace = options.pace;
    request.now = orderer.now();
    for (const log::SealedSegment& segment : segments) {
        request.is_dry_run = options.is_dry_run || options.dead_percent_min > 0;
        ANNALS_TRY(
            log::ScavengeResult done, scavenge_segment(orderer, rules, segment.first, request)
        );
        const bool is_worth_it = done.removed_events > 0 &&
                                 done.freed_bytes() * kPercent >=
                                     done.bytes_before * options.dead_percent_min;
        if (request.is_dry_run && !options.is_dry_run && is_worth_it && !done.is_stopped) {
            request.is_dry_run = false;
            ANNALS_TRY(done, scavenge_segment(orderer, rules, segment.first, request));
        }
        if (done.is_stopped) return false;
        ++totals.segments_done;
        totals.bytes_done += segment.bytes;
        if (is_worth_it) {
            ++totals.rewritten_segments;
            totals.removed_events += done.removed_events;
            totals.freed_bytes += done.freed_bytes();
        }
        if (options.on_progress) options.on_progress(totals);
    }
    return true;
}

}  // namespace annals::scavenge
