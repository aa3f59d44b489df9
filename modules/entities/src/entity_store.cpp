// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/entities/entity_store.hpp"

#include <memory>
#include <utility>

#include "annals/documents/document_text.hpp"
#include "annals/model/limits.hpp"
#include "annals/model/names.hpp"
#include "annals/model/refusals.hpp"

#include "change_event.hpp"
#include "entity_list.hpp"
#include "fold.hpp"
#include "state_reader.hpp"
#include "writer.hpp"

namespace annals::entities {
namespace {

using documents::Patch;
using documents::Value;

Status check_document(const Value& document) {
    if (document.is_object()) return ok();
    return model::refused("document", documents::to_text(document), "an entity is a JSON object");
}

/// The step from one document to another; nothing when they are the same.
std::optional<Step> update_to(const Value& before, Value after) {
    Patch patch = documents::diff(before, after);
    if (documents::is_empty(patch)) return std::nullopt;
    return Step{ChangeKind::kUpdated, std::move(after), std::move(patch), {}};
}

/// Of what a key stands for; without a key nobody asks.
template <typename Arguments>
std::string hash_of_request(
    const WriteOptions& options, std::string_view operation, const Arguments& arguments
) {
    return options.idempotency_key.empty() ? std::string() : request_hash(operation, arguments());
}

Step creation_of(Value document) { return Step{ChangeKind::kCreated, std::move(document), {}, {}}; }

Change change_of(const model::RecordedEvent& event, ChangeKind kind) {
    Change change;
    change.kind = kind;
    change.revision = event.revision;
    change.stamp = {event.recorded_time, std::string(event.actor)};
    change.correlation_id = event.correlation_id;
    change.causation_id = event.causation_id;
    change.event_id = event.id.to_string();
    auto patch = patch_of(event);
    if (patch) {
        change.patch = std::move(*patch);
    } else {
        change.problem = patch.error().message();
    }
    change.undoes_to = parse_revision(field_of(event, kUndoField));
    return change;
}

/// As of a time; whether it was ever there is another question.
Error was_not_there(const EntityKey& key) {
    return Error(
               ErrorCode::kEntityNotFound,
               "there was no " + model::shown(key.type) + " " + model::shown(key.id) +
                   " at that time: its history tells since when, and whether it is still shown"
    )
        .with("type", key.type)
        .with("id", key.id);
}

// What the changes decide; the arguments are held by reference.

Decide creating(const EntityKey& key, const Value& document) {
    return [&](const State* state) -> Result<std::optional<Step>> {
        ANNALS_CHECK(check_not_live(key, state));
        return std::optional<Step>(creation_of(document));
    };
}

Decide replacing(const EntityKey& key, const Value& document, bool may_create) {
    return [&, may_create](const State* state) -> Result<std::optional<Step>> {
        if (may_create && (!state || !state->is_live())) {
            return std::optional<Step>(creation_of(document));
        }
        const Status live = check_live(key, state);
        // Of what cannot be read nothing is needed: it begins anew.
        if (!live && state && state->problem && !state->is_deleted) {
            return std::optional<Step>(creation_of(document));
        }
        ANNALS_CHECK(live);
        return update_to(state->document, document);
    };
}

Decide patching(const EntityKey& key, const Patch& patch) {
    return [&](const State* state) -> Result<std::optional<Step>> {
        ANNALS_CHECK(check_live(key, state));
        ANNALS_TRY(Value after, documents::apply(patch, state->document));
        if (!after.is_object()) {
            return model::refused(
                "patch",
                documents::to_text(after),
                "an entity is a JSON object, and stays one: the patch makes this of it"
            );
        }
        return update_to(state->document, std::move(after));
    };
}

Decide removing(const EntityKey& key) {
    return [&](const State* state) -> Result<std::optional<Step>> {
        const bool is_unreadable = state && state->problem && !state->is_deleted;
        if (!is_unreadable) ANNALS_CHECK(check_live(key, state));
        return std::optional<Step>(Step{ChangeKind::kDeleted, {}, {}, {}});
    };
}

}  // namespace

struct EntityStore::Parts {
    Parts(api::EventStore& event_store, ReadModel* read_model)
        : store(event_store), model(read_model), reader(event_store), writer(event_store, reader) {}

    Result<Entity> get(
        const api::CallContext& context, const EntityKey& key, const GetOptions& options
    ) {
        ANNALS_CHECK(check_key(key));
        ANNALS_TRY(Reading reading, reader.read(context, stream_of(key), options));
        if (options.with_deleted) ANNALS_CHECK(check_readable(reading.state.get()));
        const bool is_shown = options.with_deleted && reading.state && reading.state->has_document;
        const bool is_none = !reading.state ||
                             (!reading.state->has_document && !reading.state->problem);
        if (is_none && std::holds_alternative<TimeNs>(options.as_of)) return was_not_there(key);
        if (!is_shown) ANNALS_CHECK(check_live(key, reading.state.get()));
        return make_entity(key, std::move(reading.state).take(), std::move(reading.position));
    }

