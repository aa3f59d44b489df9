// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/scavenge/log_scavenge.hpp"

#include <algorithm>
#include <future>
#include <string>
#include <vector>

#include "annals/base/clock.hpp"
#include "annals/commit/forgotten.hpp"
#include "annals/model/cut.hpp"

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

/// Logs that what was removed before the time is forgotten up to the position; waits until that is
/// durable. Nothing, where it is said already.
Status log_cut(commit::Orderer& orderer, const model::Cut& cut) {
    const model::Cut known = orderer.cut();
    if (model::joined(known, cut) == known) return ok();
    const std::string data = model::cut_to_json(model::joined(known, cut));
    model::AppendRequest request;
    request.stream = model::kCutStream;
    model::NewEvent& event = request.events.emplace_back();
    event.stream = model::kCutStream;
    event.type = model::kCutType;
    event.data = data;
    std::promise<Result<model::AppendResult>> done;
    orderer.submit({}, request, [&done](Result<model::AppendResult> result) {
        done.set_value(std::move(result));
    });
    ANNALS_TRY(const model::AppendResult stored, done.get_future().get());
    // In interval mode answers come before; what is forgotten must be so after a power loss, too.
    constexpr std::int64_t kPatienceNs = 60'000'000'000;
    return orderer.visible_end().wait_for(
        stored.last_position, system_clock().monotonic_ns() + kPatienceNs
    );
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
    request.now = orderer.now();
    request.is_removable = [&rules](const log::StoredEvent& event) {
        return rules.is_removable(event);
    };
    request.at_change = [&orderer, &rules](const std::function<Status()>& change) {
        return change_if_hidden(orderer, rules, change);
    };
    const TimeNs before = options.folds_at_once ? TimeNs(request.now.value + 1)
                                                : options.folds_before;
    if (before.value != 0) {
        request.is_foldable = [before](const log::StoredEvent& event) -> Result<bool> {
            return commit::may_fold(event, before);
        };
        request.before_fold = [&orderer, before](Position last) {
            return log_cut(orderer, {last, before});
        };
    }
    const auto tell = [&] {
        if (options.on_progress) options.on_progress(totals);
    };
    tell();
    for (const log::SealedSegment& segment : segments) {
        // What is rewritten is read, written and read again: all of it counts once.
        const std::uint64_t done_before = totals.bytes_done;
        std::uint64_t passed = 0;
        request.pace = [&](std::uint64_t bytes) {
            const bool goes_on = !options.pace || options.pace(bytes);
            passed += bytes;
            totals.bytes_done = done_before + std::min(passed, segment.bytes);
            tell();
            return goes_on;
        };
        request.is_dry_run = options.is_dry_run || options.dead_percent_min > 0;
        ANNALS_TRY(
            log::ScavengeResult done, scavenge_segment(orderer, rules, segment.first, request)
        );
        const bool is_worth_it = done.has_changes() &&
                                 done.freed_bytes() * kPercent >=
                                     done.bytes_before * options.dead_percent_min;
        if (request.is_dry_run && !options.is_dry_run && is_worth_it && !done.is_stopped) {
            request.is_dry_run = false;
            ANNALS_TRY(done, scavenge_segment(orderer, rules, segment.first, request));
        }
        if (done.is_stopped) return false;
        ++totals.segments_done;
        totals.bytes_done = done_before + segment.bytes;
        if (is_worth_it) {
            ++totals.rewritten_segments;
            totals.removed_events += done.removed_events;
            totals.folded_events += done.folded_events;
            totals.freed_bytes += done.freed_bytes();
        }
        tell();
    }
    return true;
}

}  // namespace annals::scavenge
