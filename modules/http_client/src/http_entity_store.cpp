// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/http_client/http_entity_store.hpp"

#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "annals/documents/document_text.hpp"
#include "annals/entities/field_filter.hpp"
#include "annals/json_events/time_text.hpp"

#include "answers.hpp"
#include "connection_pool.hpp"
#include "target.hpp"

namespace annals::http_client {
namespace {

using api::CallContext;
using api::EntityKey;
using api::WriteOptions;
using api::Written;
using documents::Kind;
using documents::Object;
using documents::Value;

Error unreadable_entity() {
    return {ErrorCode::kInternal, "the server sent an entity that cannot be read"};
}

std::string text_in(const Value& json, std::string_view name) {
    const Value* found = json.find(name);
    return found == nullptr || found->kind() != Kind::kString ? std::string() : found->string();
}

std::uint64_t number_in(const Value& json, std::string_view name) {
    const Value* found = json.find(name);
    std::uint64_t number = 0;
    if (found != nullptr && found->kind() == Kind::kNumber) {
        const std::string& text = found->number().text;
        std::from_chars(text.data(), text.data() + text.size(), number);
    }
    return number;
}

bool is_set(const Value& json, std::string_view name) {
    const Value* found = json.find(name);
    return found != nullptr && found->kind() == Kind::kBoolean && found->boolean();
}

Result<api::Stamp> stamp_of(const Value& json) {
    ANNALS_TRY(const auto time, json_events::parse_time(text_in(json, "time"), "time"));
    return api::Stamp{time.at, text_in(json, "actor")};
}

Result<Written> written_of(const Value& json, bool is_created) {
    Written written;
    written.key = {text_in(json, "type"), text_in(json, "id")};
    written.revision = Revision(number_in(json, "revision"));
    ANNALS_TRY(const auto time, json_events::parse_time(text_in(json, "time"), "time"));
    written.time = time.at;
    written.position = text_in(json, "position");
    written.is_replay = is_set(json, "is_replay");
    written.is_unchanged = is_set(json, "is_unchanged");
    written.is_durable = is_set(json, "is_durable");
    written.is_created = is_created;
    return written;
}

Result<api::Entity> entity_of(const Value& json) {
    const Value* created = json.find("created");
    const Value* changed = json.find("changed");
    if (created == nullptr || changed == nullptr) return unreadable_entity();
    api::Entity entity;
    entity.key = {text_in(json, "type"), text_in(json, "id")};
    entity.revision = Revision(number_in(json, "revision"));
    entity.is_deleted = is_set(json, "is_deleted");
    ANNALS_TRY(entity.created, stamp_of(*created));
    ANNALS_TRY(entity.changed, stamp_of(*changed));
    entity.hash = text_in(json, "hash");
    if (const Value* document = json.find("document")) entity.document = *document;
    return entity;
}

documents::Patch patch_of(const Value& json) {
    documents::Patch patch;
    if (text_in(json, "format") == documents::kJsonPatchType) {
        patch.format = documents::PatchFormat::kJson;
    }
    if (const Value* body = json.find("patch")) patch.body = *body;
    return patch;
}

Result<api::Change> change_of(const Value& json) {
    api::Change change;
    const std::string kind = text_in(json, "change");
    if (kind == "updated") change.kind = api::ChangeKind::kUpdated;
    if (kind == "deleted") change.kind = api::ChangeKind::kDeleted;
    change.revision = Revision(number_in(json, "revision"));
    ANNALS_TRY(change.stamp, stamp_of(json));
    change.correlation_id = text_in(json, "correlation_id");
    change.causation_id = text_in(json, "causation_id");
    change.patch = patch_of(json);
    if (json.find("undoes_to") != nullptr) {
        change.undoes_to = Revision(number_in(json, "undoes_to"));
    }
    change.event_id = text_in(json, "event_id");
    change.problem = text_in(json, "problem");
    return change;
}

const documents::Array& array_in(const Value& json, std::string_view name) {
    static const documents::Array none;
    const Value* found = json.find(name);
    return found == nullptr || !found->is_array() ? none : found->array();
}

/// What is wrong with one of many, `[3].id` in the array that was sent, as the seam names it.
Error of_entities(const Error& error) {
    if (!error.field("field").starts_with('[')) return error;
    Error out(error.code(), std::string(error.message()));
    for (const ErrorField& field : error.fields()) {
        const bool is_name = field.name == "field";
        out = std::move(out).with(field.name, (is_name ? "entities" : "") + field.value);
    }
    return out;
}

class HttpEntityStore final : public api::EntityStore {
  public:
    explicit HttpEntityStore(const ClientOptions& options) : pool_(options) {}

