// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "user_json.hpp"

#include <utility>

#include "refused.hpp"

namespace users {
namespace {

using nlohmann::json;

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
    try {
        return document.get<ProfileChange>();
    } catch (const json::exception&) {
        throw Refused(
            Reason::kInvalid,
            "email, firstName and lastName are texts, active is true or false, workspaces a list "
            "of texts"
        );
    }
}

}  // namespace users
