// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "parameters.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "annals/model/names.hpp"

#include "message.hpp"

namespace annals::http_door::detail {
namespace {

Result<std::string> decoded(std::string_view text) {
    std::string plain(text);
    std::replace(plain.begin(), plain.end(), '+', ' ');
    std::optional<std::string> value = percent_decoded(plain);
    if (!value) {
        return bad_parameter("query", text, "percent-encoded: % and two hex digits, not zero");
    }
    return std::move(*value);
}

bool parse_number(std::string_view text, std::uint64_t& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Error bad_parameter(std::string_view name, std::string_view value, std::string_view rule) {
    const std::string shown = model::shown(value);
    return Error(
               ErrorCode::kInvalidArgument,
               std::string(name) + " \"" + shown + "\" is not acceptable: it must be " +
                   std::string(rule)
    )
        .with("field", name)
        .with("value", shown)
        .with("rule", rule);
}

Error bad_as_sent(const Request& request, std::string_view name, std::string_view rule) {
    std::vector<std::string> sent;
    if (Result<Parameters> parameters = Parameters::parse(request.query))
        sent = parameters->texts(name);
    return bad_parameter(name, sent.empty() ? request.header(name) : sent.front(), rule);
}

Error left_out(std::string_view name, std::string_view rule) {
    std::string message(name);
    message.append(" is left out: it must be ").append(rule);
    return Error(ErrorCode::kInvalidArgument, std::move(message))
        .with("field", name)
        .with("rule", rule);
}

Result<Parameters> Parameters::parse(std::string_view query) {
    Parameters out;
    const std::string_view whole = query;
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view item = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (item.empty()) continue;
        if (out.all_.size() == kParametersMax)
            return bad_parameter("query", whole, "at most 256 parameters");
        const std::size_t equals = std::min(item.find('='), item.size());
        One& one = out.all_.emplace_back();
        ANNALS_TRY(one.name, decoded(item.substr(0, equals)));
        if (one.name.empty()) return bad_parameter("query", item, "name=value pairs");
        if (equals < item.size()) {
            ANNALS_TRY(one.value, decoded(item.substr(equals + 1)));
        }
    }
    return out;
}

Result<std::optional<std::string>> Parameters::text(std::string_view name) {
    known_.push_back(name);
    std::optional<std::string> found;
    for (One& one : all_) {
        if (one.name != name) continue;
        if (found) return bad_parameter(name, one.value, "there once");
        found = std::move(one.value);
        one.is_taken = true;
    }
    return found;
}

std::vector<std::string> Parameters::texts(std::string_view name) {
    known_.push_back(name);
    std::vector<std::string> found;
    for (One& one : all_) {
        if (one.name != name) continue;
        found.push_back(std::move(one.value));
        one.is_taken = true;
    }
    return found;
}

Result<std::optional<std::uint64_t>> Parameters::number(std::string_view name, std::uint64_t max) {
    ANNALS_TRY(const std::optional<std::string> found, text(name));
    if (!found) return std::optional<std::uint64_t>();
    std::uint64_t number = 0;
    if (!parse_number(*found, number) || number > max)
        return bad_parameter(name, *found, "a number, 0 to " + std::to_string(max));
    return std::optional(number);
}

Result<std::optional<std::uint32_t>> Parameters::limit(std::uint32_t max, std::uint32_t taken_max) {
    ANNALS_TRY(const std::optional<std::string> found, text("limit"));
    if (!found) return std::optional<std::uint32_t>();
    std::uint64_t number = 0;
    if (!parse_number(*found, number) || number == 0 || number > taken_max)
        return bad_parameter("limit", *found, "a number, 1 to " + std::to_string(max));
    return std::optional(static_cast<std::uint32_t>(number));
}

Result<bool> Parameters::boolean(std::string_view name) {
    ANNALS_TRY(const std::optional<std::string> found, text(name));
    if (!found || *found == "false") return false;
    if (found->empty() || *found == "true") return true;
    return bad_parameter(name, *found, "true or false");
}

Result<std::optional<std::uint32_t>> Parameters::milliseconds(
    std::string_view name, std::uint32_t max
) {
    ANNALS_TRY(const std::optional<std::string> found, text(name));
    if (!found) return std::optional<std::uint32_t>();
    std::string_view digits = *found;
    std::uint64_t unit = 1'000;
    if (digits.ends_with("ms")) {
        unit = 1;
        digits.remove_suffix(2);
    } else if (digits.ends_with('s')) {
        digits.remove_suffix(1);
    } else if (digits.ends_with('m')) {
        unit = 60'000;
        digits.remove_suffix(1);
    }
    std::uint64_t number = 0;
    if (!parse_number(digits, number) || number > max / unit) {
        return bad_parameter(
            name, *found, "a time like 500ms or 20s, at most " + std::to_string(max / 1'000) + "s"
        );
    }
    return std::optional(static_cast<std::uint32_t>(number * unit));
}

Status Parameters::end() const {
    for (const One& one : all_) {
        if (one.is_taken) continue;
        std::string known;
        for (const std::string_view name : known_) {
            if (!known.empty()) known += ", ";
            known += name;
        }
        return bad_parameter(
            model::shown(one.name),
            one.value,
            known.empty() ? "left out: there are no parameters here"
                          : "left out: the parameters here are " + known
        );
    }
    return ok();
}

Status no_parameters(const Request& request) {
    ANNALS_TRY(const Parameters parameters, Parameters::parse(request.query));
    return parameters.end();
}

}  // namespace annals::http_door::detail
