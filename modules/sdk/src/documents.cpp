// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/sdk/documents.hpp"

#include <utility>

#include "annals/base/uuid.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/entities/field_filter.hpp"

#include "client_impl.hpp"
#include "paged.hpp"

namespace annals {
namespace {

/// Changes and entities of one call of a loop.
constexpr std::uint32_t kPage = 100;

api::WriteOptions options_of(const WriteOptions& from) {
    api::WriteOptions options;
    options.expected = from.expected;
    options.idempotency_key = from.idempotency_key.empty()
                                  ? make_uuid_v7(system_clock()).to_string()
                                  : from.idempotency_key;
    options.actor = from.actor;
    options.correlation_id = from.correlation_id;
    options.causation_id = from.causation_id;
    return options;
}

Written written_of(const Client& client, api::Written from) {
    client.impl().wrote(from.position);
    Written written;
    written.id = std::move(from.key.id);
    written.revision = from.revision;
    written.position = std::move(from.position);
    written.is_created = from.is_created;
    written.is_unchanged = from.is_unchanged;
    written.is_replay = from.is_replay;
    return written;
}

Document document_of(api::Entity from) {
    Document document;
    document.id = std::move(from.key.id);
    document.json = documents::to_text(from.document);
    document.revision = from.revision;
    document.is_deleted = from.is_deleted;
    document.changed_time = from.changed.time;
    document.changed_by = std::move(from.changed.actor);
    document.created_time = from.created.time;
    document.created_by = std::move(from.created.actor);
    document.hash = std::move(from.hash);
    document.position = std::move(from.position);
    return document;
}

std::string word_of(api::ChangeKind kind) {
    switch (kind) {
        case api::ChangeKind::kCreated:
            return "created";
        case api::ChangeKind::kUpdated:
            return "updated";
        case api::ChangeKind::kDeleted:
            break;
    }
    return "deleted";
}

bool is_json_patch(const documents::Patch& patch) {
    return patch.format == documents::PatchFormat::kJson;
}

Change change_of(api::Change from) {
    Change change;
    change.kind = word_of(from.kind);
    change.revision = from.revision;
    change.time = from.stamp.time;
    change.actor = std::move(from.stamp.actor);
    change.patch = documents::to_text(from.patch.body);
    change.undoes_to = from.undoes_to;
    change.is_json_patch = is_json_patch(from.patch);
    change.correlation_id = std::move(from.correlation_id);
    change.causation_id = std::move(from.causation_id);
    change.event_id = std::move(from.event_id);
    return change;
}

api::ListEntities list_of(const Client& client, const std::string& type, const ListOptions& from) {
    api::ListEntities request;
    request.type = type;
    request.limit = kPage;
    for (const std::string& condition : from.where) {
        request.filters.push_back(sdk::value_of(entities::parse_filter(condition)));
    }
    request.with_deleted = from.with_deleted;
    request.min_position = client.impl().minimum("");
    request.max_wait_ms = client.impl().minimum_wait_ms();
    return request;
}

}  // namespace

Documents::Documents(Client client, std::string type)
    : client_(std::move(client)), type_(std::move(type)) {}

Written Documents::create(std::string_view id, std::string_view json, const WriteOptions& options)
    const {
    const documents::Value document = sdk::value_of(documents::parse_object(json));
    const api::WriteOptions with = options_of(options);
    return written_of(client_, client_.impl().call([&](const api::CallContext& context) {
        return client_.impl().backend->entities().create(
            context, type_, {std::string(id), document}, with
        );
    }));
}

std::vector<Written> Documents::create_many(
    const std::vector<NewDocument>& documents, const WriteOptions& options
) const {
    std::vector<api::NewEntity> entities;
    entities.reserve(documents.size());
    for (const NewDocument& document : documents) {
        entities.push_back({document.id, sdk::value_of(documents::parse_object(document.json))});
    }
    const api::WriteOptions with = options_of(options);
    std::vector<Written> all;
    all.reserve(entities.size());
    for (api::Written& written : client_.impl().call([&](const api::CallContext& context) {
             return client_.impl().backend->entities().create_many(context, type_, entities, with);
         })) {
        all.push_back(written_of(client_, std::move(written)));
    }
    return all;
}

Written Documents::replace(
    std::string_view id, std::string_view json, const WriteOptions& options, bool may_create
) const {
    const documents::Value document = sdk::value_of(documents::parse_object(json));
    const api::WriteOptions with = options_of(options);
    return written_of(client_, client_.impl().call([&](const api::CallContext& context) {
        return client_.impl().backend->entities().replace(
            context, {type_, std::string(id)}, document, with, may_create
        );
    }));
}

Written Documents::patch(std::string_view id, std::string_view json, const WriteOptions& options)
    const {
    const documents::Patch patch{
        documents::PatchFormat::kMerge, sdk::value_of(documents::parse_document(json, "patch"))
    };
    const api::WriteOptions with = options_of(options);
    return written_of(client_, client_.impl().call([&](const api::CallContext& context) {
        return client_.impl().backend->entities().patch(
            context, {type_, std::string(id)}, patch, with
        );
    }));
}

Written Documents::undo(std::string_view id, Revision to, const WriteOptions& options) const {
    const api::WriteOptions with = options_of(options);
    return written_of(client_, client_.impl().call([&](const api::CallContext& context) {
        return client_.impl().backend->entities().undo(context, {type_, std::string(id)}, to, with);
    }));
}

Written Documents::remove(std::string_view id, const WriteOptions& options) const {
    const api::WriteOptions with = options_of(options);
    return written_of(client_, client_.impl().call([&](const api::CallContext& context) {
        return client_.impl().backend->entities().remove(context, {type_, std::string(id)}, with);
    }));
}

Document Documents::get(std::string_view id, AsOf as_of, bool with_deleted) const {
    api::GetOptions options;
    options.as_of = as_of;
    options.with_deleted = with_deleted;
    options.min_position = client_.impl().minimum("");
    options.max_wait_ms = client_.impl().minimum_wait_ms();
    return document_of(client_.impl().call([&](const api::CallContext& context) {
        return client_.impl().backend->entities().get(context, {type_, std::string(id)}, options);
    }));
}

std::optional<Document> Documents::find(std::string_view id, AsOf as_of) const {
    try {
        return get(id, as_of);
    } catch (const Failure& failure) {
        if (failure.code() != ErrorCode::kEntityNotFound &&
            failure.code() != ErrorCode::kEntityDeleted) {
            throw;
        }
        return std::nullopt;
    }
}

DocumentDifference Documents::diff(std::string_view id, Revision before, Revision after) const {
    api::Difference from = client_.impl().call([&](const api::CallContext& context) {
        return client_.impl().backend->entities().diff(
            context, {type_, std::string(id)}, before, after
        );
    });
    DocumentDifference difference;
    difference.patch = documents::to_text(from.patch.body);
    difference.is_json_patch = is_json_patch(from.patch);
    difference.before = document_of(std::move(from.before));
    difference.after = document_of(std::move(from.after));
    return difference;
}

Sequence<Change> Documents::history(std::string_view id) const {
    return sdk::paged<Change>(
        [client = client_,
         key = api::EntityKey{type_, std::string(id)},
         from = std::optional(Revision())]() mutable -> std::optional<std::vector<Change>> {
            if (!from) return std::nullopt;
            api::History history = client.impl().call([&](const api::CallContext& context) {
                return client.impl().backend->entities().history(context, key, *from, kPage);
            });
            std::vector<Change> page;
            page.reserve(history.changes.size());
            for (api::Change& change : history.changes) {
                page.push_back(change_of(std::move(change)));
            }
            from = history.next;
            return page;
        }
    );
}

Sequence<Document> Documents::list(const ListOptions& options) const {
    return sdk::paged<Document>(
        [client = client_, request = list_of(client_, type_, options), is_end = false](
        ) mutable -> std::optional<std::vector<Document>> {
            if (is_end) return std::nullopt;
            api::EntityPage found = client.impl().call([&](const api::CallContext& context) {
                return client.impl().backend->entities().list(context, request);
            });
            std::vector<Document> page;
            page.reserve(found.entities.size());
            for (api::Entity& entity : found.entities) {
                page.push_back(document_of(std::move(entity)));
            }
            request.after = std::move(found.next);
            is_end = request.after.empty();
            return page;
        }
    );
}

std::uint64_t Documents::count(const ListOptions& options) const {
    api::ListEntities request = list_of(client_, type_, options);
    std::uint64_t count = 0;
    while (true) {
        api::EntityCount found = client_.impl().call([&](const api::CallContext& context) {
            return client_.impl().backend->entities().count(context, request);
        });
        count += found.entities;
        if (found.next.empty()) return count;
        request.after = std::move(found.next);
    }
}

}  // namespace annals
