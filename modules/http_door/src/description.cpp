// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "description.hpp"

#include <vector>

#include <nlohmann/json.hpp>

#include "compression.hpp"
#include "error_responses.hpp"

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

/// A channel as it is for each namespace.
Json channel_in_namespace(Json channel) {
    channel["address"] = "/v1/ns/{namespace}" + channel["address"].get<std::string>().substr(3);
    channel["parameters"]["namespace"]["description"] = "Name of the namespace.";
    return channel;
}

/// What an operation says of its channel, for another channel that is alike.
Json moved(Json operation, const std::string& from, const std::string& to) {
    const auto move = [&](Json& reference) {
        std::string text = reference["$ref"];
        text.replace(0, ("#/channels/" + from).size(), "#/channels/" + to);
        reference["$ref"] = text;
    };
    move(operation["channel"]);
    for (Json& message : operation["messages"]) move(message);
    return operation;
}

Response described(const Request& request, const std::string& text) {
    Response response = json_response(200, text);
    compress(request, response);
    return response;
}

}  // namespace

std::string openapi_json(std::string_view version) {
    Json document = Json::parse(openapi_text());
    document["info"]["version"] = version;
    describe_errors(document);
    Json paths = document["paths"];
    for (const auto& [path, place] : document["paths"].items()) {
        if (!is_of_a_namespace(path)) continue;
        paths["/v1/ns/{namespace}" + path.substr(3)] = in_namespace(place);
    }
    document["paths"] = std::move(paths);
    return document.dump(1) + "\n";
}

std::string asyncapi_json(std::string_view version) {
    Json document = Json::parse(asyncapi_text());
    document["info"]["version"] = version;
    // Events look alike however they come: one description of them.
    const Json openapi = Json::parse(openapi_text());
    for (const char* name : {"Event", "CloudEvent", "RemovedEvents", "Problem"}) {
        document["components"]["schemas"][name] = openapi["components"]["schemas"][name];
    }
    Json channels = document["channels"];
    Json operations = document["operations"];
    constexpr std::string_view kOfNamespace = "In";
    for (const auto& [name, channel] : document["channels"].items()) {
        channels[name + std::string(kOfNamespace)] = channel_in_namespace(channel);
    }
    for (const auto& [name, operation] : document["operations"].items()) {
        const std::string from = operation["channel"]["$ref"].get<std::string>().substr(11);
        const std::string to = from + std::string(kOfNamespace);
        operations[name + std::string(kOfNamespace)] = moved(operation, from, to);
    }
    document["channels"] = std::move(channels);
    document["operations"] = std::move(operations);
    return document.dump(1) + "\n";
}

void add_description_routes(Router& router, std::string_view version) {
    router.add_plain(
        "GET",
        "/openapi.json",
        [text = openapi_json(version)](const Request& request) { return described(request, text); }
    );
    router.add_plain(
        "GET",
        "/asyncapi.json",
        [text = asyncapi_json(version)](const Request& request) { return described(request, text); }
    );
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
