// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "progress.hpp"

#include <utility>

#include "annals/streams/tokens.hpp"

namespace annals::consumers {

api::ConsumerProgress progress_of(
    std::string consumer, const LastRecord& last, commit::Orderer& events
) {
    const Record& record = last.record;
    api::ConsumerProgress progress;
    progress.consumer = std::move(consumer);
    progress.position = record.position;
    progress.at = record.at;
    progress.epoch = record.epoch;
    progress.owner = record.owner;
    progress.changed_time = last.recorded_time;
    progress.last_seen_time = record.last_seen_time;
    progress.offset = record.offset;
    progress.foreign_id = record.foreign_id;
    if (!record.position.empty()) {
        const streams::Tokens tokens(events);
        const Result<Position> known = tokens.check(record.position, "position");
        if (!known) progress.problem = known.error().info().name;
    }
    const bool is_elsewhere = record.position.empty() && !record.offset.empty();
    if (progress.problem.empty() && !is_elsewhere) {
        const std::uint64_t end = events.visible_end().get().value;
        progress.behind = end < record.at.value ? 0 : end - record.at.value;
    }
    return progress;
}

}  // namespace annals::consumers
