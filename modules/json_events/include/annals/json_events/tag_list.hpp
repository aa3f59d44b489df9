// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

#include "annals/model/event.hpp"

namespace annals::json_events {

/// Tags as one text, separated by commas; `%2C` and `%25` stand for comma and percent sign: the
/// attribute `tags` of a CloudEvent, the column of a CSV file.
std::string joined_tags(const model::NewEvent& event);

/// One tag of such a text with its comma and percent signs back.
std::string decoded_tag(std::string_view tag);

/// Calls `visit(part)` for each part of a text between commas; parts are still encoded.
template <typename Visit>
void for_each_tag(std::string_view text, Visit visit) {
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        visit(text.substr(0, comma));
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    }
}

}  // namespace annals::json_events
