// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/tag_list.hpp"

namespace annals::json_events {

std::string joined_tags(const model::NewEvent& event) {
    std::string out;
    for (const std::string_view tag : event.tags) {
        if (!out.empty()) out.push_back(',');
        for (const char c : tag) {
            if (c == ',') {
                out += "%2C";
            } else if (c == '%') {
                out += "%25";
            } else {
                out.push_back(c);
            }
        }
    }
    return out;
}

std::string decoded_tag(std::string_view tag) {
    std::string out;
    for (std::size_t i = 0; i < tag.size(); ++i) {
        const std::string_view code = tag.substr(i, 3);
        if (code == "%2C" || code == "%2c" || code == "%25") {
            out.push_back(code == "%25" ? '%' : ',');
            i += 2;
        } else {
            out.push_back(tag[i]);
        }
    }
    return out;
}

}  // namespace annals::json_events
