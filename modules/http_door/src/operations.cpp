// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "operations.hpp"

#include <nlohmann/json.hpp>

namespace annals::http_door::detail {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kIndexPage = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>annals</title></head><body>
<h1>annals</h1>
<ul>
<li><a href="/docs">/docs</a>: the reference, from <a href="/openapi.json">/openapi.json</a>;
<a href="/asyncapi.json">/asyncapi.json</a> describes feeds and the websocket</li>
<li><a href="/v1/events">/v1/events</a>, <a href="/v1/streams">/v1/streams</a>,
<a href="/v1/categories">/v1/categories</a>, <a href="/v1/types">/v1/types</a>,
<a href="/v1/info">/v1/info</a></li>
<li><a href="/health/live">/health/live</a> is the process there?</li>
<li><a href="/health/ready">/health/ready</a> can it serve, and in what state is it?</li>
<li><a href="/metrics">/metrics</a> for Prometheus</li>
<li><a href="/version">/version</a></li>
<li><a href="/v1/healtz">/v1/healtz</a> for eskit's clients</li>
</ul>
</body></html>
)";

std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Response ready_response(const Readiness& readiness, const Request& request) {
    if (!readiness.is_ready) {
        const Error error(
            ErrorCode::kUnavailable,
            readiness.reason.empty() ? "the server is " + readiness.state : readiness.reason
        );
        Response response = problem(error, request);
        Json json = Json::parse(response.body);
        json["state"] = readiness.state;
        response.body = dump(json) + "\n";
        return response;
    }
    Json json{{"status", "ready"}, {"state", readiness.state}};
    if (!readiness.reason.empty()) json["reason"] = readiness.reason;
    return json_response(200, dump(json) + "\n");
}

/// As grpc-gateway 1.16 answers for eskit's event store, or when its backend is away.
Response healtz_response(const Readiness& readiness) {
    Response response = json_response(200, R"({"message":"OK"})");
    if (!readiness.is_ready) {
        const std::string& why = readiness.reason.empty() ? readiness.state : readiness.reason;
        response = json_response(503, dump(Json{{"error", why}, {"code", 14}, {"message", why}}));
    }
    response.headers.push_back({"Grpc-Metadata-Content-Type", "application/grpc"});
    return response;
}

Response version_response(const VersionInfo& version) {
    Json json{{"name", "annals"}, {"version", version.version}};
    if (!version.commit.empty()) json["commit"] = version.commit;
    if (!version.compiler.empty()) json["compiler"] = version.compiler;
    return json_response(200, dump(json) + "\n");
}

}  // namespace

void add_operations_routes(Router& router, Desk& desk, const HttpHandlers& handlers) {
    router.add_plain("GET", "/", [](const Request&) {
        return Response{200, "text/html; charset=utf-8", std::string(kIndexPage), {}, {}, {}};
    });
    router.add_plain("GET", "/health/live", [](const Request&) {
        return json_response(200, "{\"status\":\"live\"}\n");
    });
    router.add_plain("GET", "/health/ready", [&handlers](const Request& request) {
        return ready_response(handlers.readiness(), request);
    });
    // What is looked up for a scrape may need the disk.
    router.add("GET", "/metrics", [&desk, &handlers](Exchange& exchange) {
        const bool is_taken = desk.readers.post([&exchange, &handlers] {
            const std::string_view type = telemetry::Metrics::kContentType;
            exchange.answer({200, std::string(type), handlers.metrics_text(), {}, {}, {}});
        });
        if (!is_taken) exchange.fail(Desk::workers_busy());
    });
    router.add_plain("GET", "/version", [&handlers](const Request&) {
        return version_response(handlers.version);
    });
    router.add_plain("GET", "/v1/healtz", [&handlers](const Request&) {
        return healtz_response(handlers.readiness());
    });
    router.set_method_not_allowed("/v1/healtz", text_response(405, "Method Not Allowed\n"));
}

}  // namespace annals::http_door::detail
