// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "annals/base/error.hpp"

namespace annals::http_door::detail {

/// A request as routes see it: no Beast, so that a route is a function of plain values.
struct Request {
    std::string method;  ///< "GET"; HEAD arrives at routes as GET
    std::string path;    ///< percent-decoded, begins with a slash
    std::string query;   ///< as sent, without the question mark
    std::string body;
};

struct Header {
    std::string name;
    std::string value;
};

struct Response {
    int status = 200;
    std::string content_type;
    std::string body;
    std::vector<Header> headers;
};

struct Target {
    std::string path;
    std::string query;
};

/// The target of a request line (RFC 9112 3.2): origin form, or absolute form, whose host is
/// dropped. Nothing when it is neither, when a percent sign is followed by no two hex digits, or
/// when the path would hold a NUL.
std::optional<Target> parse_target(std::string_view target);

/// "Not Found"
std::string_view status_phrase(int status);

/// RFC 9457 of what HTTP alone explains: type about:blank, the title is the status' phrase.
Response problem(int status, std::string_view detail, std::string_view instance);
/// RFC 9457 of an error of the catalogue, with code, fields and retry advice.
Response problem(const Error& error, std::string_view instance);

Response json_response(int status, std::string body);
Response text_response(int status, std::string body);

}  // namespace annals::http_door::detail
