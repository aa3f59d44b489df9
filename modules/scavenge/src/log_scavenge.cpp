// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/scavenge/log_scavenge.hpp"

#include <vector>

namespace annals::scavenge {
namespace {

constexpr std::uint64_t kPercent = 100;

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
    request.pace = options.pace;
    request.now = orderer.now();
    for (const log::SealedSegment& segment : segments) {
        request.is_dry_run = options.is_dry_run || options.dead_percent_min > 0;
        ANNALS_TRY(log::ScavengeResult done, orderer.scavenge_segment(segment.first, request));
        const bool is_worth_it = done.removed_events > 0 &&
                                 done.freed_bytes() * kPercent >=
                                     done.bytes_before * options.dead_percent_min;
        if (request.is_dry_run && !options.is_dry_run && is_worth_it && !done.is_stopped) {
            request.is_dry_run = false;
            ANNALS_TRY(done, orderer.scavenge_segment(segment.first, request));
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
