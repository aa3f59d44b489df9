// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace users {

/// What is known of a user beside the id. As JSON: the document of the entity, members in camel
/// case, as eskit's clients write and read it.
struct Profile {
    std::string email;
    std::string first_name;
    std::string last_name;
    bool active = true;
    std::vector<std::string> workspaces;

    bool operator==(const Profile&) const = default;
};
void to_json(nlohmann::json& json, const Profile& profile);
/// Others write such documents, too, and leave out what is empty: an absent or null member is
/// empty (`active`: false), unknown ones are passed over. nlohmann::json::exception for a member of
/// another kind.
void from_json(const nlohmann::json& json, Profile& profile);

/// Some members of a profile. As JSON: a merge patch (RFC 7396).
struct ProfileChange {
    std::optional<std::string> email = {};
    std::optional<std::string> first_name = {};
    std::optional<std::string> last_name = {};
    std::optional<bool> active = {};
    std::optional<std::vector<std::string>> workspaces = {};

    bool operator==(const ProfileChange&) const = default;
    [[nodiscard]] bool is_empty() const { return *this == ProfileChange(); }
};
void to_json(nlohmann::json& json, const ProfileChange& change);
/// A null member removes: it becomes the empty value.
void from_json(const nlohmann::json& json, ProfileChange& change);

[[nodiscard]] Profile changed(Profile profile, const ProfileChange& change);
/// What of the change would change something.
[[nodiscard]] ProfileChange difference(const Profile& profile, ProfileChange change);

}  // namespace users