    Result<Written> create(
        const CallContext& context,
        const std::string& type,
        api::NewEntity entity,
        const WriteOptions& options
    ) override {
        std::string text = documents::to_text(entity.document);
        if (entity.id.empty()) {
            ANNALS_CHECK(check_named(type, "type"));
            return change(request_of(context, "POST", of_type(context, type), text), options);
        }
        ANNALS_TRY(const Target target, of_entity(context, {type, entity.id}));
        HttpRequest request = request_of(context, "PUT", target, std::move(text));
        request.headers.emplace_back("If-None-Match", "*");
        return change(std::move(request), options);
    }

    Result<std::vector<Written>> create_many(
        const CallContext& context,
        const std::string& type,
        std::vector<api::NewEntity> entities,
        const WriteOptions& options
    ) override {
        ANNALS_CHECK(check_named(type, "type"));
        documents::Array all;
        for (api::NewEntity& entity : entities) {
            Object members{{"document", std::move(entity.document)}};
            if (!entity.id.empty()) members.push_back({"id", Value(std::move(entity.id))});
            all.emplace_back(std::move(members));
        }
        HttpRequest request = request_of(
            context, "POST", of_type(context, type), documents::to_text(Value(std::move(all)))
        );
        ANNALS_CHECK(add_options(request, options));
        const Result<Answer> asked = ask(request);
        if (!asked) return of_entities(asked.error());
        const Answer& answer = *asked;
        std::vector<Written> made;
        for (const Value& one : array_in(answer.json, "entities")) {
            ANNALS_TRY(made.emplace_back(), written_of(one, true));
        }
        return made;
    }

    Result<Written> replace(
        const CallContext& context,
        const EntityKey& key,
        const Value& document,
        const WriteOptions& options,
        bool may_create
    ) override {
        ANNALS_TRY(const Target target, of_entity(context, key));
        HttpRequest request = request_of(context, "PUT", target, documents::to_text(document));
        if (!may_create && !options.expected) request.headers.emplace_back("If-Match", "*");
        return change(std::move(request), options);
    }

    Result<Written> patch(
        const CallContext& context,
        const EntityKey& key,
        const documents::Patch& patch,
        const WriteOptions& options
    ) override {
        ANNALS_TRY(const Target target, of_entity(context, key));
        HttpRequest request = request_of(context, "PATCH", target);
        request.body = documents::to_text(patch.body);
        request.headers.emplace_back(
            "Content-Type", std::string(documents::content_type_of(patch.format))
        );
        return change(std::move(request), options);
    }

    Result<Written> remove(
        const CallContext& context, const EntityKey& key, const WriteOptions& options
    ) override {
        ANNALS_TRY(const Target target, of_entity(context, key));
        return change(request_of(context, "DELETE", target), options);
    }

    Result<Written> undo(
        const CallContext& context, const EntityKey& key, Revision to, const WriteOptions& options
    ) override {
        ANNALS_TRY(Target target, of_entity(context, key));
        target.segment("undo").add_number("to", to.value);
        return change(request_of(context, "POST", target), options);
    }

    Result<api::Entity> get(
        const CallContext& context, const EntityKey& key, const api::GetOptions& options
    ) override {
        ANNALS_TRY(Target target, of_entity(context, key));
        if (const auto* revision = std::get_if<Revision>(&options.as_of)) {
            target.add_number("as_of", revision->value);
        }
        if (const auto* time = std::get_if<TimeNs>(&options.as_of)) {
            target.add("as_of", json_events::time_text(*time));
        }
        if (options.with_deleted) target.add("deleted", "true");
        add_freshness(target, options.min_position, options.max_wait_ms);
        ANNALS_TRY(const Answer answer, ask(request_of(context, "GET", target)));
        ANNALS_TRY(api::Entity entity, entity_of(answer.json));
        entity.position = answer.position;
        return entity;
    }

    Result<api::History> history(
        const CallContext& context, const EntityKey& key, Revision from, std::uint32_t limit
    ) override {
        ANNALS_TRY(Target target, of_entity(context, key));
        target.segment("history").add_number("from", from.value).add_number("limit", limit);
        ANNALS_TRY(const Answer answer, ask(request_of(context, "GET", target)));
        api::History history;
        for (const Value& one : array_in(answer.json, "changes")) {
            ANNALS_TRY(history.changes.emplace_back(), change_of(one));
        }
        if (answer.json.find("next") != nullptr) {
            history.next = Revision(number_in(answer.json, "next"));
        }
        history.position = text_in(answer.json, "position");
        return history;
    }

