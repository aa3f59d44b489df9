// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/entity_wire/messages.hpp"

#include <string>
#include <utility>

#include "annals/documents/document_text.hpp"
#include "annals/entities/field_filter.hpp"
#include "annals/model/refusals.hpp"

namespace annals::entity_wire {
namespace {

using documents::PatchFormat;

void fill(v1::EntityStamp& out, const api::Stamp& stamp) {
    out.set_time_ns(stamp.time.value);
    out.set_actor(stamp.actor);
}

void fill(v1::EntityPatch& out, const documents::Patch& patch) {
    std::string text = documents::to_text(patch.body);
    if (patch.format == PatchFormat::kJson) {
        out.set_json_patch(std::move(text));
    } else {
        out.set_merge_patch(std::move(text));
    }
}

void fill_patch(v1::EntityChange& out, const api::Change& change) {
    if (change.kind == api::ChangeKind::kDeleted || !change.problem.empty()) return;
    if (change.kind == api::ChangeKind::kCreated) {
        out.mutable_patch()->set_document(documents::to_text(change.patch.body));
    } else {
        fill(*out.mutable_patch(), change.patch);
    }
}

v1::EntityChangeKind kind_of(api::ChangeKind kind) {
    switch (kind) {
        case api::ChangeKind::kCreated:
            return v1::ENTITY_CHANGE_KIND_CREATED;
        case api::ChangeKind::kUpdated:
            return v1::ENTITY_CHANGE_KIND_UPDATED;
        case api::ChangeKind::kDeleted:
            return v1::ENTITY_CHANGE_KIND_DELETED;
    }
    return v1::ENTITY_CHANGE_KIND_UNSPECIFIED;
}

Error unreadable(std::string_view what, const Error& why) {
    return {
        ErrorCode::kInternal,
        "the server sent " + std::string(what) + " that is none: " + std::string(why.message())
    };
}

/// Empty: none was sent.
Result<documents::Value> document_from(const std::string& text) {
    if (text.empty()) return documents::Value();
    auto document = documents::parse_document(text);
    if (!document) return unreadable("a document", document.error());
    return document;
}

api::Stamp stamp_from(const v1::EntityStamp& stamp) {
    return {TimeNs(stamp.time_ns()), stamp.actor()};
}

Result<documents::Patch> patch_from(const v1::EntityPatch& patch) {
    const bool is_json = patch.has_json_patch();
    const documents::TextLimits limits{2 * documents::kDocumentBytesMax, documents::kDepthMax + 2};
    documents::Patch out{is_json ? PatchFormat::kJson : PatchFormat::kMerge, {}};
    const std::string& text = is_json                ? patch.json_patch()
                              : patch.has_document() ? patch.document()
                                                     : patch.merge_patch();
    if (text.empty()) return out;
    auto body = documents::parse_document(text, "patch", limits);
    if (!body) return unreadable("a patch", body.error());
    out.body = std::move(*body);
    return out;
}

api::ChangeKind kind_from(v1::EntityChangeKind kind) {
    switch (kind) {
        case v1::ENTITY_CHANGE_KIND_UPDATED:
            return api::ChangeKind::kUpdated;
        case v1::ENTITY_CHANGE_KIND_DELETED:
            return api::ChangeKind::kDeleted;
        default:
            return api::ChangeKind::kCreated;
    }
}

}  // namespace

api::WriteOptions write_options(const v1::EntityWrite& write) {
    api::WriteOptions options;
    if (write.has_expected_revision()) options.expected = Revision(write.expected_revision());
    options.idempotency_key = write.idempotency_key();
    options.actor = write.actor();
    options.correlation_id = write.correlation_id();
    options.causation_id = write.causation_id();
    return options;
}

Result<documents::Patch> patch_of(const v1::PatchEntityRequest& request) {
    documents::Patch patch;
    switch (request.patch_case()) {
        case v1::PatchEntityRequest::kMergePatch: {
            ANNALS_TRY(patch.body, documents::parse_document(request.merge_patch(), "merge_patch"));
            return patch;
        }
        case v1::PatchEntityRequest::kJsonPatch: {
            patch.format = PatchFormat::kJson;
            ANNALS_TRY(patch.body, documents::parse_document(request.json_patch(), "json_patch"));
            return patch;
        }
        default:
            return model::refused("patch", "", "set merge_patch or json_patch");
    }
}

api::GetOptions get_options(const v1::GetEntityRequest& request) {
    api::GetOptions options;
    if (request.has_as_of_revision()) options.as_of = Revision(request.as_of_revision());
    if (request.has_as_of_time_ns()) options.as_of = TimeNs(request.as_of_time_ns());
    options.with_deleted = request.with_deleted();
    options.min_position = request.min_position();
    options.max_wait_ms = request.max_wait_ms();
    return options;
}

Result<api::ListEntities> list_of(const v1::ListEntitiesRequest& request) {
    constexpr std::uint32_t kUsualLimit = 10;
    api::ListEntities list;
    list.type = request.type();
    list.after = request.after();
    list.limit = request.limit() == 0 ? kUsualLimit : request.limit();
    list.with_deleted = request.with_deleted();
    list.skip_documents = request.skip_documents();
    list.min_position = request.min_position();
    list.max_wait_ms = request.max_wait_ms();
    for (int i = 0; i < request.where_size(); ++i) {
        const std::string field = "where[" + std::to_string(i) + "]";
        ANNALS_TRY(list.filters.emplace_back(), entities::parse_filter(request.where(i), field));
    }
    return list;
}

Result<std::vector<api::NewEntity>> entities_of(const v1::CreateEntitiesRequest& request) {
    std::vector<api::NewEntity> made;
    for (int i = 0; i < request.entities_size(); ++i) {
        const std::string field = "entities[" + std::to_string(i) + "].document";
        api::NewEntity& entity = made.emplace_back();
        entity.id = request.entities(i).id();
        ANNALS_TRY(entity.document, documents::parse_object(request.entities(i).document(), field));
    }
    return made;
}

v1::WrittenEntity to_proto(const api::Written& written) {
    v1::WrittenEntity out;
    out.set_type(written.key.type);
    out.set_id(written.key.id);
    out.set_revision(written.revision.value);
    out.set_time_ns(written.time.value);
    out.set_position(written.position);
    out.set_is_replay(written.is_replay);
    out.set_is_created(written.is_created);
    out.set_is_unchanged(written.is_unchanged);
    out.set_is_durable(written.is_durable);
    return out;
}

v1::WrittenEntities to_proto(const std::vector<api::Written>& written) {
    v1::WrittenEntities out;
    for (const api::Written& one : written) *out.add_entities() = to_proto(one);
    return out;
}

v1::Entity to_proto(const api::Entity& entity) {
    v1::Entity out;
    out.set_type(entity.key.type);
    out.set_id(entity.key.id);
    out.set_document(documents::to_text(entity.document));
    out.set_revision(entity.revision.value);
    out.set_is_deleted(entity.is_deleted);
    fill(*out.mutable_created(), entity.created);
    fill(*out.mutable_changed(), entity.changed);
    out.set_hash(entity.hash);
    out.set_position(entity.position);
    return out;
}

v1::EntityHistory to_proto(const api::History& history) {
    v1::EntityHistory out;
    for (const api::Change& change : history.changes) {
        v1::EntityChange& made = *out.add_changes();
        made.set_kind(kind_of(change.kind));
        made.set_revision(change.revision.value);
        fill(*made.mutable_stamp(), change.stamp);
        made.set_correlation_id(change.correlation_id);
        made.set_causation_id(change.causation_id);
        fill_patch(made, change);
        if (change.undoes_to) made.set_undoes_to_revision(change.undoes_to->value);
        made.set_event_id(change.event_id);
        made.set_problem(change.problem);
    }
    if (history.next) out.set_next_revision(history.next->value);
    out.set_position(history.position);
    return out;
}

v1::EntityDifference to_proto(const api::Difference& difference) {
    v1::EntityDifference out;
    fill(*out.mutable_patch(), difference.patch);
    *out.mutable_before() = to_proto(difference.before);
    *out.mutable_after() = to_proto(difference.after);
    return out;
}

v1::EntityPage to_proto(const api::EntityPage& page, bool skips_documents) {
    v1::EntityPage out;
    for (const api::Entity& entity : page.entities) {
        v1::Entity& made = *out.add_entities();
        made = to_proto(entity);
        if (skips_documents) made.clear_document();
    }
    for (const api::UnreadableEntity& one : page.unreadable) {
        v1::UnreadableEntity& made = *out.add_unreadable();
        made.set_id(one.id);
        made.set_revision(one.revision.value);
        made.set_problem(one.problem);
    }
    out.set_next(page.next);
    out.set_position(page.position);
    return out;
}

v1::EntityCount to_proto(const api::EntityCount& count) {
    v1::EntityCount out;
    out.set_entities(count.entities);
    out.set_unreadable(count.unreadable);
    out.set_next(count.next);
    out.set_position(count.position);
    return out;
}

v1::EntityWrite to_proto(const api::WriteOptions& options) {
    v1::EntityWrite write;
    if (options.expected) write.set_expected_revision(options.expected->value);
    write.set_idempotency_key(options.idempotency_key);
    write.set_actor(options.actor);
    write.set_correlation_id(options.correlation_id);
    write.set_causation_id(options.causation_id);
    return write;
}

void set_patch(v1::PatchEntityRequest& request, const documents::Patch& patch) {
    std::string text = documents::to_text(patch.body);
    if (patch.format == PatchFormat::kJson) {
        request.set_json_patch(std::move(text));
    } else {
        request.set_merge_patch(std::move(text));
    }
}

void set_options(v1::GetEntityRequest& request, const api::GetOptions& options) {
    if (const auto* revision = std::get_if<Revision>(&options.as_of)) {
        request.set_as_of_revision(revision->value);
    }
    if (const auto* time = std::get_if<TimeNs>(&options.as_of)) {
        request.set_as_of_time_ns(time->value);
    }
    request.set_with_deleted(options.with_deleted);
    request.set_min_position(options.min_position);
    request.set_max_wait_ms(options.max_wait_ms);
}

Result<v1::ListEntitiesRequest> to_proto(const api::ListEntities& list) {
    v1::ListEntitiesRequest request;
    request.set_type(list.type);
    request.set_after(list.after);
    request.set_limit(list.limit);
    request.set_with_deleted(list.with_deleted);
    request.set_skip_documents(list.skip_documents);
    request.set_min_position(list.min_position);
    request.set_max_wait_ms(list.max_wait_ms);
    for (const api::FieldFilter& filter : list.filters) {
        ANNALS_TRY(*request.add_where(), entities::to_text(filter));
    }
    return request;
}

api::Written from_proto(const v1::WrittenEntity& written) {
    api::Written out;
    out.key = {written.type(), written.id()};
    out.revision = Revision(written.revision());
    out.time = TimeNs(written.time_ns());
    out.position = written.position();
    out.is_replay = written.is_replay();
    out.is_created = written.is_created();
    out.is_unchanged = written.is_unchanged();
    out.is_durable = written.is_durable();
    return out;
}

std::vector<api::Written> from_proto(const v1::WrittenEntities& written) {
    std::vector<api::Written> out;
    out.reserve(static_cast<std::size_t>(written.entities_size()));
    for (const v1::WrittenEntity& one : written.entities()) out.push_back(from_proto(one));
    return out;
}

Result<api::Entity> from_proto(const v1::Entity& entity) {
    api::Entity out;
    out.key = {entity.type(), entity.id()};
    ANNALS_TRY(out.document, document_from(entity.document()));
    out.revision = Revision(entity.revision());
    out.is_deleted = entity.is_deleted();
    out.created = stamp_from(entity.created());
    out.changed = stamp_from(entity.changed());
    out.hash = entity.hash();
    out.position = entity.position();
    return out;
}

Result<api::History> from_proto(const v1::EntityHistory& history) {
    api::History out;
    for (const v1::EntityChange& change : history.changes()) {
        api::Change& made = out.changes.emplace_back();
        made.kind = kind_from(change.kind());
        made.revision = Revision(change.revision());
        made.stamp = stamp_from(change.stamp());
        made.correlation_id = change.correlation_id();
        made.causation_id = change.causation_id();
        ANNALS_TRY(made.patch, patch_from(change.patch()));
        if (change.has_undoes_to_revision()) {
            made.undoes_to = Revision(change.undoes_to_revision());
        }
        made.event_id = change.event_id();
        made.problem = change.problem();
    }
    if (history.has_next_revision()) out.next = Revision(history.next_revision());
    out.position = history.position();
    return out;
}

Result<api::Difference> from_proto(const v1::EntityDifference& difference) {
    api::Difference out;
    ANNALS_TRY(out.patch, patch_from(difference.patch()));
    ANNALS_TRY(out.before, from_proto(difference.before()));
    ANNALS_TRY(out.after, from_proto(difference.after()));
    return out;
}

Result<api::EntityPage> from_proto(const v1::EntityPage& page) {
    api::EntityPage out;
    for (const v1::Entity& entity : page.entities()) {
        ANNALS_TRY(out.entities.emplace_back(), from_proto(entity));
    }
    for (const v1::UnreadableEntity& one : page.unreadable()) {
        out.unreadable.push_back({one.id(), Revision(one.revision()), one.problem()});
    }
    out.next = page.next();
    out.position = page.position();
    return out;
}

api::EntityCount from_proto(const v1::EntityCount& count) {
    return {count.entities(), count.unreadable(), count.next(), count.position()};
}

}  // namespace annals::entity_wire
