// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "local_view.hpp"

#include <algorithm>

#include "annals/codec/wire.hpp"

namespace annals::order_local {
namespace {

using commit::Knowledge;
using commit::KnownEvent;

/// Half of an id: enough for a table, the rest is compared.
std::uint64_t half_of(const Uuid& id) { return codec::load<std::uint64_t>(id.view().data() + 8); }

}  // namespace

Knowledge LocalView::find_known(std::uint32_t stream, std::vector<KnownEvent>& known) const {
    const PreparedStream& prepared = append_->streams[stream];
    if (!prepared.are_ids_resolved) return Knowledge::kMissing;
    const auto& events = append_->proposal.events;
    for (const KnownEvent& event : append_->known) {
        if (events[event.event].stream != stream) continue;
        if (is_outdated(event.position)) return Knowledge::kMissing;
        known.push_back(event);
    }
    const Position last(prepared.entry->last_position.load(std::memory_order_relaxed));
    if (last <= append_->prepared_at) return Knowledge::kComplete;
    if (recent_.begin() > append_->prepared_at) return Knowledge::kMissing;

    ordinals_.clear();
    for (std::uint32_t i = 0; i < events.size(); ++i) {
        if (events[i].stream == stream && events[i].is_id_given) {
            ordinals_.emplace(half_of(events[i].id), i);
        }
    }
    for (Position position = last; position > append_->prepared_at;) {
        const commit::RecentEvent& recent = recent_.at(position);
        const auto found = ordinals_.find(half_of(recent.id));
        if (found != ordinals_.end() && events[found->second].id == recent.id) {
            known.push_back(
                {found->second,
                 position,
                 recent.fingerprint,
                 Position(position.value - recent.append_ordinal),
                 recent.append_events}
            );
        }
        position = recent.before_in_stream;
    }
    return Knowledge::kComplete;
}

Knowledge LocalView::find_match(std::uint32_t query_check, Position& match) const {
    const PreparedQuery& query = append_->queries[query_check];
    if (is_outdated(query.match)) return Knowledge::kMissing;
    if (query.match.value != 0) {
        match = query.match;
        return Knowledge::kComplete;
    }
    if (query.checked_to < recent_.begin()) return Knowledge::kMissing;
    const auto found = recent_.find_match(
        append_->proposal.query_checks[query_check].query, query.checked_to
    );
    match = found.value_or(Position());
    return Knowledge::kComplete;
}

Knowledge LocalView::find_tracked(commit::TrackedAppend& tracked) const {
    tracked = append_->tracking->tracked;
    return Knowledge::kComplete;
}

}  // namespace annals::order_local
