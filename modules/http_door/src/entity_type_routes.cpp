// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "entity_type_routes.hpp"

#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "annals/documents/document_text.hpp"
#include "annals/entities/entity_types.hpp"
#include "annals/json_events/event_json.hpp"

#include "conditions.hpp"
#include "entity_type_json.hpp"
#include "page_answer.hpp"
#include "parameters.hpp"
#include "store_routes.hpp"

namespace annals::http_door::detail {
namespace {

using entities::EntityTypeStore;

constexpr std::uint32_t kTypesDefault = 100;

/// The types of the store that the door is open to; made with the first call, for it is there only
/// then.
class Types {
  public:
    EntityTypeStore& over(api::EventStore& store) {
        const std::lock_guard lock(mutex_);
        if (!types_) types_ = entities::make_entity_types(store);
        return *types_;
    }

  private:
    std::mutex mutex_;
    std::unique_ptr<EntityTypeStore> types_;
};

Result<std::optional<std::uint32_t>> small_number(Parameters& parameters, std::string_view name) {
    ANNALS_TRY(const auto number, parameters.number(name, kUint32Max));
    if (!number) return std::optional<std::uint32_t>();
    return std::optional(static_cast<std::uint32_t>(*number));
}

/// The content is the schema, the rest stands in the query.
template <typename Wanted>
Status read_rules(const Request& request, Parameters& parameters, Wanted& wanted) {
    ANNALS_TRY(const auto draft, parameters.text("draft"));
    if (draft) {
        ANNALS_TRY(wanted.draft, schemas::parse_draft(*draft));
    }
    ANNALS_TRY(const auto compatibility, parameters.text("compatibility"));
    if (compatibility) {
        ANNALS_TRY(wanted.compatibility, schemas::parse_compatibility(*compatibility));
    }
    ANNALS_TRY(wanted.schema, documents::parse_document(request.body, "schema"));
    return ok();
}

Result<Response> list_types(EntityTypeStore& types, const StoreCall& call) {
    ANNALS_TRY(Parameters parameters, Parameters::parse(call.exchange.request().query));
    ANNALS_TRY(const auto after, parameters.text("after"));
    ANNALS_TRY(const auto limit, parameters.limit(EntityTypeStore::kListMax));
    ANNALS_CHECK(parameters.end());
    ANNALS_TRY(
        const entities::EntityTypeList page,
        types.list(context_of(call), after.value_or(""), limit.value_or(kTypesDefault))
    );
    Response response = json_response(200, to_json(page));
    if (!page.next.empty()) {
        response.headers.push_back({"Link", "<" + url_after(call, page.next) + ">; rel=\"next\""});
    }
    return response;
}

Response type_answer(int status, const entities::EntityType& type) {
    Response response = json_response(status, to_json(type));
    response.headers.push_back({"ETag", etag_of_version(type.version)});
    return response;
}

/// A header field's condition that does not hold is 412; everything else as the catalogue has it.
Result<Response> refused_type(const StoreCall& call, bool has_condition, const Error& error) {
    const ErrorCode code = error.code();
    const bool is_condition = has_condition && (code == ErrorCode::kConflict ||
                                                code == ErrorCode::kEntityTypeNotFound);
    return problem(error, call.exchange.request(), is_condition ? 412 : 0);
}

Result<Response> put_type(EntityTypeStore& types, const StoreCall& call) {
    const Request& request = call.exchange.request();
    ANNALS_TRY(const VersionConditions conditions, version_conditions_of(request));
    ANNALS_TRY(Parameters parameters, Parameters::parse(request.query));
    entities::PutEntityType wanted;
    wanted.type = *call.parameters;
    ANNALS_CHECK(read_rules(request, parameters, wanted));
    ANNALS_TRY(const auto validate, parameters.text("validate"));
    if (validate && *validate != "on" && *validate != "off") {
        return bad_parameter("validate", *validate, "on or off");
    }
    if (validate) wanted.is_validated = *validate == "on";
    ANNALS_TRY(wanted.skips_check, parameters.boolean("force"));
    ANNALS_TRY(wanted.expected_version, small_number(parameters, "expect"));
    ANNALS_CHECK(parameters.end());
    wanted.actor = request.header("Actor");
    const bool has_condition = conditions.expected || conditions.must_exist ||
                               conditions.must_be_new;
    if (has_condition && wanted.expected_version) {
        return bad_parameter(
            "expect", std::to_string(*wanted.expected_version), "left out beside If-Match"
        );
    }
    if (conditions.must_be_new) wanted.expected_version = 0;
    if (conditions.expected) wanted.expected_version = conditions.expected;
    if (conditions.must_exist) {
        const auto now = types.get(context_of(call), wanted.type);
        if (!now) return refused_type(call, true, now.error());
        wanted.expected_version = now->version;
    }
    const auto type = types.put(context_of(call), wanted);
    if (!type) return refused_type(call, has_condition, type.error());
    const bool is_first = type->version == 1 && !type->is_unchanged;
    Response response = type_answer(is_first ? 201 : 200, *type);
    if (is_first) {
        std::string url = base_path(call) + "/entity-types/";
        json_events::append_percent_encoded(url, type->type);
        response.headers.push_back({"Location", std::move(url)});
    }
    return response;
}

Result<Response> get_type(EntityTypeStore& types, const StoreCall& call) {
    ANNALS_TRY(Parameters parameters, Parameters::parse(call.exchange.request().query));
    ANNALS_TRY(const auto version, small_number(parameters, "version"));
    ANNALS_CHECK(parameters.end());
    ANNALS_TRY(
        const entities::EntityType type, types.get(context_of(call), *call.parameters, version)
    );
    Response response = type_answer(200, type);
    if (call.exchange.request().header("If-None-Match") == etag_of_version(type.version)) {
        response.status = 304;
        response.content_type.clear();
        response.body.clear();
    }
    return response;
}

Result<Response> type_versions(EntityTypeStore& types, const StoreCall& call) {
    ANNALS_CHECK(no_parameters(call.exchange.request()));
    ANNALS_TRY(const auto found, types.versions(context_of(call), *call.parameters));
    return json_response(200, to_json(found));
}

Result<Response> remove_type(EntityTypeStore& types, const StoreCall& call) {
    const Request& request = call.exchange.request();
    ANNALS_CHECK(no_parameters(request));
    if (!request.body.empty()) return bad_parameter("body", request.body, "empty");
    ANNALS_TRY(const VersionConditions conditions, version_conditions_of(request));
    if (conditions.must_be_new) {
        return no_precondition(request, "If-None-Match", "what is not there cannot be deleted");
    }
    const auto type = types.remove(
        context_of(call),
        *call.parameters,
        std::string(request.header("Actor")),
        conditions.expected
    );
    const bool has_condition = conditions.expected || conditions.must_exist;
    if (!type) return refused_type(call, has_condition, type.error());
    return type_answer(200, *type);
}

Result<Response> check_type(EntityTypeStore& types, const StoreCall& call) {
    const Request& request = call.exchange.request();
    ANNALS_TRY(Parameters parameters, Parameters::parse(request.query));
    ANNALS_CHECK(no_preconditions(request, "a check changes nothing"));
    entities::CheckSchema wanted;
    wanted.type = *call.parameters;
    ANNALS_CHECK(read_rules(request, parameters, wanted));
    ANNALS_TRY(wanted.is_against_data, parameters.boolean("against_data"));
    ANNALS_TRY(const auto after, parameters.text("after"));
    wanted.after = after.value_or("");
    ANNALS_TRY(const auto failures, parameters.number("failures", EntityTypeStore::kFailuresMax));
    if (failures == 0u) return bad_parameter("failures", "0", "1 to 100");
    if (failures) wanted.failures_max = static_cast<std::uint32_t>(*failures);
    ANNALS_CHECK(parameters.end());
    ANNALS_TRY(const entities::SchemaReport report, types.check(context_of(call), wanted));
    return json_response(200, to_json(report));
}

}  // namespace

void add_entity_type_routes(Router& router, Desk& desk) {
    // Shared by the routes, which are copied.
    const auto shared = std::make_shared<Types>();
    const auto add = [&](std::string_view method, std::string_view path, auto route) {
        const auto over = [shared, route](api::EventStore& store, const StoreCall& call) {
            return route(shared->over(store), call);
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
    add("GET", "entity-types", list_types);
    add("GET", "entity-types/{type}", get_type);
    add("PUT", "entity-types/{type}", put_type);
    add("DELETE", "entity-types/{type}", remove_type);
    add("GET", "entity-types/{type}/versions", type_versions);
    add("POST", "entity-types/{type}/check", check_type);
}

}  // namespace annals::http_door::detail
