// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "log_line.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include <nlohmann/json.hpp>

namespace annals::telemetry::detail {
namespace {

std::string json_text(std::string_view text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool needs_quotes(std::string_view text) {
    return text.empty() || std::any_of(text.begin(), text.end(), [](char c) {
               return static_cast<unsigned char>(c) <= 0x20u || c == '"' || c == '=' || c == 0x7F;
           });
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20u || c == 0x7F;
    });
}

std::string number_text(double number) {
    if (!std::isfinite(number)) return std::isnan(number) ? "nan" : (number > 0 ? "inf" : "-inf");
    return nlohmann::json(number).dump();
}

std::string value_text(const LogField::Value& value, bool is_json) {
    return std::visit(
        [is_json](const auto& v) -> std::string {
            using T = std::decay_t<decltype(v)>;
            if constexpr (std::is_same_v<T, std::string_view>) {
                return is_json || needs_quotes(v) ? json_text(v) : std::string(v);
            } else if constexpr (std::is_same_v<T, bool>) {
                return v ? "true" : "false";
            } else if constexpr (std::is_same_v<T, double>) {
                return is_json && !std::isfinite(v) ? json_text(number_text(v)) : number_text(v);
            } else {
                return std::to_string(v);
            }
        },
        value
    );
}

}  // namespace

std::string human_text(std::string_view event, std::span<const LogField> fields) {
    std::string out = has_control(event) ? json_text(event) : std::string(event);
    std::string_view gap = "  ";
    for (const LogField& field : fields) {
        out.append(gap).append(field.name()).append("=").append(value_text(field.value(), false));
        gap = " ";
    }
    return out;
}

std::string json_members(std::string_view event, std::span<const LogField> fields) {
    std::string out = "\"event\":" + json_text(event);
    for (const LogField& field : fields) {
        std::string name(field.name());
        if (name == "time" || name == "level" || name == "event") name += '_';
        out.append(",").append(json_text(name)).append(":").append(value_text(field.value(), true));
    }
    return out;
}

}  // namespace annals::telemetry::detail
