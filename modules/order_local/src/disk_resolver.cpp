// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "disk_resolver.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "annals/commit/forgotten.hpp"

#include "memory_resolver.hpp"

namespace annals::order_local {
namespace {

using commit::StreamEntry;
using IdsState = commit::StreamEntry::IdsState;

/// Of a query below the cut so many matches are looked at together.
constexpr std::size_t kCutMatches = 256;

Status load_stream(SharedState& state, StreamEntry& entry) {
    if (entry.is_loaded.load(std::memory_order_acquire)) return ok();
    const std::lock_guard lock(entry.load_mutex);
    if (entry.is_loaded.load(std::memory_order_acquire)) return ok();
    ANNALS_TRY(const std::optional<index::StreamHead> head, state.index.head(entry.name));
    commit::StreamLife life;
    if (state.index.may_have_metadata(entry.hash)) {
        // All of it: what was accepted and is not in the index yet pins the entry.
        const Position all = state.index.position();
        ANNALS_TRY(const Position said, commit::find_life(state.index, entry.name, all));
        ANNALS_TRY(life, commit::read_life(state.index, state.log, entry.name, said));
    }
    load_head(entry, head, life);
    return ok();
}

/// The last append that carries the key's internal tag tells the state.
Status load_tracking(SharedState& state, StreamEntry& entry) {
    if (entry.is_loaded.load(std::memory_order_acquire)) return ok();
    const std::lock_guard lock(entry.load_mutex);
    if (entry.is_loaded.load(std::memory_order_acquire)) return ok();
    Position end = state.visible_end.get();
    std::vector<Position> last;
    const model::Query query{{{.types = {}, .tags = {entry.name}}}};
    log::LogReader reader = state.log.reader();
    while (end.value != 0) {
        last.clear();
        ANNALS_CHECK(state.index.query_positions(
            query, end, Position(1), index::Direction::kBackwards, 1, last
        ));
        if (last.empty()) break;
        const Result<log::StoredEvent> event = reader.at(last.front());
        // What was tracked before it is what is left.
        if (!event && state.log.passes_over(event.error())) {
            end = Position(last.front().value - 1);
            continue;
        }
        if (!event) return event.error();
        ANNALS_TRY(const log::StoredAppend stored, reader.append_of(*event));
        if (!stored.tracking) {
            return Error(
                ErrorCode::kInternal,
                "the index says that position " + std::to_string(last.front().value) +
                    " was tracked, the log does not: delete the index folder and start again"
            );
        }
        entry.tracked = {
            stored.tracking->position, stored.tracking_fingerprint, last.front(), stored.event_count
        };
        break;
    }
    entry.is_loaded.store(true, std::memory_order_release);
    return ok();
}

class IdResolver {
  public:
    IdResolver(SharedState& state, PreparedAppend& append, std::uint32_t stream)
        : state_(state),
          append_(append),
          stream_(stream),
          entry_(*append.streams[stream].entry),
          reader_(state.log.reader()) {}

    Status resolve() {
        ANNALS_CHECK(keep_hashes());
        for (std::uint32_t i = 0; i < append_.proposal.events.size(); ++i) {
            const commit::ProposedEvent& event = append_.proposal.events[i];
            if (event.stream != stream_ || !event.is_id_given || is_new(event.id)) continue;
            asked_.push_back({index::Index::id_hash(event.id), i});
        }
        ANNALS_CHECK(find_asked());
        append_.streams[stream_].are_ids_resolved = true;
        return ok();
    }

  private:
    /// Starts to keep the stream's id hashes, unless something of the stream is accepted and not
    /// yet visible: then the next append may.
    ///
    /// The writer stores last_position and then looks at ids_state; this stores ids_state and then
    /// looks at last_position. So the writer adds every event that is not seen here as the last.
    Status keep_hashes() {
        {
            const std::lock_guard lock(state_.streams.ids_mutex(entry_));
            if (entry_.ids_state.load() != IdsState::kAbsent) return ok();
            entry_.ids_state.store(IdsState::kCollecting);
        }
        const bool is_all_visible = Position(entry_.last_position.load()) <=
                                    state_.visible_end.get();
        Result<std::optional<std::vector<std::uint32_t>>> hashes(std::nullopt);
        if (is_all_visible) {
            hashes = state_.index.stream_id_hashes(entry_.name, state_.known_ids_max);
        }
        // Many take their time: not under the lock that the writer takes.
        commit::KnownIds known;
        if (hashes && *hashes) known = commit::KnownIds(**hashes);
        const std::lock_guard lock(state_.streams.ids_mutex(entry_));
        if (!is_all_visible || !hashes) {
            forget(IdsState::kAbsent);
        } else if (!*hashes || state_.are_too_many((*hashes)->size()) ||
                   entry_.ids_state.load() == IdsState::kTooMany) {
            forget(IdsState::kTooMany);
        } else {
            const std::size_t before = entry_.ids.bytes();
            known.absorb(std::move(entry_.ids));
            entry_.ids = std::move(known);
            state_.streams.count_ids(entry_, before);
            entry_.ids_state.store(IdsState::kKept);
        }
        return hashes ? ok() : Status(std::move(hashes).take_error());
    }

    void forget(IdsState ids_state) {
        const std::size_t before = entry_.ids.bytes();
        entry_.ids = {};
        state_.streams.count_ids(entry_, before);
        entry_.ids_state.store(ids_state);
    }

    bool is_new(const Uuid& id) {
        const std::lock_guard lock(state_.streams.ids_mutex(entry_));
        return entry_.ids_state.load() == IdsState::kKept &&
               !entry_.ids.may_contain(index::Index::id_hash(id));
    }

