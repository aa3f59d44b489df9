// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "first_result.hpp"

#include <algorithm>

#include "annals/model/event.hpp"

namespace annals::order_local {
namespace {

void count_revision(model::AppendResult& result, std::string_view stream, Revision revision) {
    const auto known = std::find_if(
        result.streams.begin(),
        result.streams.end(),
        [&](const model::StreamRevisions& revisions) { return revisions.stream == stream; }
    );
    if (known != result.streams.end()) {
        known->last = revision;
    } else {
        result.streams.push_back({std::string(stream), revision, revision});
    }
}

}  // namespace

Result<model::AppendResult> read_first_result(
    const log::SegmentLog& log, Position first, std::uint32_t events
) {
    model::AppendResult result;
    result.first_position = first;
    result.last_position = Position(first.value + events - 1);
    result.is_replay = true;
    log::LogReader reader = log.reader();
    for (Position position = first; position <= result.last_position; ++position) {
        ANNALS_TRY(const log::StoredEvent stored, reader.at(position));
        model::RecordedEvent event;
        ANNALS_CHECK(model::decode_event_fields(stored.envelope, event));
        count_revision(result, event.stream, stored.revision);
        result.recorded_time = stored.recorded_time;
        result.chain_bits = stored.chain_bits;
    }
    return result;
}

}  // namespace annals::order_local
