// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "namespace_routes.hpp"

#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "annals/json_events/answer_json.hpp"

#include "parameters.hpp"
#include "store_routes.hpp"

namespace annals::http_door::detail {
namespace {

constexpr std::size_t kBodyBytesMax = 4'096;

Result<std::string> name_in(const std::string& body) {
    if (body.size() <= kBodyBytesMax) {
        const auto json = nlohmann::json::parse(body, nullptr, false);
        if (json.is_object() && json.size() == 1 && json.contains("name") &&
            json["name"].is_string()) {
            return json["name"].get<std::string>();
        }
        if (json.is_object() && json.contains("name") && !json["name"].is_string())
            return bad_parameter("name", json["name"].dump(), "a text");
    }
    return bad_parameter("body", body, "{\"name\": \"<name of the namespace>\"}");
}

template <typename Answer>
Response answer_of(int status, const Answer& answer) {
    std::string body;
    json_events::append_answer(body, answer);
    body.push_back('\n');
    return json_response(status, std::move(body));
}

Response create_namespace(api::EventStore& store, const StoreCall& call) {
    const Request& request = call.exchange.request();
    if (const Status none = no_parameters(request); !none) return problem(none.error(), request);
    const Result<std::string> name = name_in(request.body);
    if (!name) return problem(name.error(), request);
    const Result<api::NamespaceInfo> info = store.create_namespace(context_of(call), *name);
    if (!info) return problem(info.error(), request);
    Response response = answer_of(201, *info);
    response.headers.push_back({"Location", "/v1/ns/" + info->name + "/info"});
    return response;
}

Response list_namespaces(api::EventStore& store, const StoreCall& call) {
    const Request& request = call.exchange.request();
    if (const Status none = no_parameters(request); !none) return problem(none.error(), request);
    const auto list = store.list_namespaces(context_of(call));
    if (!list) return problem(list.error(), request);
    return answer_of(200, *list);
}

Response delete_namespace(api::EventStore& store, const StoreCall& call) {
    const Request& request = call.exchange.request();
    const std::string& name = *call.parameters;
    Result<Parameters> parameters = Parameters::parse(request.query);
    if (!parameters) return problem(parameters.error(), request);
    const auto confirm = parameters->text("confirm");
    if (!confirm || confirm->value_or("") != name) {
        return problem(
            bad_parameter(
                "confirm",
                confirm ? confirm->value_or("") : "",
                "the namespace's name once more: its events will be gone for good"
            ),
            request
        );
    }
    if (const Status checked = parameters->end(); !checked)
        return problem(checked.error(), request);
    const Status deleted = store.delete_namespace(context_of(call), name);
    if (!deleted) return problem(deleted.error(), request);
    Response response;
    response.status = 204;
    return response;
}

Response server_info(api::EventStore& store, const StoreCall& call) {
    const Request& request = call.exchange.request();
    if (const Status none = no_parameters(request); !none) return problem(none.error(), request);
    const Result<api::ServerInfo> info = store.info(context_of(call));
    if (!info) return problem(info.error(), request);
    Response response = answer_of(200, *info);
    response.headers.push_back({"Position", info->position});
    return response;
}

}  // namespace

void add_namespace_routes(Router& router, Desk& desk) {
    const auto add = [&](std::string_view method, std::string_view path, BlockingAnswer make) {
        const auto route = [&desk, make = std::move(make)](Exchange& exchange) {
            const StoreCall call{desk, exchange, "default", exchange.request().parameters.data()};
            answer_blocking(desk.readers, call, make);
        };
        router.add(method, path, route, method == "GET" ? Offers(kJsonOffers) : Offers());
    };
    add("GET", "/v1/namespaces", list_namespaces);
    add("POST", "/v1/namespaces", create_namespace);
    add("DELETE", "/v1/namespaces/{name}", delete_namespace);
    add_store_route(router, desk, "GET", "info", [](const StoreCall& call) {
        answer_blocking(call.desk.readers, call, server_info);
    });
}

}  // namespace annals::http_door::detail
