// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "description.hpp"

#include <vector>

#include <nlohmann/json.hpp>

#include "compression.hpp"

namespace annals::http_door::detail {
namespace {

using Json = nlohmann::ordered_json;

/// Paths of the store, which exist for each namespace.
bool is_of_a_namespace(std::string_view path) {
    return path.starts_with("/v1/") && !path.starts_with("/v1/namespaces") && path != "/v1/healtz";
}

Json in_namespace(Json place) {
    const Json parameter{{"$ref", "#/components/parameters/namespace"}};
    for (auto& [method, operation] : place.items()) {
        operation["operationId"] = operation["operationId"].get<std::string>() + "In";
        Json parameters = Json::array({parameter});
        if (operation.contains("parameters")) {
            for (const Json& one : operation["parameters"]) parameters.push_back(one);
        }
        operation["parameters"] = std::move(parameters);
    }
    return place;
}

}  // namespace

std::string openapi_json(std::string_view version) {
    Json document = Json::parse(openapi_text());
    document["info"]["version"] = version;
    Json paths = document["paths"];
    for (const auto& [path, place] : document["paths"].items()) {
        if (!is_of_a_namespace(path)) continue;
        paths["/v1/ns/{namespace}" + path.substr(3)] = in_namespace(place);
    }
    document["paths"] = std::move(paths);
    return document.dump(1) + "\n";
}

void add_description_routes(Router& router, std::string_view version) {
    router
        .add_plain("GET", "/openapi.json", [text = openapi_json(version)](const Request& request) {
            Response response = json_response(200, text);
            compress(request, response);
            return response;
        });
    router.add_plain("GET", "/docs", [](const Request& request) {
        Response response;
        response.content_type = "text/html; charset=utf-8";
        response.body = reference_page();
        response.headers.push_back(
            {"Content-Security-Policy",
             "default-src 'none'; connect-src 'self'; script-src 'unsafe-inline'; "
             "style-src 'unsafe-inline'"}
        );
        compress(request, response);
        return response;
    });
}

}  // namespace annals::http_door::detail