    api::EventStore& store;
    ReadModel* const model;
    StateReader reader;
    Writer writer;
};

EntityStore::EntityStore(api::EventStore& store, ReadModel* model)
    : parts_(std::make_unique<Parts>(store, model)) {}

EntityStore::~EntityStore() = default;

Result<Written> EntityStore::create(
    const api::CallContext& context,
    const std::string& type,
    NewEntity entity,
    const WriteOptions& options
) {
    ANNALS_CHECK(check_document(entity.document));
    if (entity.id.empty()) entity.id = new_id(context, type, options.idempotency_key);
    const EntityKey key{type, std::move(entity.id)};
    const std::string request = hash_of_request(options, "create", [&] {
        return documents::to_text(entity.document);
    });
    return parts_->writer.write(context, {key, options, request, creating(key, entity.document)});
}

Result<Written> EntityStore::replace(
    const api::CallContext& context,
    const EntityKey& key,
    const Value& document,
    const WriteOptions& options,
    bool may_create
) {
    ANNALS_CHECK(check_document(document));
    const std::string request = hash_of_request(options, "replace", [&] {
        return documents::to_text(document);
    });
    return parts_->writer.write(
        context, {key, options, request, replacing(key, document, may_create)}
    );
}

Result<Written> EntityStore::patch(
    const api::CallContext& context,
    const EntityKey& key,
    const Patch& patch,
    const WriteOptions& options
) {
    ANNALS_CHECK(documents::check(patch));
    const std::string request = hash_of_request(
        options,
        documents::content_type_of(patch.format),
        [&] { return documents::to_text(patch.body); }
    );
    return parts_->writer.write(context, {key, options, request, patching(key, patch)});
}

Result<Written> EntityStore::remove(
    const api::CallContext& context, const EntityKey& key, const WriteOptions& options
) {
    return parts_->writer.write(context, {key, options, request_hash("remove", ""), removing(key)});
}

Result<Written> EntityStore::undo(
    const api::CallContext& context, const EntityKey& key, Revision to, const WriteOptions& options
) {
    ANNALS_CHECK(check_key(key));
    GetOptions then;
    then.as_of = to;
    const Decide decide = [&](const State* state) -> Result<std::optional<Step>> {
        const bool is_known = state && (state->has_document || state->problem);
        if (!is_known) ANNALS_CHECK(check_live(key, state));
        ANNALS_TRY(const Reading old, parts_->reader.read(context, stream_of(key), then));
        if (old.state && !old.state->is_deleted) ANNALS_CHECK(check_readable(old.state.get()));
        const bool was_live = old.state && old.state->is_live();
        const bool is_there = state->is_live() || (state->problem && !state->is_deleted);
        std::optional<Step> step;
        if (!was_live && is_there) step = Step{ChangeKind::kDeleted, {}, {}, {}};
        if (was_live && !state->is_live()) step = creation_of(old.state->document);
        if (was_live && state->is_live()) step = update_to(state->document, old.state->document);
        if (step) step->undoes_to = to;
        return step;
    };
    const std::string request = request_hash("undo", std::to_string(to.value));
    return parts_->writer.write(context, {key, options, request, decide});
}

Result<std::vector<Written>> EntityStore::create_many(
    const api::CallContext& context,
    const std::string& type,
    std::vector<NewEntity> entities,
    const WriteOptions& options
) {
    if (entities.empty()) return model::refused("entities", "", "name one entity at least");
    if (entities.size() > kCreateManyMax) {
        return model::too_large("entities", entities.size(), kCreateManyMax, "entities");
    }
    if (options.expected) {
        return model::refused(
            "write.expected_revision",
            std::to_string(options.expected->value),
            "what is created has no revision: leave it out"
        );
    }
    return parts_->writer.create_many(context, type, std::move(entities), options);
}

Result<Entity> EntityStore::get(
    const api::CallContext& context, const EntityKey& key, const GetOptions& options
) {
    return parts_->get(context, key, options);
}

std::optional<Result<Entity>> EntityStore::try_get(
    const api::CallContext& context, const EntityKey& key, const GetOptions& options
) {
    const bool is_plain = std::holds_alternative<std::monostate>(options.as_of) &&
                          options.min_position.empty();
    if (!is_plain || !check_key(key)) return std::nullopt;
    auto reading = parts_->reader.try_read(context, stream_of(key));
    if (!reading || !*reading || !(*reading)->state) return std::nullopt;
    const State& state = *(*reading)->state;
    if (!state.is_live() && !(options.with_deleted && state.has_document)) return std::nullopt;
    return make_entity(key, std::move((*reading)->state).take(), std::move((*reading)->position));
}

Result<History> EntityStore::history(
    const api::CallContext& context, const EntityKey& key, Revision from, std::uint32_t limit
) {
    ANNALS_CHECK(check_key(key));
    api::ReadRequest request;
    request.stream = stream_of(key);
    request.start = api::FromRevision{from};
    request.limit = limit;
    auto page = parts_->store.read(context, request);
    if (!page && page.error().code() == ErrorCode::kStreamNotFound) {
        return std::move(check_live(key, nullptr)).take_error();
    }
    if (!page) return std::move(page).take_error();
    History history;
    history.position = page->position;
    ANNALS_CHECK(page->events.for_each([&](const model::RecordedEvent& event) -> Status {
        if (!page->is_end) history.next = event.revision.next();
        const std::optional<ChangeKind> kind = change_kind_of(event.type);
        if (!kind) return ok();
        history.changes.push_back(change_of(event, *kind));
        return ok();
    }));
    return history;
}

Result<Difference> EntityStore::diff(
    const api::CallContext& context, const EntityKey& key, Revision before, Revision after
) {
    GetOptions options;
    options.with_deleted = true;
    options.as_of = before;
    Difference difference;
    ANNALS_TRY(difference.before, parts_->get(context, key, options));
    options.as_of = after;
    ANNALS_TRY(difference.after, parts_->get(context, key, options));
    difference.patch = documents::diff(difference.before.document, difference.after.document);
    return difference;
}

Result<EntityPage> EntityStore::list(const api::CallContext& context, const ListEntities& request) {
    if (request.limit == 0 || request.limit > kListMax) {
        return model::refused(
            "limit", std::to_string(request.limit), "1 to " + std::to_string(kListMax)
        );
    }
    EntityPage page;
    const auto has_room = [&] {
        return page.entities.size() + page.unreadable.size() < request.limit;
    };
    ANNALS_TRY(
        Walked walked,
        walk(
            parts_->store,
            parts_->reader,
            parts_->model,
            context,
            request,
            {[&](Entity entity) {
                 if (request.skip_documents) entity.document = Value();
                 page.entities.push_back(std::move(entity));
                 return has_room();
             },
             [&](UnreadableEntity entity) {
                 page.unreadable.push_back(std::move(entity));
                 return has_room();
             }}
        )
    );
    page.next = std::move(walked.next);
    page.position = std::move(walked.position);
    return page;
}

Result<EntityCount> EntityStore::count(
    const api::CallContext& context, const ListEntities& request
) {
    ListEntities counted = request;
    counted.skip_documents = true;
    EntityCount count;
    ANNALS_TRY(
        Walked walked,
        walk(
            parts_->store,
            parts_->reader,
            parts_->model,
            context,
            counted,
            {[&](const Entity&) {
                 ++count.entities;
                 return true;
             },
             [&](const UnreadableEntity&) {
                 ++count.unreadable;
                 return true;
             }}
        )
    );
    count.next = std::move(walked.next);
    count.position = std::move(walked.position);
    return count;
}

bool EntityStore::try_create(
    const api::CallContext& context,
    const std::string& type,
    const NewEntity& entity,
    const WriteOptions& options,
    WriteDone done
) {
    if (!check_document(entity.document)) return false;
    const EntityKey key{type, entity.id.empty() ? new_id(context, type, "") : entity.id};
    return parts_->writer.try_write(
        context, {key, options, "", creating(key, entity.document), true}, std::move(done)
    );
}

bool EntityStore::try_replace(
    const api::CallContext& context,
    const EntityKey& key,
    const Value& document,
    const WriteOptions& options,
    bool may_create,
    WriteDone done
) {
    if (!check_document(document)) return false;
    return parts_->writer.try_write(
        context, {key, options, "", replacing(key, document, may_create)}, std::move(done)
    );
}

bool EntityStore::try_patch(
    const api::CallContext& context,
    const EntityKey& key,
    const Patch& patch,
    const WriteOptions& options,
    WriteDone done
) {
    // A JSON patch may copy and move as often as it likes.
    if (patch.format != documents::PatchFormat::kMerge || !documents::check(patch)) return false;
    return parts_->writer.try_write(
        context, {key, options, "", patching(key, patch)}, std::move(done)
    );
}

bool EntityStore::try_remove(
    const api::CallContext& context,
    const EntityKey& key,
    const WriteOptions& options,
    WriteDone done
) {
    return parts_->writer.try_write(context, {key, options, "", removing(key)}, std::move(done));
}

SnapshotCounts EntityStore::snapshot_counts() const { return parts_->reader.snapshot_counts(); }
StateCacheCounts EntityStore::state_cache_counts() const { return parts_->reader.cache_counts(); }

const ReadModel* EntityStore::read_model() const { return parts_->model; }

}  // namespace annals::entities
