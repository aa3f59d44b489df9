// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "entity_list.hpp"

#include <algorithm>
#include <utility>

#include "annals/base/clock.hpp"
#include "annals/documents/canonical.hpp"
#include "annals/model/refusals.hpp"

namespace annals::entities {
namespace {

constexpr std::uint32_t kPageStreams = 256;

bool is_wanted(const ListEntities& request, const State& state) {
    if (!state.has_document || (state.is_deleted && !request.with_deleted)) return false;
    return std::all_of(
        request.filters.begin(),
        request.filters.end(),
        [&](const FieldFilter& filter) { return matches(filter, state.document); }
    );
}

Status check_request(const ListEntities& request) {
    ANNALS_CHECK(check_type(request.type));
    if (!request.after.empty()) ANNALS_CHECK(check_key({request.type, request.after}));
    if (request.filters.size() <= EntityStore::kFiltersMax) return ok();
    return model::too_large("filters", request.filters.size(), EntityStore::kFiltersMax, "filters");
}

/// A walk is long: nobody waits for it any more then.
Status check_deadline(const api::CallContext& context) {
    if (system_clock().monotonic_ns() < context.deadline_ns) return ok();
    return Error(
        ErrorCode::kDeadlineExceeded, "the list was not done in time: ask for less, or give more"
    );
}

/// Waits until the store has come to the position that the caller has seen.
Status wait_for_position(
    api::EventStore& store, const api::CallContext& context, const ListEntities& request
) {
    if (request.min_position.empty()) return ok();
    api::ReadRequest read;
    read.limit = 1;
    read.direction = api::Direction::kBackwards;
    read.min_position = request.min_position;
    read.max_wait_ms = request.max_wait_ms;
    ANNALS_CHECK(store.read(context, read));
    return ok();
}

}  // namespace

Entity make_entity(const EntityKey& key, State state, std::string position) {
    Entity entity;
    entity.key = key;
    entity.revision = state.revision;
    entity.is_deleted = state.is_deleted;
    entity.created = std::move(state.created);
    entity.changed = std::move(state.changed);
    entity.hash = documents::hash_of(state.document);
    entity.document = std::move(state.document);
    entity.position = std::move(position);
    return entity;
}

Result<Walked> walk(
    api::EventStore& store,
    StateReader& reader,
    const api::CallContext& context,
    const ListEntities& request,
    const std::function<bool(Entity)>& visit
) {
    ANNALS_CHECK(check_request(request));
    ANNALS_CHECK(wait_for_position(store, context, request));
    Walked walked;
    api::ListRequest names;
    names.prefix = stream_of({request.type, ""});
    names.limit = kPageStreams;
    if (!request.after.empty()) names.after = names.prefix + request.after;
    for (std::size_t looked_at = 0;;) {
        ANNALS_TRY(const api::StreamList list, store.list_streams(context, names));
        if (walked.position.empty()) walked.position = list.position;
        for (const api::StreamSummary& stream : list.streams) {
            ANNALS_CHECK(check_deadline(context));
            const EntityKey key{request.type, std::string(id_of_stream(stream.name))};
            ANNALS_TRY(Reading reading, reader.read(context, stream.name));
            walked.next = key.id;
            ++looked_at;
            if (reading.state && is_wanted(request, *reading.state)) {
                Entity entity = make_entity(
                    key, std::move(*reading.state), std::move(reading.position)
                );
                if (!visit(std::move(entity))) return walked;
            }
            if (looked_at == EntityStore::kLookedAtMax) return walked;
        }
        if (list.streams.size() < kPageStreams) break;
        names.after = list.streams.back().name;
    }
    walked.next.clear();
    return walked;
}

}  // namespace annals::entities
