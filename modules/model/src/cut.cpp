// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/model/cut.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace annals::model {

Cut joined(const Cut& one, const Cut& other) {
    return {
        std::max(one.position, other.position), std::max(one.removed_before, other.removed_before)
    };
}

std::string cut_to_json(const Cut& cut) {
    return "{\"position\":" + std::to_string(cut.position.value) +
           ",\"removed_before\":" + std::to_string(cut.removed_before.value) + "}";
}

std::optional<Cut> parse_cut(std::string_view json) {
    const auto parsed = nlohmann::json::parse(json, nullptr, false);
    if (!parsed.is_object()) return std::nullopt;
    const auto position = parsed.find("position");
    const auto removed_before = parsed.find("removed_before");
    if (position == parsed.end() || !position->is_number_unsigned() ||
        removed_before == parsed.end() || !removed_before->is_number_integer()) {
        return std::nullopt;
    }
    return Cut{
        Position(position->get<std::uint64_t>()), TimeNs(removed_before->get<std::int64_t>())
    };
}

}  // namespace annals::model
