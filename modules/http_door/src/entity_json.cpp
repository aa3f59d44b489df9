// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "entity_json.hpp"

#include <utility>

#include "annals/documents/document_text.hpp"
#include "annals/json_events/time_text.hpp"

namespace annals::http_door::detail {
namespace {

using documents::Number;
using documents::Object;
using documents::Value;

Value number(std::uint64_t value) { return Value(Number{std::to_string(value)}); }

Value stamp_of(const api::Stamp& stamp) {
    Object members;
    members.push_back({"time", Value(json_events::time_text(stamp.time))});
    if (!stamp.actor.empty()) members.push_back({"actor", Value(stamp.actor)});
    return Value(std::move(members));
}

Value entity_of(const api::Entity& entity, bool has_document) {
    Object members;
    members.push_back({"type", Value(entity.key.type)});
    members.push_back({"id", Value(entity.key.id)});
    members.push_back({"revision", number(entity.revision.value)});
    if (entity.is_deleted) members.push_back({"is_deleted", Value(true)});
    members.push_back({"created", stamp_of(entity.created)});
    members.push_back({"changed", stamp_of(entity.changed)});
    members.push_back({"hash", Value(entity.hash)});
    if (has_document) members.push_back({"document", entity.document});
    return Value(std::move(members));
}

Value written_of(const api::Written& written) {
    Object members;
    members.push_back({"type", Value(written.key.type)});
    members.push_back({"id", Value(written.key.id)});
    members.push_back({"revision", number(written.revision.value)});
    members.push_back({"time", Value(json_events::time_text(written.time))});
    members.push_back({"position", Value(written.position)});
    members.push_back({"is_replay", Value(written.is_replay)});
    members.push_back({"is_unchanged", Value(written.is_unchanged)});
    members.push_back({"is_durable", Value(written.is_durable)});
    return Value(std::move(members));
}

Value format_of(const documents::Patch& patch) {
    return Value(std::string(documents::content_type_of(patch.format)));
}

const char* name_of(api::ChangeKind kind) {
    switch (kind) {
        case api::ChangeKind::kCreated:
            return "created";
        case api::ChangeKind::kUpdated:
            return "updated";
        case api::ChangeKind::kDeleted:
            return "deleted";
    }
    return "";
}

Value change_of(const api::Change& change) {
    Object members;
    members.push_back({"change", Value(name_of(change.kind))});
    members.push_back({"revision", number(change.revision.value)});
    members.push_back({"time", Value(json_events::time_text(change.stamp.time))});
    if (!change.stamp.actor.empty()) members.push_back({"actor", Value(change.stamp.actor)});
    if (!change.correlation_id.empty()) {
        members.push_back({"correlation_id", Value(change.correlation_id)});
    }
    if (!change.causation_id.empty()) {
        members.push_back({"causation_id", Value(change.causation_id)});
    }
    if (change.kind != api::ChangeKind::kDeleted && change.problem.empty()) {
        const bool is_whole = change.kind == api::ChangeKind::kCreated;
        members.push_back({"format", is_whole ? Value("application/json") : format_of(change.patch)}
        );
        members.push_back({"patch", change.patch.body});
    }
    if (change.undoes_to) members.push_back({"undoes_to", number(change.undoes_to->value)});
    members.push_back({"event_id", Value(change.event_id)});
    if (!change.problem.empty()) members.push_back({"problem", Value(change.problem)});
    return Value(std::move(members));
}

std::string text_of(Object members) { return documents::to_text(Value(std::move(members))) + "\n"; }

}  // namespace

std::string to_json(const api::Entity& entity) {
    return documents::to_text(entity_of(entity, true)) + "\n";
}

std::string to_json(const api::Written& written) {
    return documents::to_text(written_of(written)) + "\n";
}

std::string to_json(const std::vector<api::Written>& written, const std::string& position) {
    documents::Array all;
    for (const api::Written& one : written) all.push_back(written_of(one));
    return text_of({{"entities", Value(std::move(all))}, {"position", Value(position)}});
}

std::string to_json(const api::History& history) {
    documents::Array changes;
    for (const api::Change& change : history.changes) changes.push_back(change_of(change));
    Object members{{"changes", Value(std::move(changes))}, {"position", Value(history.position)}};
    if (history.next) members.push_back({"next", number(history.next->value)});
    return text_of(std::move(members));
}

std::string to_json(const api::Difference& difference) {
    return text_of(
        {{"format", format_of(difference.patch)},
         {"patch", difference.patch.body},
         {"before", entity_of(difference.before, true)},
         {"after", entity_of(difference.after, true)}}
    );
}

std::string to_json(const api::EntityPage& page, bool skips_documents) {
    documents::Array all;
    for (const api::Entity& entity : page.entities) {
        all.push_back(entity_of(entity, !skips_documents));
    }
    Object members{{"entities", Value(std::move(all))}, {"position", Value(page.position)}};
    if (!page.unreadable.empty()) {
        documents::Array unreadable;
        for (const api::UnreadableEntity& one : page.unreadable) {
            unreadable.emplace_back(Object{
                {"id", Value(one.id)},
                {"revision", number(one.revision.value)},
                {"problem", Value(one.problem)}
            });
        }
        members.push_back({"unreadable", Value(std::move(unreadable))});
    }
    if (!page.next.empty()) members.push_back({"next", Value(page.next)});
    return text_of(std::move(members));
}

std::string to_json(const api::EntityCount& count) {
    Object members{{"count", number(count.entities)}, {"position", Value(count.position)}};
    if (count.unreadable != 0) members.push_back({"unreadable", number(count.unreadable)});
    if (!count.next.empty()) members.push_back({"next", Value(count.next)});
    return text_of(std::move(members));
}

}  // namespace annals::http_door::detail
