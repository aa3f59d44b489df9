// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "message.hpp"

#include <nlohmann/json.hpp>

namespace annals::http_door::detail {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

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

Response problem_response(int status, const Json& json) {
    return {status, "application/problem+json", dump(json), {}};
}

}  // namespace

std::optional<Target> parse_target(std::string_view target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!target.starts_with(scheme)) continue;
        const std::size_t end = target.find_first_of("/?", scheme.size());
        if (end == std::string_view::npos) return Target{"/", ""};
        if (target[end] == '?') return Target{"/", std::string(target.substr(end + 1))};
        target.remove_prefix(end);
        break;
    }
    if (!target.starts_with('/')) return std::nullopt;
    const std::size_t question = target.find('?');
    auto path = percent_decoded(target.substr(0, question));
    if (!path) return std::nullopt;
    std::string query;
    if (question != std::string_view::npos) query = target.substr(question + 1);
    return Target{std::move(*path), std::move(query)};
}

std::string_view status_phrase(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 400:
            return "Bad Request";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 413:
            return "Content Too Large";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 503:
            return "Service Unavailable";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "Error";
    }
}

Response problem(int status, std::string_view detail, std::string_view instance) {
    Json json{
        {"type", "about:blank"},
        {"title", status_phrase(status)},
        {"status", status},
        {"detail", detail},
    };
    if (!instance.empty()) json["instance"] = instance;
    return problem_response(status, json);
}

Response problem(const Error& error, std::string_view instance) {
    const ErrorInfo& info = error.info();
    Json json{
        {"type", "urn:annals:error:" + std::string(info.name)},
        {"title", info.sentence},
        {"status", info.http_status},
        {"detail", error.message()},
    };
    if (!instance.empty()) json["instance"] = instance;
    json["code"] = info.name;
    json["retryable"] = info.retry != "never";
    for (const ErrorField& field : error.fields()) json["fields"][field.name] = field.value;
    return problem_response(info.http_status, json);
}

Response json_response(int status, std::string body) {
    return {status, "application/json", std::move(body), {}};
}

Response text_response(int status, std::string body) {
    return {status, "text/plain; charset=utf-8", std::move(body), {}};
}

}  // namespace annals::http_door::detail
