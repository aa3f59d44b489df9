// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/sent_names.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace annals::json_events {

bool has_member(std::string_view json, std::string_view path) {
    const nlohmann::json root = nlohmann::json::parse(json, nullptr, false);
    const nlohmann::json* at = &root;
    while (at->is_object()) {
        const std::size_t end = std::min(path.find('.'), path.size());
        const auto found = at->find(path.substr(0, end));
        if (found == at->end()) return false;
        if (end == path.size()) return true;
        at = &*found;
        path.remove_prefix(end + 1);
    }
    return false;
}

}  // namespace annals::json_events