    Result<api::Difference> diff(
        const CallContext& context, const EntityKey& key, Revision before, Revision after
    ) override {
        ANNALS_TRY(Target target, of_entity(context, key));
        target.segment("diff").add_number("before", before.value).add_number("after", after.value);
        ANNALS_TRY(const Answer answer, ask(request_of(context, "GET", target)));
        const Value* old_one = answer.json.find("before");
        const Value* new_one = answer.json.find("after");
        if (old_one == nullptr || new_one == nullptr) return unreadable_entity();
        api::Difference difference;
        difference.patch = patch_of(answer.json);
        ANNALS_TRY(difference.before, entity_of(*old_one));
        ANNALS_TRY(difference.after, entity_of(*new_one));
        return difference;
    }

    Result<api::EntityPage> list(const CallContext& context, const api::ListEntities& request)
        override {
        ANNALS_TRY(Target target, of_list(context, request));
        target.add_number("limit", request.limit);
        if (request.skip_documents) target.add("no_documents", "true");
        ANNALS_TRY(const Answer answer, ask(request_of(context, "GET", target)));
        api::EntityPage page;
        for (const Value& one : array_in(answer.json, "entities")) {
            ANNALS_TRY(page.entities.emplace_back(), entity_of(one));
        }
        for (const Value& one : array_in(answer.json, "unreadable_entity")) {
            page.unreadable.push_back(
                {text_in(one, "id"), Revision(number_in(one, "revision")), text_in(one, "problem")}
            );
        }
        page.next = text_in(answer.json, "next");
        page.position = text_in(answer.json, "position");
        return page;
    }

    Result<api::EntityCount> count(const CallContext& context, const api::ListEntities& request)
        override {
        ANNALS_TRY(Target target, of_list(context, request));
        target.add("count", "true");
        ANNALS_TRY(const Answer answer, ask(request_of(context, "GET", target)));
        return api::EntityCount{
            number_in(answer.json, "count"),
            number_in(answer.json, "unreadable_entity"),
            text_in(answer.json, "next"),
            text_in(answer.json, "position")
        };
    }

  private:
    struct Answer {
        int status = 0;
        Value json;
        std::string position;
    };

    static Target of_type(const CallContext& context, const std::string& type) {
        Target target(context, "entities");
        target.segment(type);
        return target;
    }
    static Result<Target> of_entity(const CallContext& context, const EntityKey& key) {
        ANNALS_CHECK(check_named(key.type, "type"));
        ANNALS_CHECK(check_named(key.id, "id"));
        Target target = of_type(context, key.type);
        target.segment(key.id);
        return target;
    }
    static void add_freshness(Target& target, const std::string& position, std::uint32_t wait_ms) {
        if (position.empty()) return;
        target.add("min_position", position).add("wait", std::to_string(wait_ms) + "ms");
    }
    static Result<Target> of_list(const CallContext& context, const api::ListEntities& request) {
        ANNALS_CHECK(check_named(request.type, "type"));
        Target target = of_type(context, request.type);
        for (const api::FieldFilter& filter : request.filters) {
            ANNALS_TRY(const std::string text, entities::to_text(filter));
            target.add("where", text);
        }
        if (!request.after.empty()) target.add("after", request.after);
        if (request.with_deleted) target.add("deleted", "true");
        add_freshness(target, request.min_position, request.max_wait_ms);
        return target;
    }

    static Status add_options(HttpRequest& request, const WriteOptions& options) {
        const auto add = [&](std::string name, std::string value) -> Status {
            if (value.empty()) return ok();
            ANNALS_CHECK(check_header(value, name));
            request.headers.emplace_back(std::move(name), std::move(value));
            return ok();
        };
        if (options.expected) {
            const std::string etag = "\"r" + std::to_string(options.expected->value) + "\"";
            request.headers.emplace_back("If-Match", etag);
        }
        ANNALS_CHECK(add("Idempotency-Key", options.idempotency_key));
        ANNALS_CHECK(add("Actor", options.actor));
        ANNALS_CHECK(add("Correlation-Id", options.correlation_id));
        return add("Causation-Id", options.causation_id);
    }

    Result<Answer> ask(const HttpRequest& request) {
        ANNALS_TRY(const HttpAnswer answer, pool_.ask(request));
        if (answer.status >= 300) return error_of(answer, request);
        constexpr std::size_t kAnswerBytesMax = 1u << 30u;
        const documents::TextLimits limits{kAnswerBytesMax, documents::kDepthMax + 4};
        auto json = documents::parse_document(answer.body, "answer", limits);
        if (!json) return unreadable_entity();
        return Answer{answer.status, std::move(*json), answer.header("Position")};
    }

    Result<Written> change(HttpRequest request, const WriteOptions& options) {
        ANNALS_CHECK(add_options(request, options));
        ANNALS_TRY(const Answer answer, ask(request));
        return written_of(answer.json, answer.status == 201);
    }

    ConnectionPool pool_;
};

}  // namespace

std::unique_ptr<api::EntityStore> make_http_entity_store(const ClientOptions& options) {
    return std::make_unique<HttpEntityStore>(options);
}

}  // namespace annals::http_client
