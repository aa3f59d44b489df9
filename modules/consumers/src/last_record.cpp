// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "last_record.hpp"

#include "annals/commit/newest_event.hpp"
#include "annals/model/event.hpp"

namespace annals::consumers {

Result<std::optional<LastRecord>> read_last(
    const commit::Orderer& system, const std::string& stream
) {
    ANNALS_TRY(const std::optional<index::StreamHead> head, system.index().head(stream));
    if (!head) return std::optional<LastRecord>();
    log::LogReader reader = system.log().reader();
    ANNALS_TRY(
        const auto newest, commit::read_newest(system.index(), system.log(), reader, stream)
    );
    if (!newest) return std::optional<LastRecord>();
    const log::StoredEvent& stored = *newest;
    model::RecordedEvent event;
    ANNALS_CHECK(model::decode_event_fields(stored.envelope, event));
    ANNALS_CHECK(model::decode_event_fields(stored.payload, event));
    LastRecord last;
    ANNALS_TRY(last.record, parse_record(event.type, event.data, stored.recorded_time));
    last.revision = head->last;
    last.recorded_time = stored.recorded_time;
    return std::optional(std::move(last));
}

}  // namespace annals::consumers
