// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "samples/http.hpp"

#include <boost/beast/http/status.hpp>

namespace samples {
namespace {

using nlohmann::json;

std::string text_of(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// A media type without its parameters, in lower case.
std::string media_type(std::string_view content_type) {
    std::string type(content_type.substr(0, content_type.find(';')));
    while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
    for (char& sign : type) {
        if (sign >= 'A' && sign <= 'Z') sign = static_cast<char>(sign - 'A' + 'a');
    }
    return type;
}

}  // namespace

std::string_view HttpRequest::field(std::string_view lower_case_name) const {
    const auto found = fields.find(lower_case_name);
    return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view HttpRequest::parameter(std::string_view name) const {
    const auto found = target.query.find(name);
    return found == target.query.end() ? std::string_view() : std::string_view(found->second);
}

HttpAnswer json_answer(unsigned status, const json& value) {
    return {.status = status, .body = text_of(value)};
}

HttpAnswer problem(
    unsigned status, std::string_view code, std::string_view message, const json& more
) {
    const auto title = boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(status)
    );
    json body = {
        {"type", "about:blank"},
        {"title", std::string(title.data(), title.size())},
        {"status", status},
        {"detail", message},
        {"code", code},
        {"error", code},
        {"message", message},
    };
    body.update(more);
    return {.status = status, .body = text_of(body), .content_type = "application/problem+json"};
}

std::optional<HttpAnswer> refusal_unless_json(const HttpRequest& request) {
    const std::string_view content_type = request.field("content-type");
    const std::string type = media_type(content_type);
    const bool is_json = type == "application/json" ||
                         (type.starts_with("application/") && type.ends_with("+json"));
    if (content_type.empty() || is_json) return std::nullopt;
    HttpAnswer answer = problem(
        415,
        "unsupported_media_type",
        "the body is said to be \"" + std::string(content_type) +
            "\": send JSON, and say Content-Type: application/json"
    );
    answer.fields.emplace_back("Accept", "application/json");
    return answer;
}

}  // namespace samples
