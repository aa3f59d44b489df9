// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "user_json.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "refused.hpp"

namespace users {
namespace {

using nlohmann::json;

/// `originator` goes with a user that is sent back as it was read.
constexpr std::array kMembers{
    "email", "firstName", "lastName", "active", "workspaces", "originator"
};
constexpr std::size_t kShownBytesMax = 64;

/// A member's name in a message, which is not as long as a body may be.
std::string shown(const std::string& name) {
    if (name.size() <= kShownBytesMax) return '"' + name + '"';
    return "with a name of " + std::to_string(name.size()) + " bytes";
}

/// Throws where an object names a member twice: the parser would keep the last, others the first.
json parse_once(std::string_view body) {
    std::vector<std::set<std::string>> open;
    const auto look = [&](int, json::parse_event_t event, const json& parsed) {
        if (event == json::parse_event_t::object_start) open.emplace_back();
        if (event == json::parse_event_t::object_end) open.pop_back();
        if (event == json::parse_event_t::key &&
            !open.back().insert(parsed.get<std::string>()).second) {
            throw Refused(
                Reason::kInvalid,
                "the member " + shown(parsed.get<std::string>()) + " is given twice: give it once"
            );
        }
        return true;
    };
    return json::parse(body, look, false);
}

void check_known(const std::string& name) {
    if (std::ranges::find(kMembers, name) != kMembers.end()) return;
    throw Refused(
        Reason::kInvalid,
        "there is no member " + shown(name) +
            ": give email, firstName, lastName, active, workspaces"
    );
}

bool is_texts(const json& value) {
    return value.is_array() &&
           std::ranges::all_of(value, [](const json& each) { return each.is_string(); });
}

/// Throws where a member that a user has is of another type.
void check_member(const std::string& name, const json& value) {
    const auto refuse = [&](const char* wanted) {
        throw Refused(
            Reason::kInvalid, name + " is " + value.type_name() + ": give " + std::string(wanted)
        );
    };
    const bool is_text = name == "email" || name == "firstName" || name == "lastName";
    if (is_text && !value.is_string()) refuse("a text");
    if (name == "active" && !value.is_boolean()) refuse("true or false");
    if (name == "workspaces" && !is_texts(value)) refuse("a list of texts");
}

}  // namespace

json json_of(const User& user) {
    json made = user.profile;
    made["originator"] = originator_json(user.id, user.version);
    return made;
}

json originator_json(const std::string& id, std::uint64_t version) {
    return {{"id", id}, {"version", version}};
}

ProfileChange parse_body(std::string_view body) {
    json document = parse_once(body);
    if (!document.is_object()) {
        throw Refused(Reason::kInvalid, "the body is not a JSON object");
    }
    for (const auto& [name, value] : document.items()) check_known(name);
    for (auto member = document.begin(); member != document.end();) {
        member = member->is_null() ? document.erase(member) : std::next(member);
    }
    for (const auto& [name, value] : document.items()) check_member(name, value);
    return document.get<ProfileChange>();
}

}  // namespace users
