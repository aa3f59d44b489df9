// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "email_claims.hpp"

#include <map>
#include <vector>

#include "email.hpp"
#include "refused.hpp"
#include "user_life.hpp"

namespace users {
namespace {

/// Whether the user has the address after this event, which carries its tag.
bool has_after(const annals::Event& event, const std::string& tag) {
    const auto decoded = annals::decode<UserLife>(event);
    if (!decoded) return false;
    if (const auto* created = std::get_if<UserLife::Created>(&*decoded)) {
        return email_tag(created->profile.email) == tag;
    }
    if (const auto* updated = std::get_if<UserLife::Updated>(&*decoded)) {
        return updated->change.email && email_tag(*updated->change.email) == tag;
    }
    return false;
}

}  // namespace

annals::Check EmailClaims::claim(const std::string& email, const std::string& stream) const {
    const std::string tag = email_tag(email);
    const std::vector<std::string> types(UserLife::kNames.begin(), UserLife::kNames.end());
    std::map<std::string, bool> has;
    std::string position;
    for (const annals::Page& page : client_.read_pages({.types = types, .tags = {tag}})) {
        for (const annals::Event& event : page.events) {
            has[std::string(event.stream)] = has_after(event, tag);
        }
        position = page.position;
    }
    for (const auto& [holder, still_has] : has) {
        if (still_has && holder != stream) {
            throw Refused(Reason::kEmailTaken, "email \"" + email + "\" belongs to another user");
        }
    }
    return annals::QueryCheck{.query = {{.types = types, .tags = {tag}}}, .after = position};
}

}  // namespace users
