// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "where.hpp"

#include <utility>

#include "annals/model/names.hpp"

namespace annals::json_events {
namespace {

std::string field_at(const Where& where) {
    std::string field = where.text();
    return field.empty() ? "body" : field;
}

Error without_value(const Where& where, std::string_view what, std::string_view rule) {
    const std::string field = field_at(where);
    std::string message = field;
    message.append(what).append(rule);
    return Error(ErrorCode::kInvalidArgument, std::move(message))
        .with("field", field)
        .with("rule", rule);
}

}  // namespace

std::string Where::text() const {
    std::string out = parent != nullptr ? parent->text() : std::string();
    if (index != kNoIndex) return out + "[" + std::to_string(index) + "]";
    if (!out.empty() && !name.empty()) out.push_back(parent->joint);
    out += name;
    return out;
}

Error not_acceptable(const Where& where, std::string_view value, std::string_view rule) {
    const std::string field = field_at(where);
    const std::string shown = model::shown(value);
    return Error(
               ErrorCode::kInvalidArgument,
               field + " is not acceptable: " + shown + "; it must be " + std::string(rule)
    )
        .with("field", field)
        .with("value", shown)
        .with("rule", rule);
}

Error not_acceptable(const Where& where, std::string_view rule) {
    return without_value(where, " is not acceptable: it must be ", rule);
}

Error left_out(const Where& where, std::string_view rule) {
    return without_value(where, " is left out: it must be ", rule);
}

}  // namespace annals::json_events
