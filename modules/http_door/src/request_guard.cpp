// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "request_guard.hpp"

#include <algorithm>
#include <array>

#include <boost/beast/core/string.hpp>

#include "parameters.hpp"

namespace annals::http_door::detail {
namespace {

/// Header fields that decide what a request does: never empty.
constexpr std::array<std::string_view, 3> kDecisive{"If-Match", "If-None-Match", "Idempotency-Key"};

std::optional<Response> refused_origin(
    const Request& request, const std::vector<std::string>& allowed
) {
    const std::string_view origin = request.header("Origin");
    if (is_allowed_origin(origin, request.header("Host"), allowed)) return std::nullopt;
    return problem(
        Error(
            ErrorCode::kNotPermitted,
            "pages of this origin may change nothing here: add it to http.origins"
        )
            .with("field", "Origin")
            .with("value", origin.substr(0, 256)),
        request
    );
}

/// Visits the members of a field that is a list (RFC 9110 5.6.1), over all its lines.
template <typename Visit>
void for_each_member(const HeaderFields& fields, std::string_view field, Visit visit) {
    fields.for_each([&](std::string_view name, std::string_view value) {
        if (!boost::beast::iequals(name, field)) return;
        while (!value.empty()) {
            const std::size_t comma = std::min(value.find(','), value.size());
            std::string_view member = value.substr(0, comma);
            value.remove_prefix(std::min(comma + 1, value.size()));
            while (member.starts_with(' ') || member.starts_with('\t')) member.remove_prefix(1);
            while (member.ends_with(' ') || member.ends_with('\t')) member.remove_suffix(1);
            if (!member.empty()) visit(member);
        }
    });
}

std::optional<Response> refused_coding(const Request& request) {
    if (request.fields == nullptr) return std::nullopt;
    bool is_packed = false;
    for_each_member(*request.fields, "Content-Encoding", [&](std::string_view coding) {
        if (!boost::beast::iequals(coding, "identity")) is_packed = true;
    });
    if (!is_packed) return std::nullopt;
    Response response = problem(
        415, "the body is packed (Content-Encoding): send it as it is", request
    );
    response.headers.push_back({"Accept-Encoding", "identity"});
    return response;
}

std::optional<Response> refused_empty(const Request& request) {
    if (request.fields == nullptr) return std::nullopt;
    std::string_view empty;
    request.fields->for_each([&](std::string_view name, std::string_view value) {
        if (!value.empty()) return;
        for (const std::string_view decisive : kDecisive) {
            if (boost::beast::iequals(name, decisive)) empty = decisive;
        }
    });
    if (empty.empty()) return std::nullopt;
    return problem(bad_parameter(empty, "", "left out, or not empty"), request);
}

}  // namespace

std::optional<Response> refused_at_the_door(
    const Request& request, const std::vector<std::string>& allowed_origins
) {
    if (request.method == "GET" || request.method == "HEAD") return std::nullopt;
    if (auto refusal = refused_origin(request, allowed_origins)) return refusal;
    if (auto refusal = refused_empty(request)) return refusal;
    return refused_coding(request);
}

std::optional<Response> refused_transfer_coding(const HeaderFields& fields, bool is_http_1_0) {
    bool is_there = false;
    fields.for_each([&](std::string_view name, std::string_view /*value*/) {
        if (boost::beast::iequals(name, "Transfer-Encoding")) is_there = true;
    });
    if (!is_there) return std::nullopt;
    std::size_t chunked = 0;
    std::string_view other;
    for_each_member(fields, "Transfer-Encoding", [&](std::string_view coding) {
        if (boost::beast::iequals(coding, "chunked")) {
            ++chunked;
        } else {
            other = coding;
        }
    });
    Request request;
    request.fields = &fields;  // of its trace
    if (!other.empty()) {
        return problem(
            501,
            "content does not come as " + std::string(other.substr(0, 64)) +
                ": this door knows the transfer coding chunked alone",
            request
        );
    }
    if (is_http_1_0) {
        return problem(400, "HTTP/1.0 has no transfer codings: say Content-Length", request);
    }
    if (chunked == 1) return std::nullopt;
    return problem(400, "Transfer-Encoding is chunked, once, or not there", request);
}

bool is_allowed_origin(
    std::string_view origin, std::string_view host, const std::vector<std::string>& allowed
) {
    if (origin.empty()) return true;
    if (std::find(allowed.begin(), allowed.end(), origin) != allowed.end()) return true;
    const std::size_t slashes = origin.find("://");
    return slashes != std::string_view::npos && !host.empty() && origin.substr(slashes + 3) == host;
}

}  // namespace annals::http_door::detail
