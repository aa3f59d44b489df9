// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/streams/stream_reader.hpp"

#include <algorithm>

#include "annals/base/clock.hpp"
#include "annals/model/names.hpp"
#include "annals/model/stream_life.hpp"
#include "annals/streams/filtered_events.hpp"
#include "annals/streams/requests.hpp"
#include "annals/streams/start.hpp"

namespace annals::streams {
namespace {

constexpr std::uint32_t kUsualLimit = 100;
/// How far back from its end the log surely lies in memory.
constexpr std::uint64_t kNewestPositions = 4'096;
/// How many events a door's thread copies itself.
constexpr std::uint32_t kQuickEventsMax = 512;

Status wait_for_min_position(
    Tokens& tokens, const api::CallContext& context, const api::ReadRequest& request
) {
    const std::int64_t wait_ns = std::int64_t{request.max_wait_ms} * 1'000'000;
    const std::int64_t deadline_ns = std::min(
        context.deadline_ns, system_clock().monotonic_ns() + wait_ns
    );
    return tokens.wait_for(request.min_position, "min_position", deadline_ns);
}

/// Of one stream: neighbours by their revisions become one.
void add_removed(std::vector<api::RemovedEvents>& all, std::vector<api::RemovedEvents> next) {
    for (api::RemovedEvents& one : next) {
        const bool is_neighbour = !all.empty() && all.back().is_uncertain == one.is_uncertain &&
                                  (all.back().last_revision->next() == *one.first_revision ||
                                   one.last_revision->next() == *all.back().first_revision);
        if (is_neighbour) {
            all.back().take_in(one);
        } else {
            all.push_back(one);
        }
    }
}

}  // namespace

Result<api::ReadPage> StreamReader::read(
    const api::CallContext& context, const api::ReadRequest& request
) {
    ANNALS_CHECK(check_selection(request.stream, request.filter));
    if (!request.min_position.empty())
        ANNALS_CHECK(wait_for_min_position(tokens_, context, request));
    const Position visible = orderer_.visible_end().get();
    if (request.stream.empty()) {
        ANNALS_TRY(
            const Position first,
            first_position(orderer_, tokens_, request.start, request.direction, visible)
        );
        return read_everything(request, visible, first);
    }
    ANNALS_TRY(std::optional<index::StreamHead> head, orderer_.index().head(request.stream));
    ANNALS_TRY(const Retention retention, lives_.of(request.stream, visible));
    return read_stream(request, visible, head, retention);
}

std::optional<Result<api::ReadPage>> StreamReader::try_read(
    const api::CallContext& context, const api::ReadRequest& request
) {
    (void)context;
    if (!request.min_position.empty() && !tokens_.is_visible(request.min_position))
        return std::nullopt;
    if (request.limit > kQuickEventsMax) return std::nullopt;
    if (Status good = check_selection(request.stream, request.filter); !good) {
        return std::move(good).take_error();
    }
    if (!request.min_position.empty()) {
        // Visible: only the check is left.
        Status known = tokens_.wait_for(request.min_position, "min_position", 0);
        if (!known) return std::move(known).take_error();
    }
    const Position visible = orderer_.visible_end().get();
    if (request.stream.empty()) return try_read_everything(request, visible);
    return try_read_stream(request, visible);
}

std::optional<Result<api::ReadPage>> StreamReader::try_read_stream(
    const api::ReadRequest& request, Position visible
) {
    // A filter may pass over much.
    if (!request.filter.is_everything()) return std::nullopt;
    std::optional<std::optional<index::StreamHead>> head = orderer_.index().head_without_disk(
        request.stream
    );
    if (!head) return std::nullopt;
    const std::optional<Retention> retention = lives_.of_without_disk(request.stream, visible);
    // Where the age of events counts, the log is searched for a time.
    if (!retention || retention->effective().max_age_s) return std::nullopt;
    return read_stream(request, visible, *head, *retention);
}

std::optional<Result<api::ReadPage>> StreamReader::try_read_everything(
    const api::ReadRequest& request, Position visible
) {
    // Times are searched for in the log.
    if (std::holds_alternative<api::FromTime>(request.start) || request.filter.bounds_time())
        return std::nullopt;
    Result<Position> first = first_position(
        orderer_, tokens_, request.start, request.direction, visible
    );
    if (!first) return std::move(first).take_error();
    const bool is_forwards = request.direction == api::Direction::kForwards;
    // Behind a filter lies the index, and backwards it may look far: without one the page ends
    // after its events.
    const bool is_filtered = !request.filter.is_everything();
    const std::uint64_t newest = is_filtered ? FilteredEvents::kScannedDirectly : kNewestPositions;
    const bool is_new = first->value + newest > visible.value;
    if (!is_new || (!is_forwards && is_filtered)) return std::nullopt;
    return read_everything(request, visible, *first);
}

Result<api::ReadPage> StreamReader::read_stream(
    const api::ReadRequest& request,
    Position visible,
    std::optional<index::StreamHead> found,
    const Retention& retention
) {
    FillLimits limits;
    ANNALS_TRY(limits.events_max, events_limit(request.limit, kUsualLimit, "limit"));
    StreamEvents events(orderer_, request.stream, request.filter);
    ANNALS_TRY(std::optional<index::StreamHead> head, events.head_at(found, visible));
    if (retention.is_tombstoned()) return stream_is_tombstoned(request.stream);
    if (!head) return stream_not_found(request.stream);
    if (retention.is_deleted(head->last.value + 1)) return stream_is_deleted(request.stream);
    ANNALS_TRY(
        const Revision shown,
        first_shown(orderer_, request.stream, *head, retention, orderer_.now())
    );

    const bool is_forwards = request.direction == api::Direction::kForwards;
    log::LogReader reader = orderer_.log().reader();
    std::optional<Revision> from = is_forwards ? head->first : head->last;
    Position first = is_forwards ? Position(1) : visible;
    if (const auto* revision = std::get_if<api::FromRevision>(&request.start)) {
        from = revision->revision;
    } else if (!std::holds_alternative<std::monostate>(request.start)) {
        ANNALS_TRY(
            first, first_position(orderer_, tokens_, request.start, request.direction, visible)
        );
        ANNALS_TRY(from, first_revision(events, *head, first, request.direction, reader));
    }

    api::ReadPage page;
    page.last_revision = head->last;
    page.first_revision = Revision(std::min(shown.value, head->last.value + 1));
    if (!retention.shows_all()) {
        const model::StreamMetadata effective = retention.effective();
        page.has_retention = effective.max_count || effective.max_age_s;
    }
    ANNALS_TRY(page.position, tokens_.at(visible));
    page.is_end = true;
    if (!from || (is_forwards && *from > head->last)) return page;
    from = std::min(*from, head->last);
    const Revision last_hidden(std::min(shown.value, head->last.value + 1) - 1);
    if (!is_forwards && *from < shown) {
        page.removed.push_back(
            hidden_events(head->first, *from, Position(1), first, events.is_filtered())
        );
        return page;
    }
    if (*from < shown) {
        page.removed.push_back(
            hidden_events(*from, last_hidden, first, visible, events.is_filtered())
        );
        if (shown > head->last) return page;
        from = shown;
    }
    limits.revision_min = shown;
    ANNALS_TRY(
        Fill fill, events.fill(reader, *from, request.direction, visible, limits, page.events)
    );
    const Revision end = is_forwards ? head->last : shown;
    const bool gives_nothing = page.events.empty() && (fill.is_done || !fill.has_moved);
    page.is_end = gives_nothing || fill.is_done || fill.last_revision == end;
    if (!page.is_end && fill.ends_removed()) fill.end_with_last_added();
    if (!page.removed.empty()) page.removed.front().last_position = fill.before_first(visible);
    if (page.is_end && !is_forwards && shown > head->first) {
        const Position before(fill.reached.value == 0 ? first.value : fill.reached.value - 1);
        fill.removed.push_back(
            hidden_events(head->first, last_hidden, Position(1), before, events.is_filtered())
        );
    }
    add_removed(page.removed, std::move(fill.removed));
    if (page.is_end) return page;
    if (fill.chain_bits) {
        page.next = tokens_.of(fill.reached, *fill.chain_bits);
    } else {
        ANNALS_TRY(page.next, tokens_.at(fill.reached));
    }
    return page;
}

Result<api::ReadPage> StreamReader::read_everything(
    const api::ReadRequest& request, Position visible, Position first
) {
    FillLimits limits;
    ANNALS_TRY(limits.events_max, events_limit(request.limit, kUsualLimit, "limit"));
    const bool is_forwards = request.direction == api::Direction::kForwards;
    const Span span{first, is_forwards ? visible : Position(1), request.direction};
    api::ReadPage page;
    ANNALS_TRY(page.position, tokens_.at(visible));
    log::LogReader reader = orderer_.log().reader();
    FilteredEvents events(orderer_, request.filter);
    ANNALS_TRY(Fill fill, events.fill(reader, span, limits, page.events));
    page.removed = std::move(fill.removed);
    page.is_end = fill.is_done;
    if (span.is_empty() && !is_forwards) {
        // Nothing lies before: position 0 says so again.
        ANNALS_TRY(page.next, tokens_.at(Position(0)));
    } else if (fill.chain_bits) {
        page.next = tokens_.of(fill.reached, *fill.chain_bits);
    } else {
        ANNALS_TRY(page.next, tokens_.at(fill.reached));
    }
    return page;
}

Result<api::ReadPage> StreamReader::get_event(const Uuid& id) {
    const Position visible = orderer_.visible_end().get();
    std::vector<Position> candidates;
    ANNALS_CHECK(orderer_.index().find_id(id, candidates));
    std::sort(candidates.begin(), candidates.end());
    api::ReadPage page;
    bool is_removed = false;
    log::LogReader reader = orderer_.log().reader();
    for (const Position position : candidates) {
        if (position > visible) break;
        const Result<log::StoredEvent> read = reader.at(position);
        if (!read && orderer_.log().passes_over(read.error())) continue;
        if (!read) return read.error();
        const log::StoredEvent& stored = *read;
        model::RecordedEvent event;
        ANNALS_CHECK(model::decode_event_fields(stored.envelope, event));
        if (event.id != id) continue;
        is_removed = is_removed || stored.is_removed;
        if (stored.is_removed) continue;
        page.events.add(
            stored.envelope, stored.payload, stored.position, stored.revision, stored.recorded_time
        );
    }
    if (page.events.empty()) {
        return Error(
                   ErrorCode::kEventNotFound,
                   is_removed ? "the event with the id " + id.to_string() +
                                    " was removed: retention, deletion or compaction hid it, and "
                                    "its space was freed"
                              : "there is no event with the id " + id.to_string() +
                                    ": check the id and the namespace"
        )
            .with("id", id.to_string());
    }
    page.is_end = true;
    ANNALS_TRY(page.position, tokens_.at(visible));
    return page;
}

Result<api::StreamInfo> StreamReader::get_stream(std::string_view stream) {
    ANNALS_CHECK(model::check_stream_name(stream));
    StreamEvents events(orderer_, std::string(stream));
    const Position visible = orderer_.visible_end().get();
    ANNALS_TRY(std::optional<index::StreamHead> head, events.head(visible));
    ANNALS_TRY(const Retention retention, lives_.of(stream, visible));
    if (retention.is_tombstoned()) return stream_is_tombstoned(stream);
    if (!head) return stream_not_found(stream);
    const Revision very_first = head->first;
    ANNALS_TRY(head->first, first_shown(orderer_, stream, *head, retention, orderer_.now()));
    api::StreamInfo info;
    info.is_deleted = retention.is_deleted(head->last.value + 1);
    if (head->first != very_first && head->first <= head->last) {
        ANNALS_TRY(head->first_time, events.time_of(head->first));
    }
    info.name = stream;
    info.events = head->last.value - head->first.value + 1;
    info.first_revision = head->first;
    info.last_revision = head->last;
    info.last_position = head->last_position;
    info.first_time = head->first_time;
    info.last_time = head->last_time;
    return info;
}

Result<api::StreamMetadataInfo> StreamReader::get_metadata(const api::MetadataTarget& target) {
    const std::string subject = target.category.empty()
                                    ? target.stream
                                    : model::category_stream_of(target.category);
    const Position visible = orderer_.visible_end().get();
    ANNALS_TRY(const Retention retention, lives_.of(subject, visible));
    if (retention.is_tombstoned()) return stream_is_tombstoned(subject);
    api::StreamMetadataInfo info;
    info.target = target;
    info.effective = retention.effective();
    ANNALS_TRY(info.position, tokens_.at(visible));
    if (!retention.own) return info;
    info.metadata = retention.own->metadata;
    info.revision = retention.own->revision;
    info.recorded_time = retention.own->recorded_time;
    StreamEvents events(orderer_, subject);
    ANNALS_TRY(const std::optional<index::StreamHead> head, events.head(visible));
    info.is_deleted = retention.is_deleted(head ? head->last.value + 1 : 0);
    const Revision hidden(retention.own->hidden);
    if (hidden.value > 0) {
        info.effective.truncate_before = std::max(
            info.effective.truncate_before.value_or(Revision(0)), hidden
        );
    }
    return info;
}

}  // namespace annals::streams