    /// The index knows short hashes; the log decides. All in one pass: a retry brings many.
    Status find_asked() {
        if (asked_.empty()) return ok();
        std::vector<std::uint32_t> hashes;
        hashes.reserve(asked_.size());
        for (const Asked& asked : asked_) hashes.push_back(asked.hash);
        std::vector<index::IdMatch> matches;
        ANNALS_CHECK(state_.index.find_ids_in_stream(entry_.name, hashes, matches));
        std::sort(asked_.begin(), asked_.end());
        const auto found_before = static_cast<std::ptrdiff_t>(append_.known.size());
        for (const index::IdMatch& match : matches) ANNALS_CHECK(look_at(match));
        std::sort(
            append_.known.begin() + found_before,
            append_.known.end(),
            [](const commit::KnownEvent& a, const commit::KnownEvent& b) {
                return std::pair(a.event, a.position) < std::pair(b.event, b.position);
            }
        );
        return ok();
    }

    Status look_at(const index::IdMatch& match) {
        const Result<log::StoredEvent> read = reader_.at(match.position);
        // Whoever sends a lost event again brings it back.
        if (!read && state_.log.passes_over(read.error())) return ok();
        if (!read) return read.error();
        const log::StoredEvent& stored = *read;
        model::RecordedEvent event;
        ANNALS_CHECK(model::decode_event_fields(stored.envelope, event));
        if (event.stream != entry_.name) return ok();
        auto asked = std::lower_bound(asked_.begin(), asked_.end(), Asked{match.hash, 0});
        for (; asked != asked_.end() && asked->hash == match.hash; ++asked) {
            if (append_.proposal.events[asked->ordinal].id == event.id) break;
        }
        if (asked == asked_.end() || asked->hash != match.hash) return ok();
        ANNALS_TRY(
            const bool is_forgotten, commit::is_forgotten(reader_, stored, append_.prepared_cut)
        );
        if (is_forgotten) return ok();
        ANNALS_CHECK(model::decode_event_fields(stored.payload, event));
        ANNALS_TRY(const log::StoredAppend append, reader_.append_of(stored));
        append_.known.push_back(
            {asked->ordinal,
             match.position,
             stored.is_removed ? stored.fingerprint : model::fingerprint(event),
             Position(match.position.value - append.event_ordinal),
             append.event_count}
        );
        return ok();
    }

    struct Asked {
        std::uint32_t hash;
        std::uint32_t ordinal;
        auto operator<=>(const Asked&) const = default;
    };

    SharedState& state_;
    PreparedAppend& append_;
    const std::uint32_t stream_;
    StreamEntry& entry_;
    log::LogReader reader_;
    std::vector<Asked> asked_;  ///< events whose ids may be known
};

Status resolve_query(SharedState& state, PreparedAppend& append, std::size_t query_check) {
    PreparedQuery& query = append.queries[query_check];
    if (query.unproven && query.unproven->position <= state.log.durable_end()) {
        if (Status known = state.log.check_token(*query.unproven); !known)
            return query.refused_token(std::move(known).take_error(), *query.unproven);
        query.unproven.reset();
    }
    const model::Cut& cut = append.prepared_cut;
    std::optional<log::LogReader> reader;
    std::vector<Position> matches;
    while (query.checked_to < append.prepared_at && query.match.value == 0) {
        // The index may know more than the rules.
        const bool is_cut = query.checked_to < cut.position;
        const std::size_t most = is_cut ? kCutMatches : 1;
        matches.clear();
        ANNALS_CHECK(state.index.query_positions(
            query.query,
            query.checked_to.next(),
            append.prepared_at,
            index::Direction::kForwards,
            most,
            matches
        ));
        for (const Position match : matches) {
            bool is_forgotten = false;
            if (match <= cut.position) {
                if (!reader) reader.emplace(state.log.reader());
                const Result<log::StoredEvent> stored = reader->at(match);
                if (stored) {
                    ANNALS_TRY(is_forgotten, commit::is_forgotten(*reader, *stored, cut));
                } else if (!state.log.passes_over(stored.error())) {
                    return stored.error();
                }
            }
            query.checked_to = match;
            if (is_forgotten) continue;
            query.match = match;
            break;
        }
        if (matches.size() < most) query.checked_to = append.prepared_at;
    }
    return ok();
}

}  // namespace

Status resolve_from_disk(SharedState& state, PreparedAppend& append) {
    for (const PreparedStream& stream : append.streams) {
        ANNALS_CHECK(load_stream(state, *stream.entry));
    }
    if (append.tracking != nullptr) ANNALS_CHECK(load_tracking(state, *append.tracking));

    // From here on: what comes later is newer than this and the writer's to look at.
    append.prepared_at = state.visible_end.get();
    append.known.clear();
    const model::Cut cut = state.cut();
    if (append.prepared_cut != cut) {
        append.prepared_cut = cut;
        for (std::size_t i = 0; i < append.queries.size(); ++i) {
            append.queries[i].match = {};
            append.queries[i].checked_to = append.proposal.query_checks[i].after;
        }
    }
    for (std::uint32_t i = 0; i < append.streams.size(); ++i) {
        const bool are_needed = are_ids_needed(append, i);
        append.streams[i].are_ids_resolved = !are_needed;
        if (are_needed) ANNALS_CHECK(IdResolver(state, append, i).resolve());
    }
    for (std::size_t i = 0; i < append.queries.size(); ++i) {
        ANNALS_CHECK(resolve_query(state, append, i));
    }
    return ok();
}

}  // namespace annals::order_local
