// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "translation.hpp"

#include <string>
#include <utility>

#include "annals/documents/document_text.hpp"
#include "annals/model/refusals.hpp"

namespace annals::entity_door {
namespace {

using documents::PatchFormat;

void fill(v1::EntityStamp& out, const entities::Stamp& stamp) {
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

v1::EntityChangeKind kind_of(entities::ChangeKind kind) {
    switch (kind) {
        case entities::ChangeKind::kCreated:
            return v1::ENTITY_CHANGE_KIND_CREATED;
        case entities::ChangeKind::kUpdated:
            return v1::ENTITY_CHANGE_KIND_UPDATED;
        case entities::ChangeKind::kDeleted:
            return v1::ENTITY_CHANGE_KIND_DELETED;
    }
    return v1::ENTITY_CHANGE_KIND_UNSPECIFIED;
}

}  // namespace

entities::WriteOptions write_options(const v1::EntityWrite& write) {
    entities::WriteOptions options;
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

entities::GetOptions get_options(const v1::GetEntityRequest& request) {
    entities::GetOptions options;
    if (request.has_as_of_revision()) options.as_of = Revision(request.as_of_revision());
    if (request.has_as_of_time_ns()) options.as_of = TimeNs(request.as_of_time_ns());
    options.with_deleted = request.with_deleted();
    options.min_position = request.min_position();
    options.max_wait_ms = request.max_wait_ms();
    return options;
}

Result<entities::ListEntities> list_of(const v1::ListEntitiesRequest& request) {
    constexpr std::uint32_t kUsualLimit = 10;
    entities::ListEntities list;
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

Result<std::vector<entities::NewEntity>> entities_of(const v1::CreateEntitiesRequest& request) {
    std::vector<entities::NewEntity> made;
    for (int i = 0; i < request.entities_size(); ++i) {
        const std::string field = "entities[" + std::to_string(i) + "].document";
        entities::NewEntity& entity = made.emplace_back();
        entity.id = request.entities(i).id();
        ANNALS_TRY(entity.document, documents::parse_object(request.entities(i).document(), field));
    }
    return made;
}

v1::WrittenEntity to_proto(const entities::Written& written) {
    v1::WrittenEntity out;
    out.set_type(written.key.type);
    out.set_id(written.key.id);
    out.set_revision(written.revision.value);
    out.set_time_ns(written.time.value);
    out.set_position(written.position);
    out.set_is_replay(written.is_replay);
    out.set_is_unchanged(written.is_unchanged);
    out.set_is_durable(written.is_durable);
    return out;
}

v1::WrittenEntities to_proto(const std::vector<entities::Written>& written) {
    v1::WrittenEntities out;
    for (const entities::Written& one : written) *out.add_entities() = to_proto(one);
    return out;
}

v1::Entity to_proto(const entities::Entity& entity) {
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

v1::EntityHistory to_proto(const entities::History& history) {
    v1::EntityHistory out;
    for (const entities::Change& change : history.changes) {
        v1::EntityChange& made = *out.add_changes();
        made.set_kind(kind_of(change.kind));
        made.set_revision(change.revision.value);
        fill(*made.mutable_stamp(), change.stamp);
        made.set_correlation_id(change.correlation_id);
        made.set_causation_id(change.causation_id);
        if (change.kind != entities::ChangeKind::kDeleted)
            fill(*made.mutable_patch(), change.patch);
        if (change.undoes_to) made.set_undoes_to_revision(change.undoes_to->value);
        made.set_event_id(change.event_id);
    }
    if (history.next) out.set_next_revision(history.next->value);
    out.set_position(history.position);
    return out;
}

v1::EntityDifference to_proto(const entities::Difference& difference) {
    v1::EntityDifference out;
    fill(*out.mutable_patch(), difference.patch);
    *out.mutable_before() = to_proto(difference.before);
    *out.mutable_after() = to_proto(difference.after);
    return out;
}

v1::EntityPage to_proto(const entities::EntityPage& page, bool skips_documents) {
    v1::EntityPage out;
    for (const entities::Entity& entity : page.entities) {
        v1::Entity& made = *out.add_entities();
        made = to_proto(entity);
        if (skips_documents) made.clear_document();
    }
    out.set_next(page.next);
    out.set_position(page.position);
    return out;
}

v1::EntityCount to_proto(const entities::EntityCount& count) {
    v1::EntityCount out;
    out.set_entities(count.entities);
    out.set_next(count.next);
    out.set_position(count.position);
    return out;
}

}  // namespace annals::entity_door
