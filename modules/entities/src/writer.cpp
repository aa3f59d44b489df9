// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "writer.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <utility>

#include "annals/base/clock.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/documents/patch.hpp"
#include "annals/model/limits.hpp"
#include "annals/model/names.hpp"
#include "annals/model/refusals.hpp"

#include "type_record.hpp"

namespace annals::entities {
namespace {

Error named(ErrorCode code, const EntityKey& key, std::string message) {
    return Error(code, std::move(message)).with("type", key.type).with("id", key.id);
}

std::string shown(const EntityKey& key) {
    return model::shown(key.type) + " " + model::shown(key.id);
}

Error not_as_expected(const EntityKey& key, Revision expected, const State* state) {
    model::FailedCheck check;
    check.stream = stream_of(key);
    check.expected = model::ExpectedRevision::exactly(expected);
    if (state) check.current_revision = state->revision;
    return model::make_conflict({std::move(check)});
}

/// Somebody changed the type, not the entity: what was read of it is still so.
bool is_of_type_alone(const Error& conflict, const EntityKey& key) {
    const auto* details = conflict.details<model::ConflictDetails>();
    if (details == nullptr || details->failed_checks.empty()) return false;
    const std::string stream = type_stream_of(key.type);
    return std::all_of(
        details->failed_checks.begin(),
        details->failed_checks.end(),
        [&](const model::FailedCheck& check) { return check.stream == stream; }
    );
}

/// Of the schema that a document was checked against; 0: of none.
std::uint32_t version_of(const std::optional<TypeRules>& rules) {
    return rules && rules->schema ? rules->version : 0;
}

/// On what was read: the entity, and where a document was checked, its type. Views into all of it.
model::AppendRequest append_of(
    std::string_view stream,
    const ChangeEvent& change,
    const State* state,
    const std::optional<TypeRules>& rules
) {
    model::AppendRequest request;
    request.stream = stream;
    request.events.push_back(change.event());
    request.checks.emplace_back(model::StreamCheck{stream, expectation_of(state)});
    if (rules) request.checks.emplace_back(model::StreamCheck{rules->stream, rules->expectation});
    return request;
}

/// Where old events go, each change must be one that a fold can begin with.
void make_whole(Step& step) {
    if (step.kind == ChangeKind::kUpdated) step.patch = documents::replacing_all(step.document);
}

/// What the use of a key leaves behind that changed nothing, so that its retry finds it and does
/// not undo what others do meanwhile.
Step trace_on(const State& state) {
    if (!state.is_live()) return Step{ChangeKind::kDeleted, {}, {}, {}};
    const documents::Patch nothing{
        documents::PatchFormat::kMerge, documents::Value(documents::Object())
    };
    return Step{ChangeKind::kUpdated, state.document, nothing, {}};
}

Written written_of(const EntityKey& key, ChangeKind kind, const api::AppendResponse& appended) {
    Written written;
    written.key = key;
    written.revision = appended.streams.front().last;
    written.time = appended.recorded_time;
    written.position = appended.position;
    written.is_created = kind == ChangeKind::kCreated;
    written.is_replay = appended.is_replay;
    written.is_durable = appended.is_durable;
    return written;
}

/// In a request for many.
std::string field_at(std::size_t place) { return "entities[" + std::to_string(place) + "]"; }

/// Of all that a bulk asks for; nobody asks without a key.
std::string hash_of(const std::vector<NewEntity>& entities, const WriteOptions& options) {
    if (options.idempotency_key.empty()) return {};
    std::string all;
    for (const NewEntity& entity : entities) {
        all.append(entity.id).append(1, '\0');
        all.append(documents::to_text(entity.document)).append(1, '\0');
    }
    return request_hash("create_many", all);
}

/// What an update makes, but for its time, which the log says.
State after(const State& before, const WriteOptions& options, ChangeEvent& change) {
    State state;
    state.has_document = true;
    state.document = change.take_document();
    state.hash = change.hash();
    state.revision = before.revision.next();
    state.event_id = change.event().id;
    state.ends_with_hash = true;
    state.begin = before.begin;
    state.begins_at_created = before.begins_at_created;
    state.created = before.created;
    state.changed.actor = options.actor;
    return state;
}

/// Among those of all namespaces.
std::string entity_of(const api::CallContext& context, std::string_view stream) {
    // No name has a NUL.
    return std::string(context.name_space).append(1, '\0').append(stream);
}

Status check_options(const WriteOptions& options) {
    constexpr std::size_t kMax = model::Limits::kIdempotencyKeyBytesMax;
    const std::size_t size = options.idempotency_key.size();
    return size <= kMax ? ok() : model::too_large("idempotency_key", size, kMax, "bytes");
}

}  // namespace

Status check_live(const EntityKey& key, const State* state) {
    if (!state || (!state->has_document && !state->problem)) {
        return named(ErrorCode::kEntityNotFound, key, "there is no " + shown(key));
    }
    if (!state->is_deleted) return check_readable(state);
    const std::string revision = std::to_string(state->revision.value);
    return named(
               ErrorCode::kEntityDeleted,
               key,
               shown(key) + " is deleted, at revision " + revision +
                   ": ask for the deleted one, or create it again"
    )
        .with("revision", revision);
}

Status check_readable(const State* state) {
    return state && state->problem ? Status(*state->problem) : ok();
}

Status check_not_live(const EntityKey& key, const State* state) {
    if (state && !state->is_deleted) ANNALS_CHECK(check_readable(state));
    if (!state || !state->is_live()) return ok();
    const std::string revision = std::to_string(state->revision.value);
    return named(
               ErrorCode::kEntityExists,
               key,
               shown(key) + " exists, at revision " + revision + ": replace or patch it"
    )
        .with("revision", revision);
}

Result<std::optional<Written>> Writer::find_replay(
    const api::CallContext& context, const EntityKey& key, const Uuid& id, std::string_view request
) {
    if (id.is_nil()) return std::optional<Written>();
    auto page = store_.get_event(context, id);
    if (!page && page.error().code() == ErrorCode::kEventNotFound) return std::optional<Written>();
    if (!page) return std::move(page).take_error();
    const std::string stream = stream_of(key);
    std::optional<Written> found;
    bool is_other = false;
    ANNALS_CHECK(page->events.for_each([&](const model::RecordedEvent& event) {
        if (event.stream != stream) return ok();
        is_other = field_of(event, kRequestField) != request;
        found = Written{key, event.revision, event.recorded_time, page->position, true};
        const auto kind = change_kind_of(event.type);
        found->is_created = kind == ChangeKind::kCreated;
        found->is_unchanged = kind == ChangeKind::kUpdated && event.data == "{}";
        return ok();
    }));
    if (!is_other) return found;
    return named(
        ErrorCode::kIdConflict,
        key,
        "the idempotency key was used for another change of " + shown(key) + ": take a new key"
    );
}

bool Writer::try_write(const api::CallContext& context, const Wish& wish, WriteDone done) {
    if (!wish.options.idempotency_key.empty() || !check_key(wish.key)) return false;
    const std::string stream = stream_of(wish.key);
    if (turns_.has_any() && turns_.is_taken(entity_of(context, stream))) return false;
    const auto reading = wish.is_creation ? std::optional<Result<Reading>>(Reading{})
                                          : reader_.try_read(context, stream);
    if (!reading || !*reading) return false;
    const State* const state = (*reading)->state.get();
    const std::optional<Revision>& expected = wish.options.expected;
    if (expected && (!state || state->revision != *expected)) return false;
    Result<std::optional<Step>> step = wish.decide(state);
    if (!step || !*step) return false;
    const ChangeKind kind = (*step)->kind;
    if ((*reading)->has_retention) make_whole(**step);
    std::optional<TypeRules> rules;
    if (kind != ChangeKind::kDeleted) {
        rules = types_.try_rules(context, wish.key.type);
        // A schema may ask for more work than a thread has that others wait for.
        if (!rules || rules->schema) return false;
    }
    // An id of ours, so that what the event makes can be kept without reading it.
    const Uuid id = make_uuid_v7(system_clock());
    const auto change = ChangeEvent::make(
        wish.key, std::move(**step), wish.options, "", id, version_of(rules)
    );
    if (!change) return false;
    std::shared_ptr<State> made;  // joins the answer and who reads it then
    if (kind == ChangeKind::kUpdated) {
        made = std::make_shared<State>(after(*state, wish.options, **change));
    }
    store_.append(
        context,
        append_of(stream, **change, state, rules),
        [this,
         done = std::move(done),
         key = wish.key,
         kind,
         made = std::move(made),
         name_space = std::string(context.name_space),
         stream](Result<api::AppendResponse> appended) {
            if (!appended) return done(std::move(appended).take_error());
            if (made) {
                made->changed.time = appended->recorded_time;
                reader_.keep(name_space, stream, made);
            }
            done(written_of(key, kind, *appended));
        }
    );
    return true;
}

Result<Written> Writer::attempt(const api::CallContext& context, const Wish& wish) {
    const std::string stream = stream_of(wish.key);
    const Uuid id = event_id_of(context, stream, wish.options.idempotency_key);
    // In this order: who used the key after the reading makes the append's expectation fail.
    Result<Reading> read = reader_.read(context, stream);
    ANNALS_TRY(const auto replay, find_replay(context, wish.key, id, wish.request));
    if (replay) return *replay;
    ANNALS_TRY(const Reading reading, std::move(read));
    const std::optional<Revision>& expected = wish.options.expected;
    if (expected && (!reading.state || reading.state->revision != *expected)) {
        return not_as_expected(wish.key, *expected, reading.state.get());
    }
    ANNALS_TRY(std::optional<Step> step, wish.decide(reading.state.get()));
    const bool is_unchanged = !step;
    if (is_unchanged && id.is_nil()) {
        Written unchanged{
            wish.key, reading.state->revision, reading.state->changed.time, reading.position
        };
        unchanged.is_unchanged = true;
        return unchanged;
    }
    if (is_unchanged) step = trace_on(*reading.state);
    const ChangeKind kind = step->kind;
    if (reading.has_retention) make_whole(*step);
    // What is written is what was checked, whatever the change was.
    std::optional<TypeRules> rules;
    if (kind != ChangeKind::kDeleted && !is_unchanged) {
        ANNALS_TRY(rules, types_.rules(context, wish.key.type));
        ANNALS_CHECK(rules->check(shown(wish.key), step->document));
    }
    ANNALS_TRY(
        const std::unique_ptr<ChangeEvent> change,
        ChangeEvent::make(
            wish.key, std::move(*step), wish.options, wish.request, id, version_of(rules)
        )
    );
    const model::AppendRequest request = append_of(stream, *change, reading.state.get(), rules);
    ANNALS_TRY(const api::AppendResponse appended, store_.append_and_wait(context, request));
    Written written = written_of(wish.key, kind, appended);
    written.is_unchanged = is_unchanged;
    return written;
}

Result<Written> Writer::write(const api::CallContext& context, const Wish& wish) {
    ANNALS_CHECK(check_key(wish.key));
    ANNALS_CHECK(check_options(wish.options));
    const bool has_key = !wish.options.idempotency_key.empty();
    const std::string entity = entity_of(context, stream_of(wish.key));
    std::optional<EntityTurn> turn;
    for (int attempts = 1;; ++attempts) {
        if (!turn && (attempts > 1 || (turns_.has_any() && turns_.is_taken(entity)))) {
            ANNALS_TRY(EntityTurn taken, EntityTurn::take(turns_, entity));
            turn.emplace(std::move(taken));
        }
        Result<Written> written = attempt(context, wish);
        if (written || attempts == EntityStore::kAttemptsMax) return written;
        // Somebody was first. Who has a key looks once more whether it was himself.
        const ErrorCode code = written.error().code();
        const bool is_himself = has_key && attempts == 1 &&
                                (code == ErrorCode::kConflict || code == ErrorCode::kIdConflict);
        const bool is_race = code == ErrorCode::kConflict &&
                             (!wish.options.expected || is_of_type_alone(written.error(), wish.key)
                             );
        if (!is_himself && !is_race) return written;
    }
}

Status Writer::check_bulk_key(
    const api::CallContext& context, std::string_view type, const Uuid& id, std::string_view request
) {
    if (id.is_nil()) return ok();
    auto page = store_.get_event(context, id);
    if (!page && page.error().code() == ErrorCode::kEventNotFound) return ok();
    if (!page) return std::move(page).take_error();
    bool is_other = false;
    ANNALS_CHECK(page->events.for_each([&](const model::RecordedEvent& event) {
        is_other = is_other || field_of(event, kRequestField) != request;
        return ok();
    }));
    if (!is_other) return ok();
    return Error(
               ErrorCode::kIdConflict,
               "the idempotency key was used for other entities of " + model::shown(type) +
                   ": take a new key"
    )
        .with("type", type);
}

Result<std::vector<Written>> Writer::attempt_many(
    const api::CallContext& context,
    const std::string& type,
    const std::vector<NewEntity>& entities,
    const std::vector<std::string>& names,
    const std::string& hash,
    const WriteOptions& options
) {
    // That of the first entity stands for all: found whatever the entities of a retry are.
    const Uuid bulk_id = bulk_event_id_of(context, type, options.idempotency_key);
    ANNALS_CHECK(check_bulk_key(context, type, bulk_id, hash));
    std::vector<std::unique_ptr<ChangeEvent>> changes;
    std::vector<Written> answers;
    ANNALS_TRY(const std::optional<TypeRules> rules, types_.rules(context, type));
    model::AppendRequest request;
    for (const NewEntity& entity : entities) {
        const EntityKey key{type, entity.id};
        const std::string stream = stream_of(key);
        const std::size_t place = answers.size();
        const Uuid id = place == 0 ? bulk_id
                                   : event_id_of(context, stream, options.idempotency_key);
        // In this order, as in attempt().
        Result<Reading> read = reader_.read(context, stream);
        ANNALS_TRY(auto replay, find_replay(context, key, id, hash));
        Written& answer = answers.emplace_back();
        answer.key = key;
        if (replay) {
            answer = std::move(*replay);
            continue;
        }
        ANNALS_TRY(const Reading reading, std::move(read));
        ANNALS_CHECK(check_not_live(key, reading.state.get()));
        Status checked = rules->check(names[place], entity.document);
        if (!checked) {
            return std::move(checked).take_error().with("field", field_at(place));
        }
        ANNALS_TRY(
            changes.emplace_back(),
            ChangeEvent::make(
                key,
                Step{ChangeKind::kCreated, entity.document, {}, {}},
                options,
                hash,
                id,
                version_of(rules)
            )
        );
        const model::NewEvent& event = changes.back()->event();
        request.events.push_back(event);
        request.checks.emplace_back(
            model::StreamCheck{event.stream, expectation_of(reading.state.get())}
        );
    }
    if (request.events.empty()) return answers;
    request.checks.emplace_back(model::StreamCheck{rules->stream, rules->expectation});
    ANNALS_TRY(const api::AppendResponse appended, store_.append_and_wait(context, request));
    // In order of first mention: that of the entities, without those made before.
    auto made = appended.streams.begin();
    for (Written& answer : answers) {
        if (made == appended.streams.end() || made->stream != stream_of(answer.key)) continue;
        answer.revision = made->last;
        answer.time = appended.recorded_time;
        answer.position = appended.position;
        answer.is_created = true;
        answer.is_replay = appended.is_replay;
        answer.is_durable = appended.is_durable;
        ++made;
    }
    return answers;
}

Result<std::vector<Written>> Writer::create_many(
    const api::CallContext& context,
    const std::string& type,
    std::vector<NewEntity> entities,
    const WriteOptions& options
) {
    ANNALS_CHECK(check_options(options));
    std::set<std::string_view> ids;
    std::vector<std::string> names;  // as the caller knows them
    for (std::size_t i = 0; i < entities.size(); ++i) {
        NewEntity& entity = entities[i];
        const std::string field = field_at(i);
        names.push_back(entity.id.empty() ? field : shown({type, entity.id}));
        if (entity.id.empty()) entity.id = new_id(context, type, options.idempotency_key, i);
        ANNALS_CHECK(check_type(type));
        ANNALS_CHECK(check_id(entity.id, field + ".id"));
        if (!ids.insert(entity.id).second) {
            return model::refused(field + ".id", entity.id, "each id is given once");
        }
        if (!entity.document.is_object()) {
            return model::refused(
                field + ".document",
                documents::to_text(entity.document),
                "an entity is a JSON object"
            );
        }
    }
    const std::string hash = hash_of(entities, options);
    for (int attempts = 1;; ++attempts) {
        auto written = attempt_many(context, type, entities, names, hash, options);
        const bool is_race = !written && written.error().code() == ErrorCode::kConflict;
        if (!is_race || attempts == EntityStore::kAttemptsMax) return written;
    }
}

}  // namespace annals::entities
