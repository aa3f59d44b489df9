// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/interchange/selection.hpp"

#include "annals/json_events/json_text.hpp"

namespace annals::interchange {
namespace {

void append_list(std::string& out, char name, const std::vector<std::string>& list) {
    out.push_back(name);
    for (const std::string& text : list) json_events::append_string(out, text);
}

void append_time(std::string& out, char name, TimeNs time) {
    out.push_back(name);
    if (time.value != 0) json_events::append_number(out, time.value);
}

}  // namespace

std::string Selection::to_string() const {
    std::string out;
    append_list(out, 'n', {stream});
    append_list(out, 'c', filter.categories);
    append_list(out, 't', filter.types);
    append_list(out, 'p', filter.stream_prefixes);
    append_list(out, 'g', filter.tags);
    append_list(out, 'm', {filter.stream_pattern, filter.type_pattern});
    out += filter.include_system ? "s1" : "s0";
    append_time(out, 'a', filter.recorded_since);
    append_time(out, 'b', filter.recorded_until);
    return out;
}

}  // namespace annals::interchange
