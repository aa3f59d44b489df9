// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/model/refusals.hpp"

#include <string>

#include "annals/model/names.hpp"

namespace annals::model {

Error refused(std::string_view field, std::string_view value, std::string_view rule) {
    std::string message(field);
    message.append(" \"").append(shown(value)).append("\" is not acceptable: ").append(rule);
    return Error(ErrorCode::kInvalidArgument, std::move(message))
        .with("field", field)
        .with("value", shown(value))
        .with("rule", rule);
}

Error too_large(
    std::string_view field, std::size_t value, std::size_t limit, std::string_view unit
) {
    std::string message(field);
    message.append(" has ").append(std::to_string(value)).append(" ").append(unit);
    message.append(", at most ").append(std::to_string(limit)).append(" are taken");
    return Error(ErrorCode::kLimitExceeded, std::move(message))
        .with("field", field)
        .with("value", std::to_string(value))
        .with("limit", std::to_string(limit));
}

}  // namespace annals::model
