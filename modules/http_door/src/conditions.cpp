// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "conditions.hpp"

#include <charconv>
#include <cstdint>

#include "parameters.hpp"

namespace annals::http_door::detail {
namespace {

/// `"r19"`, as in ETag.
Result<model::ExpectedRevision> parse_if_match(std::string_view text) {
    if (text == "*") return model::ExpectedRevision::exists();
    std::uint64_t revision = 0;
    if (text.size() > 3 && text.starts_with("\"r") && text.ends_with('"')) {
        const char* begin = text.data() + 2;
        const char* end = text.data() + text.size() - 1;
        const auto [at, error] = std::from_chars(begin, end, revision);
        if (error == std::errc() && at == end)
            return model::ExpectedRevision::exactly(Revision(revision));
    }
    return bad_parameter("If-Match", text, "\"r<revision>\" as ETag gives it, or *");
}

}  // namespace

Result<Conditions> conditions_of(const Request& request) {
    Conditions conditions;
    const std::string_view if_match = request.header("If-Match");
    const std::string_view if_none_match = request.header("If-None-Match");
    if (!if_match.empty()) {
        ANNALS_TRY(conditions.expected, parse_if_match(if_match));
    }
    if (!if_none_match.empty()) {
        if (if_none_match != "*") return bad_parameter("If-None-Match", if_none_match, "*");
        if (conditions.expected)
            return bad_parameter("If-None-Match", if_none_match, "left out beside If-Match");
        conditions.expected = model::ExpectedRevision::no_stream();
    }
    std::string_view key = request.header("Idempotency-Key");
    // A structured header has its text in quotes; most clients leave them out.
    if (key.size() >= 2 && key.front() == '"' && key.back() == '"')
        key = key.substr(1, key.size() - 2);
    conditions.idempotency_key = key;
    return conditions;
}

std::string etag_of(Revision revision) { return "\"r" + std::to_string(revision.value) + "\""; }

}  // namespace annals::http_door::detail
