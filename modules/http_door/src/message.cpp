// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "message.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "annals/base/trace_id.hpp"
#include "annals/json_events/answer_json.hpp"
#include "annals/json_events/event_json.hpp"
#include "annals/model/append.hpp"
#include "annals/telemetry/logging.hpp"

#include "sent_names.hpp"

namespace annals::http_door::detail {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// What has no place in a URI (RFC 3986) is percent-encoded, the rest stays as it came.
void append_as_uri(std::string& out, char c) {
    constexpr std::string_view kNever = "\"<>\\^`{|}";
    if (c > ' ' && c < '\x7F' && kNever.find(c) == std::string_view::npos) {
        out.push_back(c);
    } else {
        json_events::append_percent_encoded(out, std::string_view(&c, 1));
    }
}

Response plain_problem(
    int status, std::string_view detail, std::string_view instance, std::string_view trace_id
) {
    Json json{
        {"type", "about:blank"},
        {"title", status_phrase(status)},
        {"status", status},
        {"detail", detail},
    };
    if (!instance.empty()) json["instance"] = instance;
    json["trace_id"] = trace_id;
    return {status, "application/problem+json", dump(json) + "\n", {}, {}, {}};
}

Json problem_of(
    const Error& error, std::string_view instance, std::string_view trace_id, int status
) {
    const ErrorInfo& info = error.info();
    Json json{
        {"type", "urn:annals:error:" + std::string(info.name)},
        {"title", info.sentence},
        {"status", status == 0 ? info.http_status : status},
        {"detail", error.message()},
    };
    if (!instance.empty()) json["instance"] = instance;
    json["code"] = info.name;
    json["retryable"] = info.retry != "never";
    for (const ErrorField& field : error.fields()) json["fields"][field.name] = field.value;
    if (const auto* conflict = error.details<model::ConflictDetails>()) {
        std::string checks;
        json_events::append_failed_checks(checks, conflict->failed_checks);
        json["failed_checks"] = Json::parse(checks);
        for (const model::FailedCheck& check : conflict->failed_checks) {
            if (!check.current_revision) continue;
            json["current_revision"] = check.current_revision->value;
            break;
        }
    }
    json["trace_id"] = trace_id;
    return json;
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\0') return std::nullopt;
        if (text[i] != '%') {
            out.push_back(text[i]);
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const int high = hex_digit(text[i + 1]);
        const int low = hex_digit(text[i + 2]);
        if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
        out.push_back(static_cast<char>(high * 16 + low));
        i += 2;
    }
    return out;
}

std::optional<Target> parse_target(std::string_view target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!target.starts_with(scheme)) continue;
        const std::size_t end = target.find_first_of("/?", scheme.size());
        if (end == std::string_view::npos) return Target{"/", "/", {}, ""};
        if (target[end] == '?') return Target{"/", "/", {}, std::string(target.substr(end + 1))};
        target.remove_prefix(end);
        break;
    }
    if (!target.starts_with('/')) return std::nullopt;
    Target out;
    const std::size_t question = target.find('?');
    if (question != std::string_view::npos) out.query = target.substr(question + 1);
    std::string_view path = target.substr(0, question);
    out.sent_path.reserve(path.size());
    for (const char c : path) append_as_uri(out.sent_path, c);
    out.path.reserve(path.size());
    out.segments.reserve(static_cast<std::size_t>(std::count(path.begin(), path.end(), '/')));
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::size_t end = std::min(path.find('/'), path.size());
        std::optional<std::string> segment = percent_decoded(path.substr(0, end));
        if (!segment) return std::nullopt;
        out.path += '/';
        out.path += *segment;
        out.segments.push_back(std::move(*segment));
        path.remove_prefix(end);
    }
    if (out.segments.size() == 1 && out.segments.front().empty()) out.segments.clear();
    return out;
}

std::string_view status_phrase(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 101:
            return "Switching Protocols";
        case 201:
            return "Created";
        case 204:
            return "No Content";
        case 304:
            return "Not Modified";
        case 400:
            return "Bad Request";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 415:
            return "Unsupported Media Type";
        case 422:
            return "Unprocessable Content";
        case 426:
            return "Upgrade Required";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        case 507:
            return "Insufficient Storage";
        default:
            return "Error";
    }
}

std::string trace_id_of(const Request& request) {
    const std::string_view trace_id = trace_id_in(request.header("traceparent"));
    return trace_id.empty() ? make_trace_id() : std::string(trace_id);
}

Response problem(int status, std::string_view detail, const Request& request) {
    return plain_problem(status, detail, request.sent_path, trace_id_of(request));
}

Response upgrade_required(std::string_view detail, const Request& request) {
    Response response = problem(426, detail, request);
    response.headers.push_back({"Upgrade", "websocket"});
    return response;
}

std::string problem_json(const Error& error, std::string_view trace_id) {
    return dump(problem_of(error, "", trace_id, 0));
}

Response problem(const Error& error, const Request& request, int status) {
    // Checks are told by their places; what names a field may have another name here.
    const bool has_details = error.details<model::ConflictDetails>() != nullptr;
    return problem_of_content(has_details ? error : as_sent(error, request), request, status);
}

Response problem_of_content(const Error& error, const Request& request, int status) {
    const Json json = problem_of(error, request.sent_path, trace_id_of(request), status);
    Response response{
        status == 0 ? error.info().http_status : status,
        "application/problem+json",
        dump(json) + "\n",
        {},
        {},
        {}
    };
    if (error.info().retry == "later") response.headers.push_back({"Retry-After", "1"});
    return response;
}

Response thrown(const Request& request, std::string_view what) {
    const std::string trace_id = trace_id_of(request);
    telemetry::log_error(
        "http route threw", {{"path", request.path}, {"what", what}, {"trace_id", trace_id}}
    );
    return plain_problem(500, "the server's log has the details", request.sent_path, trace_id);
}

Response json_response(int status, std::string body) {
    return {status, "application/json", std::move(body), {}, {}, {}};
}

Response text_response(int status, std::string body) {
    return {status, "text/plain; charset=utf-8", std::move(body), {}, {}, {}};
}

}  // namespace annals::http_door::detail
