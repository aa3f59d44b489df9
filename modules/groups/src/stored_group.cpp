// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "stored_group.hpp"

#include <functional>
#include <utility>
#include <vector>

#include "annals/commit/newest_event.hpp"
#include "annals/model/event.hpp"
#include "annals/streams/system_streams.hpp"
#include "annals/streams/tokens.hpp"

namespace annals::groups {
namespace {

constexpr std::size_t kPositionsAtOnce = 1'024;

Result<model::RecordedEvent> decode(const log::StoredEvent& stored) {
    model::RecordedEvent event;
    ANNALS_CHECK(model::decode_event_fields(stored.envelope, event));
    ANNALS_CHECK(model::decode_event_fields(stored.payload, event));
    return event;
}

using Visit = std::function<Status(const model::RecordedEvent&)>;

Status for_each_event(
    const commit::Orderer& system,
    const std::string& stream,
    Revision from,
    Revision last,
    const Visit& visit
) {
    log::LogReader reader = system.log().reader();
    while (from <= last) {
        std::vector<Position> positions;
        ANNALS_CHECK(system.index().stream_positions(
            stream, from, index::Direction::kForwards, kPositionsAtOnce, positions
        ));
        if (positions.empty()) return ok();
        for (const Position position : positions) {
            const Result<log::StoredEvent> stored = reader.at(position);
            if (!stored && system.log().passes_over(stored.error())) continue;
            if (!stored) return stored.error();
            if (stored->is_removed) continue;
            ANNALS_TRY(const model::RecordedEvent event, decode(*stored));
            ANNALS_CHECK(visit(event));
        }
        from = from.plus(positions.size());
    }
    return ok();
}

Result<std::optional<StoredCheckpoint>> read_checkpoint(
    const commit::Orderer& system, const std::string& group
) {
    log::LogReader reader = system.log().reader();
    ANNALS_TRY(
        const auto stored,
        commit::read_newest(system.index(), system.log(), reader, checkpoint_stream(group))
    );
    if (!stored) return std::optional<StoredCheckpoint>();
    ANNALS_TRY(const model::RecordedEvent event, decode(*stored));
    ANNALS_TRY(StoredCheckpoint checkpoint, parse_checkpoint(event.data));
    return std::optional(std::move(checkpoint));
}

/// The backlog as the changes leave it, one after the other.
class Backlog {
  public:
    Status take(const Change& change) {
        switch (change.kind) {
            case ChangeKind::kParked:
            case ChangeKind::kQueued:
                add(change);
                break;
            case ChangeKind::kRetried:
                for (const Position at : change.positions) {
                    if (const auto found = events_.find(at); found != events_.end()) {
                        found->second.is_parked = false;
                    }
                }
                break;
            case ChangeKind::kSkipped:
            case ChangeKind::kPurged:
            case ChangeKind::kFinished:
                for (const Position at : change.positions) {
                    events_.erase(at);
                    edits.erase(at);
                }
                break;
            case ChangeKind::kEdited:
                edit(change);
                break;
        }
        return ok();
    }

    std::vector<BacklogEvent> events() {
        std::vector<BacklogEvent> list;
        list.reserve(events_.size());
        for (auto& [at, event] : events_) list.push_back(std::move(event));
        return list;
    }

    std::map<Position, Edit> edits;

  private:
    void add(const Change& change) {
        for (const Position at : change.positions) {
            BacklogEvent& event = events_[at];
            event.key = change.key;
            event.position = at;
            event.is_parked = change.kind == ChangeKind::kParked;
            if (!event.is_parked) continue;
            event.attempts = change.attempts;
            event.error = change.error;
            event.member = change.member;
            event.parked_time = change.time;
        }
    }
    void edit(const Change& change) {
        const auto found = events_.find(change.positions.front());
        if (found == events_.end()) return;
        found->second.is_edited = true;
        edits[found->first] = {
            change.data, change.content_type, change.metadata, change.has_metadata, change.event_id
        };
    }

    std::map<Position, BacklogEvent> events_;
};

}  // namespace

std::string definition_stream(const std::string& group) {
    return std::string(kGroupStreams) + group;
}
std::string checkpoint_stream(const std::string& group) {
    return std::string(streams::kGroupCheckpointStreams) + group;
}
std::string parked_stream(const std::string& group) { return std::string(kParkedStreams) + group; }

Result<std::optional<StoredDefinition>> read_definition(
    const commit::Orderer& system, const std::string& group
) {
    ANNALS_TRY(const auto head, system.index().head(definition_stream(group)));
    if (!head) return std::optional<StoredDefinition>();
    log::LogReader reader = system.log().reader();
    ANNALS_TRY(
        const auto newest,
        commit::read_newest(system.index(), system.log(), reader, definition_stream(group))
    );
    if (!newest) return std::optional<StoredDefinition>();
    const log::StoredEvent& stored = *newest;
    ANNALS_TRY(const model::RecordedEvent event, decode(stored));
    StoredDefinition found;
    ANNALS_TRY(found.definition, parse_definition(event.type, event.data));
    found.revision = head->last;
    found.time = stored.recorded_time;
    return std::optional(std::move(found));
}

Result<std::optional<StoredGroup>> read_group(
    const commit::Orderer& system, commit::Orderer& events, const std::string& group
) {
    ANNALS_TRY(auto found, read_definition(system, group));
    if (!found || found->definition.is_deleted()) return std::optional<StoredGroup>();
    StoredGroup stored;
    stored.definition = std::move(found->definition);
    stored.definition_revision = found->revision;
    stored.changed_time = found->time;
    stored.parked_from = stored.definition.parked_from;
    stored.state.checkpoint.low = stored.definition.from;
    ANNALS_TRY(const auto checkpoint, read_checkpoint(system, group));
    if (checkpoint && checkpoint->generation == stored.definition.generation) {
        stored.state.checkpoint = checkpoint->checkpoint;
        stored.state.last_failure = checkpoint->failure;
        stored.parked_from = std::max(stored.parked_from, checkpoint->parked_from);
        const streams::Tokens tokens(events);
        const auto known = tokens.check(checkpoint->token, "stored_position");
        if (!known) stored.problem = known.error();
    }
    if (stored.state.checkpoint.low > events.visible_end().get() && !stored.problem) {
        stored.problem = Error(
                             ErrorCode::kTokenBeyondEnd,
                             "the group has come further than the log, which was restored"
        )
                             .with("field", "stored_position");
    }
    ANNALS_TRY(const auto parked, system.index().head(parked_stream(group)));
    stored.parked_next = parked ? parked->last.next() : Revision(0);
    if (!parked || stored.parked_from > parked->last) return std::optional(std::move(stored));
    Backlog backlog;
    ANNALS_CHECK(for_each_event(
        system,
        parked_stream(group),
        stored.parked_from,
        parked->last,
        [&](const model::RecordedEvent& event) -> Status {
            ANNALS_TRY(const Change change, parse_change(event.type, event.data));
            return backlog.take(change);
        }
    ));
    stored.state.backlog = backlog.events();
    stored.edits = std::move(backlog.edits);
    return std::optional(std::move(stored));
}

}  // namespace annals::groups
