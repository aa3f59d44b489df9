// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "user_json.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "refused.hpp"

namespace users {
namespace {

using nlohmann::json;

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
    json document = json::parse(body, nullptr, false);
    if (!document.is_object()) {
        throw Refused(Reason::kInvalid, "the body is not a JSON object");
    }
    for (auto member = document.begin(); member != document.end();) {
        member = member->is_null() ? document.erase(member) : std::next(member);
    }
    for (const auto& [name, value] : document.items()) check_member(name, value);
    return document.get<ProfileChange>();
}

}  // namespace users
