// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "entity_routes.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "annals/documents/document_text.hpp"
#include "annals/entities/field_filter.hpp"
#include "annals/entity_api/entity_store.hpp"
#include "annals/json_events/event_json.hpp"
#include "annals/json_events/time_text.hpp"
#include "annals/model/token.hpp"

#include "conditions.hpp"
#include "entity_json.hpp"
#include "page_answer.hpp"
#include "parameters.hpp"
#include "sent_names.hpp"
#include "store_routes.hpp"

namespace annals::http_door::detail {
namespace {

constexpr std::uint32_t kMinPositionWaitMs = 5'000;
constexpr std::uint32_t kWaitMsMax = 60'000;
/// Of all documents of a bulk.
constexpr std::size_t kBulkBytesMax = 24u << 20u;
constexpr std::string_view kPatchTypes =
    "application/merge-patch+json, application/json-patch+json";

std::string_view media_type(const Request& request) {
    const std::string_view type = request.header("Content-Type");
    return type.substr(0, std::min(type.find_first_of("; "), type.size()));
}

/// What a changing request says beside its content.
struct Write {
    Conditions conditions;
    api::WriteOptions options;
};

Result<Write> write_of(const Request& request) {
    Write write;
    ANNALS_TRY(write.conditions, conditions_of(request));
    const auto& expected = write.conditions.expected;
    if (expected && expected->kind == model::ExpectedKind::kExactly) {
        write.options.expected = expected->revision;
    }
    write.options.idempotency_key = write.conditions.idempotency_key;
    write.options.actor = request.header("Actor");
    write.options.correlation_id = request.header("Correlation-Id");
    write.options.causation_id = request.header("Causation-Id");
    return write;
}

bool expects(const Write& write, model::ExpectedKind kind) {
    return write.conditions.expected && write.conditions.expected->kind == kind;
}

/// A header field's condition that does not hold is 412; everything else as the catalogue has it.
Response refused(const StoreCall& call, const Write& write, const Error& error) {
    const ErrorCode code = error.code();
    const bool is_missing = code == ErrorCode::kEntityNotFound || code == ErrorCode::kEntityDeleted;
    const bool is_condition = write.conditions.expected &&
                              (code == ErrorCode::kConflict ||
                               (code == ErrorCode::kEntityExists &&
                                expects(write, model::ExpectedKind::kNoStream)) ||
                               (is_missing && expects(write, model::ExpectedKind::kExists)));
    return problem(error, call.exchange.request(), is_condition ? 412 : 0);
}

std::string url_of(const StoreCall& call, const api::EntityKey& key) {
    std::string url = base_path(call) + "/entities/";
    json_events::append_percent_encoded(url, key.type);
    url.push_back('/');
    json_events::append_percent_encoded(url, key.id);
    return url;
}

Response answer(
    const StoreCall& call, const Write& write, const Result<api::Written>& written, int status = 200
) {
    if (!written) return refused(call, write, written.error());
    Response response = json_response(status, to_json(*written));
    response.headers.push_back({"ETag", etag_of(written->revision)});
    response.headers.push_back({"Position", written->position});
    if (status == 201) response.headers.push_back({"Location", url_of(call, written->key)});
    if (written->is_replay) response.headers.push_back({"Idempotency-Replayed", "true"});
    return response;
}

api::EntityKey key_of(const StoreCall& call) { return {call.parameters[0], call.parameters[1]}; }

/// What was sent is the one of the two header fields that is there.
Error no_condition(const Request& request, std::string_view why) {
    const bool is_match = !request.header("If-Match").empty();
    return no_precondition(request, is_match ? "If-Match" : "If-None-Match", why);
}

bool is_json(const Request& request) {
    const std::string_view type = media_type(request);
    return type.empty() || type == "application/json";
}

Response unsupported(const StoreCall& call, std::string_view accepted, std::string_view header) {
    const Request& request = call.exchange.request();
    Response response = problem(
        415,
        "\"" + std::string(media_type(request).substr(0, 64)) +
            "\" is not taken here: say Content-Type: " + std::string(accepted),
        request
    );
    response.headers.push_back({std::string(header), std::string(accepted)});
    return response;
}

/// Create or replace.
Result<Response> put_entity(api::EntityStore& entities, const StoreCall& call) {
    const Request& request = call.exchange.request();
    ANNALS_CHECK(no_parameters(request));
    ANNALS_TRY(const Write write, write_of(request));
    if (!is_json(request)) return unsupported(call, "application/json", "Accept");
    ANNALS_TRY(documents::Value document, documents::parse_object(request.body));
    const api::EntityKey key = key_of(call);
    const api::CallContext context = context_of(call);
    if (expects(write, model::ExpectedKind::kNoStream)) {
        const auto made = entities.create(
            context, key.type, {key.id, std::move(document)}, write.options
        );
        return answer(call, write, made, 201);
    }
    const bool may_create = !write.conditions.expected;
    const auto written = entities.replace(context, key, document, write.options, may_create);
    const bool is_new = written && may_create && written->is_created;
    return answer(call, write, written, is_new ? 201 : 200);
}

Result<Response> patch_entity(api::EntityStore& entities, const StoreCall& call) {
    const Request& request = call.exchange.request();
    ANNALS_CHECK(no_parameters(request));
    ANNALS_TRY(const Write write, write_of(request));
    if (expects(write, model::ExpectedKind::kNoStream)) {
        return no_condition(request, "a patch needs an entity");
    }
    const std::string_view type = media_type(request);
    documents::Patch wanted;
    if (type == documents::kJsonPatchType) {
        wanted.format = documents::PatchFormat::kJson;
    } else if (type != documents::kMergePatchType) {
        return unsupported(call, kPatchTypes, "Accept-Patch");
    }
    ANNALS_TRY(wanted.body, documents::parse_document(request.body, "patch"));
    const auto written = entities.patch(context_of(call), key_of(call), wanted, write.options);
    return answer(call, write, written);
}

Result<Response> remove_entity(api::EntityStore& entities, const StoreCall& call) {
    const Request& request = call.exchange.request();
    ANNALS_CHECK(no_parameters(request));
    ANNALS_TRY(const Write write, write_of(request));
    if (expects(write, model::ExpectedKind::kNoStream)) {
        return no_condition(request, "what is not there cannot be deleted");
    }
    if (!request.body.empty()) return bad_parameter("body", request.body, "empty");
    return answer(call, write, entities.remove(context_of(call), key_of(call), write.options));
}

Result<std::optional<Revision>> revision_in(Parameters& parameters, std::string_view name) {
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
    ANNALS_TRY(const auto number, parameters.number(name, kMax));
    if (!number) return std::optional<Revision>();
    return std::optional(Revision(*number));
}

Result<Response> undo_entity(api::EntityStore& entities, const StoreCall& call) {
    const Request& request = call.exchange.request();
    ANNALS_TRY(Parameters parameters, Parameters::parse(request.query));
    ANNALS_TRY(const auto to, revision_in(parameters, "to"));
    ANNALS_CHECK(parameters.end());
    ANNALS_TRY(const Write write, write_of(request));
    if (expects(write, model::ExpectedKind::kNoStream)) {
        return no_condition(request, "an undo needs an entity");
    }
    if (!to) return bad_parameter("to", "", "the revision to go back to");
    if (!request.body.empty()) return bad_parameter("body", request.body, "empty");
    return answer(call, write, entities.undo(context_of(call), key_of(call), *to, write.options));
}

/// Digits alone are a revision, anything else a time.
Result<api::AsOf> as_of(Parameters& parameters) {
    ANNALS_TRY(const auto text, parameters.text("as_of"));
    if (!text) return api::AsOf();
    const bool is_number = !text->empty() && text->size() < 20 &&
                           text->find_first_not_of("0123456789") == std::string::npos;
    if (is_number) return api::AsOf(Revision(std::stoull(*text)));
    const auto time = json_events::parse_time(*text, "as_of");
    if (time) return api::AsOf(time->at);
    return bad_parameter(
        "as_of", *text, "a revision, or a time like 2026-03-01T12:00:00.25Z (RFC 3339)"
    );
}

struct Freshness {
    std::string min_position;
    std::uint32_t max_wait_ms = 0;
};

Result<Freshness> freshness(const Request& request, Parameters& parameters) {
    Freshness wanted;
    ANNALS_TRY(const auto min_position, parameters.text("min_position"));
    ANNALS_TRY(const auto wait, parameters.milliseconds("wait", kWaitMsMax));
    wanted.min_position = min_position ? *min_position
                                       : std::string(request.header("Min-Position"));
    if (!wanted.min_position.empty()) {
        wanted.max_wait_ms = wait.value_or(kMinPositionWaitMs);
    } else if (wait) {
        return bad_as_sent(request, "wait", "left out: it waits for min_position alone");
    }
    return wanted;
}

Result<Response> get_entity(api::EntityStore& entities, const StoreCall& call) {
    const Request& request = call.exchange.request();
    ANNALS_TRY(Parameters parameters, Parameters::parse(request.query));
    api::GetOptions options;
    ANNALS_TRY(options.as_of, as_of(parameters));
    ANNALS_TRY(options.with_deleted, parameters.boolean("deleted"));
    ANNALS_TRY(const Freshness fresh, freshness(request, parameters));
    options.min_position = fresh.min_position;
    options.max_wait_ms = fresh.max_wait_ms;
    ANNALS_CHECK(parameters.end());
    ANNALS_TRY(const api::Entity entity, entities.get(context_of(call), key_of(call), options));
    const std::string etag = etag_of(entity.revision);
    Response response;
    if (request.header("If-None-Match") == etag) {
        response.status = 304;
    } else {
        response = json_response(200, to_json(entity));
    }
    response.headers.push_back({"ETag", etag});
    if (!entity.position.empty()) response.headers.push_back({"Position", entity.position});
    return response;
}

Result<Response> entity_history(api::EntityStore& entities, const StoreCall& call) {
    ANNALS_TRY(Parameters parameters, Parameters::parse(call.exchange.request().query));
    ANNALS_TRY(const auto from, revision_in(parameters, "from"));
    ANNALS_TRY(const auto limit, parameters.limit(kPageMax));
    ANNALS_CHECK(parameters.end());
    ANNALS_TRY(
        const api::History found,
        entities.history(
            context_of(call), key_of(call), from.value_or(Revision()), limit.value_or(100)
        )
    );
    Response response = json_response(200, to_json(found));
    response.headers.push_back({"Position", found.position});
    if (found.next) {
        std::string url = url_of(call, key_of(call)) +
                          "/history?from=" + std::to_string(found.next->value);
        if (limit) url += "&limit=" + std::to_string(*limit);
        response.headers.push_back({"Link", "<" + url + ">; rel=\"next\""});
    }
    return response;
}

Result<Response> diff_entity(api::EntityStore& entities, const StoreCall& call) {
    ANNALS_TRY(Parameters parameters, Parameters::parse(call.exchange.request().query));
    ANNALS_TRY(const auto before, revision_in(parameters, "before"));
    ANNALS_TRY(const auto after, revision_in(parameters, "after"));
    ANNALS_CHECK(parameters.end());
    if (!before) return bad_parameter("before", "", "a revision");
    if (!after) return bad_parameter("after", "", "another revision");
    ANNALS_TRY(
        const api::Difference found, entities.diff(context_of(call), key_of(call), *before, *after)
    );
    return json_response(200, to_json(found));
}

Result<Response> list_entities(api::EntityStore& entities, const StoreCall& call) {
    const Request& request = call.exchange.request();
    ANNALS_TRY(Parameters parameters, Parameters::parse(request.query));
    api::ListEntities wanted;
    wanted.type = *call.parameters;
    for (const std::string& text : parameters.texts("where")) {
        ANNALS_TRY(wanted.filters.emplace_back(), entities::parse_filter(text));
    }
    ANNALS_TRY(const auto after, parameters.text("after"));
    wanted.after = after.value_or("");
    ANNALS_TRY(const auto limit, parameters.limit(api::EntityStore::kListMax));
    if (limit) wanted.limit = *limit;
    ANNALS_TRY(wanted.with_deleted, parameters.boolean("deleted"));
    ANNALS_TRY(wanted.skip_documents, parameters.boolean("no_documents"));
    ANNALS_TRY(const bool only_counts, parameters.boolean("count"));
    ANNALS_TRY(const Freshness fresh, freshness(request, parameters));
    wanted.min_position = fresh.min_position;
    wanted.max_wait_ms = fresh.max_wait_ms;
    ANNALS_CHECK(parameters.end());
    if (only_counts && wanted.skip_documents)
        return bad_as_sent(request, "no_documents", "left out: a count has no documents");
    Response response;
    std::string next;
    std::string position;
    if (only_counts) {
        ANNALS_TRY(const api::EntityCount count, entities.count(context_of(call), wanted));
        response = json_response(200, to_json(count));
        next = count.next;
        position = count.position;
    } else {
        ANNALS_TRY(const api::EntityPage page, entities.list(context_of(call), wanted));
        response = json_response(200, to_json(page, wanted.skip_documents));
        next = page.next;
        position = page.position;
    }
    if (!position.empty()) response.headers.push_back({"Position", position});
    if (!next.empty()) {
        response.headers.push_back({"Link", "<" + url_after(call, next) + ">; rel=\"next\""});
    }
    return response;
}

/// `{"id": …, "document": {…}}`, the id may be missing.
Result<api::NewEntity> new_entity(documents::Value value, const std::string& field) {
    documents::Value* document = value.find("document");
    const documents::Value* id = value.find("id");
    const std::size_t known = (document == nullptr ? 0u : 1u) + (id == nullptr ? 0u : 1u);
    const bool is_good = value.is_object() && value.object().size() == known &&
                         document != nullptr && document->is_object() &&
                         (id == nullptr || id->kind() == documents::Kind::kString);
    if (!is_good) {
        return bad_parameter(
            field, documents::to_text(value), R"({"id": "<it may be missing>", "document": {…}})"
        );
    }
    api::NewEntity entity;
    if (id != nullptr) entity.id = id->string();
    entity.document = std::move(*document);
    return entity;
}

/// Many entities, and what the caller knows each by: `[3]` of an array, `line 4` of lines.
struct Bulk {
    std::vector<api::NewEntity> entities;
    std::vector<std::string> places;
};

Result<Bulk> entities_of_lines(std::string_view body) {
    Bulk all;
    for (std::size_t line = 1; !body.empty(); ++line) {
        const std::size_t end = std::min(body.find('\n'), body.size());
        const std::string_view text = body.substr(0, end);
        body.remove_prefix(std::min(end + 1, body.size()));
        if (text.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        const std::string field = "line " + std::to_string(line);
        const documents::TextLimits limits{
            documents::kDocumentBytesMax + 1'024, documents::kDepthMax + 1
        };
        ANNALS_TRY(documents::Value value, documents::parse_document(text, field, limits));
        ANNALS_TRY(all.entities.emplace_back(), new_entity(std::move(value), field));
        all.places.push_back(field);
    }
    return all;
}

Result<Bulk> entities_of_array(documents::Value array) {
    Bulk all;
    for (documents::Value& value : array.array()) {
        const std::string field = "[" + std::to_string(all.entities.size()) + "]";
        ANNALS_TRY(all.entities.emplace_back(), new_entity(std::move(value), field));
        all.places.push_back(field);
    }
    return all;
}

/// `entities[3].id`, as the store says it, is the `id` of what was sent in the fourth place.
Error placed(const Error& error, const std::vector<std::string>& places) {
    static constexpr std::string_view kList = "entities[";
    const std::string_view field = error.field("field");
    if (field == "entities") return renamed(error, "body");
    const std::size_t end = field.find(']');
    if (!field.starts_with(kList) || end == std::string_view::npos) return error;
    std::size_t place = 0;
    (void)std::from_chars(field.data() + kList.size(), field.data() + end, place);
    if (place >= places.size()) return error;
    return renamed(error, places[place] + std::string(field.substr(end + 1)));
}

Result<Response> create_all(
    api::EntityStore& entities, const StoreCall& call, const Write& write, Bulk all
) {
    if (all.entities.empty()) {
        return bad_parameter("body", call.exchange.request().body, "one entity at least");
    }
    const auto written = entities.create_many(
        context_of(call), *call.parameters, std::move(all.entities), write.options
    );
    if (!written) return refused(call, write, placed(written.error(), all.places));
    const std::string& position = written->back().position;
    Response response = json_response(201, to_json(*written, position));
    response.headers.push_back({"Position", position});
    const bool is_replay = std::all_of(written->begin(), written->end(), [](const auto& one) {
        return one.is_replay;
    });
    if (is_replay) response.headers.push_back({"Idempotency-Replayed", "true"});
    return response;
}

/// One document, whose id the server gives; or many entities, all of them or none.
Result<Response> create_entities(api::EntityStore& entities, const StoreCall& call) {
    const Request& request = call.exchange.request();
    ANNALS_CHECK(no_parameters(request));
    ANNALS_TRY(const Write write, write_of(request));
    if (write.conditions.expected) {
        return no_condition(request, "what is created has no revision");
    }
    if (media_type(request) == "application/x-ndjson") {
        ANNALS_TRY(auto all, entities_of_lines(request.body));
        return create_all(entities, call, write, std::move(all));
    }
    if (!is_json(request)) {
        return unsupported(call, "application/json, application/x-ndjson", "Accept-Post");
    }
    const documents::TextLimits limits{kBulkBytesMax, documents::kDepthMax + 2};
    ANNALS_TRY(documents::Value body, documents::parse_document(request.body, "body", limits));
    if (body.is_array()) {
        ANNALS_TRY(auto all, entities_of_array(std::move(body)));
        return create_all(entities, call, write, std::move(all));
    }
    const auto made = entities.create(
        context_of(call), *call.parameters, {"", std::move(body)}, write.options
    );
    return answer(call, write, made, 201);
}

}  // namespace

void add_entity_routes(Router& router, Desk& desk) {
    const auto add = [&](std::string_view method, std::string_view path, auto route) {
        const auto over = [route](api::EventStore&, const StoreCall& call) -> Result<Response> {
            api::EntityStore* const entities = call.desk.gate.entities();
            if (entities != nullptr) return route(*entities, call);
            return Error(ErrorCode::kNotSupported, "this server keeps no entities");
        };
        add_store_route(
            router,
            desk,
            method,
            path,
            [make = or_problem(over)](const StoreCall& call) {
                answer_blocking(call.desk.waiters, call, make);
            }
        );
    };
    add("GET", "entities/{type}", list_entities);
    add("POST", "entities/{type}", create_entities);
    constexpr std::string_view kOne = "entities/{type}/{id}";
    add("GET", kOne, get_entity);
    add("PUT", kOne, put_entity);
    add("PATCH", kOne, patch_entity);
    add("DELETE", kOne, remove_entity);
    for (const std::string_view prefix : {"/v1/", "/v1/ns/{namespace}/"}) {
        const std::string path = std::string(prefix).append(kOne);
        router.describe(path, {"Accept-Patch", std::string(kPatchTypes)});
    }
    add("GET", "entities/{type}/{id}/history", entity_history);
    add("GET", "entities/{type}/{id}/diff", diff_entity);
    add("POST", "entities/{type}/{id}/undo", undo_entity);
}

}  // namespace annals::http_door::detail
