// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "where.hpp"

#include "annals/model/names.hpp"

namespace annals::json_events {

std::string Where::text() const {
    std::string out = parent != nullptr ? parent->text() : std::string();
    if (index != kNoIndex) return out + "[" + std::to_string(index) + "]";
    if (!out.empty() && !name.empty()) out.push_back(parent->joint);
    out += name;
    return out;
}

Error not_acceptable(const Where& where, std::string_view value, std::string_view rule) {
    std::string field = where.text();
    if (field.empty()) field = "body";
    const std::string shown = model::shown(value);
    return Error(
               ErrorCode::kInvalidArgument,
               field + " is not acceptable: " + shown + "; it must be " + std::string(rule)
    )
        .with("field", field)
        .with("value", shown)
        .with("rule", rule);
}

}  // namespace annals::json_events
