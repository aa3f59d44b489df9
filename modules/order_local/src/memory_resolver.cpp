// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "memory_resolver.hpp"

#include <algorithm>
#include <mutex>

namespace annals::order_local {
namespace {

using commit::StreamEntry;

bool load_from_memory(SharedState& state, StreamEntry& entry) {
    if (entry.is_loaded.load(std::memory_order_acquire)) return true;
    const std::unique_lock lock(entry.load_mutex, std::try_to_lock);
    if (!lock) return false;
    if (entry.is_loaded.load(std::memory_order_acquire)) return true;
    const auto head = state.index.head_without_disk(entry.name);
    if (!head || state.index.may_have_metadata(entry.hash)) return false;
    load_head(entry, *head, {});
    return true;
}

/// Whether the id given to the stream is new, by the hashes that are kept of it.
bool is_proven_new(SharedState& state, const StreamEntry& entry, const Uuid& id) {
    if (entry.ids_state.load() != StreamEntry::IdsState::kKept) return false;
    const std::lock_guard lock(state.streams.ids_mutex(entry));
    return entry.ids_state.load() == StreamEntry::IdsState::kKept &&
           !entry.ids.may_contain(index::Index::id_hash(id));
}

/// Whether memory says of all ids that matter now that they are new. One pass over the events,
/// however many streams they go to.
bool resolve_ids(SharedState& state, PreparedAppend& append) {
    bool has_needs = false;
    for (std::uint32_t i = 0; i < append.streams.size(); ++i) {
        append.streams[i].are_ids_resolved = true;
        append.streams[i].are_ids_needed = are_ids_needed(append, i);
        has_needs = has_needs || append.streams[i].are_ids_needed;
    }
    if (!has_needs) return true;
    const auto& events = append.proposal.events;
    return std::all_of(events.begin(), events.end(), [&](const commit::ProposedEvent& event) {
        const PreparedStream& stream = append.streams[event.stream];
        return !stream.are_ids_needed || !event.is_id_given ||
               is_proven_new(state, *stream.entry, event.id);
    });
}

bool is_recent(const SharedState& state, const PreparedAppend& append, const PreparedQuery& query) {
    const std::uint64_t from = query.checked_to.value;
    if (from < state.recent_begin.load(std::memory_order_relaxed)) return false;
    if (from >= append.prepared_at.value) return true;
    // Events of a tag are found by its chain, those of a type alone by looking at each.
    const auto& items = query.query.items;
    const bool is_by_tags = std::ranges::none_of(items, [](const auto& item) {
        return item.tags.empty();
    });
    return is_by_tags || append.prepared_at.value - from <= kScannedEventsMax;
}

}  // namespace

bool are_ids_needed(const PreparedAppend& append, std::uint32_t stream) {
    return append.proposal.streams[stream].given_ids != 0 &&
           append.streams[stream].entry->event_count.load(std::memory_order_relaxed) != 0;
}

void load_head(
    StreamEntry& entry, const std::optional<index::StreamHead>& head, const commit::StreamLife& life
) {
    commit::StreamState loaded;
    if (head) loaded.event_count = head->last.value + 1;
    loaded.is_deleted = life.is_deleted(loaded.event_count);
    loaded.is_tombstoned = life.is_tombstoned();
    loaded.has_metadata = life.position.value != 0;
    loaded.truncate_before = Revision(life.hidden);
    entry.set_state(loaded);
    if (head) {
        entry.last_position.store(head->last_position.value, std::memory_order_relaxed);
    }
    entry.is_loaded.store(true, std::memory_order_release);
}

bool resolve_in_memory(SharedState& state, PreparedAppend& append) {
    // First: what comes later is newer than this and the writer's to look at.
    append.prepared_at = state.visible_end.get();
    if (append.tracking != nullptr && !append.tracking->is_loaded.load(std::memory_order_acquire)) {
        return false;
    }
    for (const auto& stream : append.streams) {
        StreamEntry& entry = *stream.entry;
        if (entry.waiting.load() != 0 || !load_from_memory(state, entry)) return false;
    }
    if (!resolve_ids(state, append)) return false;
    return std::all_of(append.queries.begin(), append.queries.end(), [&](const auto& query) {
        return is_recent(state, append, query);
    });
}

}  // namespace annals::order_local
