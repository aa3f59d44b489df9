// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "conditions.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>

#include <boost/beast/core/string.hpp>

#include "parameters.hpp"

namespace annals::http_door::detail {
namespace {

/// `"r19"`, as in ETag; nothing where it is none.
template <typename Number>
std::optional<Number> number_in_etag(std::string_view text, char letter) {
    Number number = 0;
    const bool has_form = text.size() > 3 && text.front() == '"' && text[1] == letter &&
                          text.ends_with('"');
    if (!has_form) return std::nullopt;
    const char* end = text.data() + text.size() - 1;
    const auto [at, error] = std::from_chars(text.data() + 2, end, number);
    if (error != std::errc() || at != end) return std::nullopt;
    return number;
}

Result<model::ExpectedRevision> parse_if_match(std::string_view text) {
    if (text == "*") return model::ExpectedRevision::exists();
    if (const auto revision = number_in_etag<std::uint64_t>(text, 'r')) {
        return model::ExpectedRevision::exactly(Revision(*revision));
    }
    return bad_parameter("If-Match", text, "\"r<revision>\" as ETag gives it, or *");
}

/// The value of a field that says one thing: sent twice (RFC 9110 5.2: the same as a list) nobody
/// could tell which is meant. Empty: it is not there.
Result<std::string_view> one_value_of(const Request& request, std::string_view header) {
    if (request.fields == nullptr) return std::string_view();
    std::size_t count = 0;
    std::string_view last;
    request.fields->for_each([&](std::string_view name, std::string_view value) {
        if (!boost::beast::iequals(name, header)) return;
        ++count;
        last = value;
    });
    if (count > 1) return bad_parameter(header, last, "there once");
    return request.header(header);
}

/// If-None-Match, which may only be `*`, and only alone; whether it is there.
Result<bool> must_be_new(const Request& request) {
    ANNALS_TRY(const std::string_view text, one_value_of(request, "If-None-Match"));
    if (text.empty()) return false;
    if (text != "*") return bad_parameter("If-None-Match", text, "*");
    if (!request.header("If-Match").empty()) {
        return bad_parameter("If-None-Match", text, "left out beside If-Match");
    }
    return true;
}

}  // namespace

Result<Conditions> conditions_of(const Request& request) {
    Conditions conditions;
    ANNALS_TRY(const std::string_view if_match, one_value_of(request, "If-Match"));
    if (!if_match.empty()) {
        ANNALS_TRY(conditions.expected, parse_if_match(if_match));
    }
    ANNALS_TRY(const bool is_new, must_be_new(request));
    if (is_new) conditions.expected = model::ExpectedRevision::no_stream();
    ANNALS_TRY(std::string_view key, one_value_of(request, "Idempotency-Key"));
    // A structured header has its text in quotes; most clients leave them out.
    if (key.size() >= 2 && key.front() == '"' && key.back() == '"')
        key = key.substr(1, key.size() - 2);
    conditions.idempotency_key = key;
    return conditions;
}

Error no_precondition(const Request& request, std::string_view header, std::string_view why) {
    return bad_parameter(header, request.header(header), "left out: " + std::string(why));
}

Status no_preconditions(const Request& request, std::string_view why) {
    for (const std::string_view header : {"If-Match", "If-None-Match"}) {
        if (!request.header(header).empty()) return no_precondition(request, header, why);
    }
    return ok();
}

Result<VersionConditions> version_conditions_of(const Request& request) {
    VersionConditions conditions;
    ANNALS_TRY(const std::string_view if_match, one_value_of(request, "If-Match"));
    conditions.must_exist = if_match == "*";
    if (!if_match.empty() && !conditions.must_exist) {
        conditions.expected = number_in_etag<std::uint32_t>(if_match, 'v');
        if (!conditions.expected) {
            return bad_parameter("If-Match", if_match, "\"v<version>\" as ETag gives it, or *");
        }
    }
    ANNALS_TRY(conditions.must_be_new, must_be_new(request));
    return conditions;
}

std::string etag_of_version(std::uint32_t version) {
    return "\"v" + std::to_string(version) + "\"";
}

std::string etag_of(Revision revision) { return "\"r" + std::to_string(revision.value) + "\""; }

}  // namespace annals::http_door::detail
