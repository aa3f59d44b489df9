// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "history.hpp"

#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "annals/commit/newest_first.hpp"
#include "annals/model/event.hpp"
#include "annals/model/refusals.hpp"

#include "decisions.hpp"
#include "record.hpp"

namespace annals::consumers {
namespace {

/// Events that one page looks at, shown or not.
constexpr std::size_t kEventsLookedAtMax = 4'096;
constexpr std::size_t kPageBytesMax = 4u << 20u;

Result<std::optional<Revision>> parse_cursor(const std::string& text) {
    if (text.empty()) return std::optional<Revision>();
    std::uint64_t below = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, below);
    if (error == std::errc() && end == last) return std::optional(Revision(below));
    return model::refused("after", text, "it is `next` of the page before");
}

api::ConsumerHistoryEntry entry_of(Record record, const model::RecordedEvent& event, TimeNs time) {
    api::ConsumerHistoryEntry entry;
    entry.deed = static_cast<api::ConsumerDeed>(record.kind);
    entry.time = time;
    entry.actor = event.actor;
    entry.reason = std::move(record.reason);
    entry.epoch = record.epoch;
    entry.owner = std::move(record.owner);
    entry.position = std::move(record.position);
    entry.at = record.at;
    entry.offset = std::move(record.offset);
    return entry;
}

}  // namespace

Result<api::ConsumerHistory> read_history(
    const commit::Orderer& system, const api::ConsumerHistoryRequest& request
) {
    ANNALS_TRY(const std::optional<Revision> below, parse_cursor(request.after));
    ANNALS_TRY(auto events, commit::NewestFirst::open(system, stream_of(request.consumer), below));
    if (!events.is_known()) return consumer_not_found(request.consumer);
    api::ConsumerHistory page;
    std::size_t bytes = 0;
    for (std::size_t looked_at = 0; looked_at < kEventsLookedAtMax; ++looked_at) {
        if (page.entries.size() == request.limit || bytes > kPageBytesMax) break;
        ANNALS_TRY(const auto stored, events.next());
        if (!stored) return page;
        if (stored->is_removed) continue;
        model::RecordedEvent event;
        ANNALS_CHECK(model::decode_event_fields(stored->envelope, event));
        if (!request.is_everything && event.type == type_of(RecordKind::kSaved)) continue;
        ANNALS_CHECK(model::decode_event_fields(stored->payload, event));
        ANNALS_TRY(Record record, parse_record(event.type, event.data, stored->recorded_time));
        bytes += event.data.size() + event.actor.size();
        page.entries.push_back(entry_of(std::move(record), event, stored->recorded_time));
    }
    if (events.below().value > 0) page.next = std::to_string(events.below().value);
    return page;
}

}  // namespace annals::consumers
