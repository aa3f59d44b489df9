// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "state_snapshot.hpp"

#include <charconv>
#include <string>
#include <utility>

#include "annals/documents/canonical.hpp"
#include "annals/documents/document_text.hpp"

namespace annals::entities {
namespace {

using documents::Kind;
using documents::Object;
using documents::Value;

Value encode(const Stamp& stamp) {
    Object members;
    members.push_back({"ns", Value(std::to_string(stamp.time.value))});
    members.push_back({"actor", Value(stamp.actor)});
    return Value(std::move(members));
}

const std::string* text_of(const Value& value, std::string_view name) {
    const Value* member = value.find(name);
    return member == nullptr || member->kind() != Kind::kString ? nullptr : &member->string();
}

std::optional<Stamp> decode_stamp(const Value& value, std::string_view name) {
    const Value* stamp = value.find(name);
    const std::string* ns = stamp == nullptr ? nullptr : text_of(*stamp, "ns");
    const std::string* actor = stamp == nullptr ? nullptr : text_of(*stamp, "actor");
    if (ns == nullptr || actor == nullptr) return std::nullopt;
    std::int64_t time = 0;
    if (std::from_chars(ns->data(), ns->data() + ns->size(), time).ec != std::errc()) {
        return std::nullopt;
    }
    return Stamp{TimeNs(time), *actor};
}

}  // namespace

api::SnapshotKey snapshot_key_of(std::string_view stream) {
    return {std::string(stream), "entity", kStateSchemaVersion, kFoldVersion};
}

api::Snapshot encode_snapshot(std::string_view stream, const State& state) {
    Object members;
    members.push_back({"event", Value(state.event_id.to_string())});
    members.push_back({"begin", Value(std::to_string(state.begin.value))});
    members.push_back({"begins_at_created", Value(state.begins_at_created)});
    members.push_back({"hash", Value(state.hash)});
    members.push_back({"is_deleted", Value(state.is_deleted)});
    members.push_back({"created", encode(state.created)});
    members.push_back({"changed", encode(state.changed)});
    members.push_back({"document", state.document});
    api::Snapshot snapshot;
    snapshot.key = snapshot_key_of(stream);
    snapshot.revision = state.revision;
    snapshot.content_type = "application/json";
    snapshot.data = documents::to_text(Value(std::move(members)));
    return snapshot;
}

std::optional<State> decode_snapshot(const api::Snapshot& snapshot) {
    const documents::TextLimits limits{api::kSnapshotBytesMax, documents::kDepthMax + 1};
    const auto value = documents::parse_document(snapshot.data, "snapshot", limits);
    if (!value) return std::nullopt;
    const std::string* event = text_of(*value, "event");
    const std::string* hash = text_of(*value, "hash");
    const Value* is_deleted = value->find("is_deleted");
    const Value* is_created = value->find("begins_at_created");
    const Value* document = value->find("document");
    const auto created = decode_stamp(*value, "created");
    const auto changed = decode_stamp(*value, "changed");
    const bool is_whole = event != nullptr && hash != nullptr && document != nullptr && created &&
                          changed && is_deleted != nullptr && is_deleted->kind() == Kind::kBoolean;
    if (!is_whole || documents::hash_of(*document) != *hash) return std::nullopt;
    const std::optional<Uuid> event_id = Uuid::parse(*event);
    const std::string* begin = text_of(*value, "begin");
    const auto begin_revision = begin == nullptr ? std::nullopt : parse_revision(*begin);
    const bool has_beginning = begin_revision && is_created != nullptr &&
                               is_created->kind() == Kind::kBoolean;
    if (!event_id || !has_beginning) return std::nullopt;
    State state;
    state.begin = *begin_revision;
    state.begins_at_created = is_created->boolean();
    state.has_document = true;
    state.is_deleted = is_deleted->boolean();
    state.document = *document;
    state.hash = *hash;
    state.ends_with_hash = true;
    state.revision = snapshot.revision;
    state.event_id = *event_id;
    state.created = *created;
    state.changed = *changed;
    return state;
}

bool stands_on(const State& snapshot, const model::RecordedEvent& event) {
    const std::optional<ChangeKind> kind = change_kind_of(event.type);
    const bool has_document = kind && *kind != ChangeKind::kDeleted;
    return has_document && !snapshot.is_deleted && event.id == snapshot.event_id &&
           field_of(event, kHashField) == snapshot.hash &&
           snapshot.changed == Stamp{event.recorded_time, std::string(event.actor)};
}

}  // namespace annals::entities
