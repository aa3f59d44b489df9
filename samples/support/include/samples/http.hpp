// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "samples/target.hpp"

namespace samples {

/// A request as a handler sees it: read whole, target decoded.
struct HttpRequest {
    std::string method;
    Target target;
    std::map<std::string, std::string, std::less<>> fields;  ///< names in lower case
    std::string body;

    /// Value of a header field; empty where there is none.
    [[nodiscard]] std::string_view field(std::string_view lower_case_name) const;
    /// Value of a parameter; empty where there is none.
    [[nodiscard]] std::string_view parameter(std::string_view name) const;
};

/// What a handler answers.
struct HttpAnswer {
    unsigned status = 200;
    std::string body = {};
    std::string content_type = "application/json";
    std::vector<std::pair<std::string, std::string>> fields = {};
};

/// JSON as an answer. Bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] HttpAnswer json_answer(unsigned status, const nlohmann::json& value);

/// A refusal, in RFC 9457's form (application/problem+json) and in the older one of eskit's users
/// service in the same object: `error` is the code once more, `message` the detail. `more` adds
/// members.
[[nodiscard]] HttpAnswer problem(
    unsigned status,
    std::string_view code,
    std::string_view message,
    const nlohmann::json& more = nlohmann::json::object()
);

/// 415, with what is taken instead, where the body is said to be something else than JSON; nothing:
/// it is said to be JSON (application/json, or application/…+json), or nothing is said of it.
[[nodiscard]] std::optional<HttpAnswer> refusal_unless_json(const HttpRequest& request);

}  // namespace samples
