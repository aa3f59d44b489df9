// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "profile.hpp"

#include <utility>

namespace users {
namespace {

using nlohmann::json;

constexpr const char* kEmail = "email";
constexpr const char* kFirstName = "firstName";
constexpr const char* kLastName = "lastName";
constexpr const char* kActive = "active";
constexpr const char* kWorkspaces = "workspaces";

/// Calls `member(name, of the profile, of the change)` for each member.
template <typename ProfileLike, typename ChangeLike, typename Member>
void each(ProfileLike& profile, ChangeLike& change, const Member& member) {
    member(kEmail, profile.email, change.email);
    member(kFirstName, profile.first_name, change.first_name);
    member(kLastName, profile.last_name, change.last_name);
    member(kActive, profile.active, change.active);
    member(kWorkspaces, profile.workspaces, change.workspaces);
}

/// json::type_error for anything but an object.
void check_object(const json& document) {
    static_cast<void>(document.get_ref<const json::object_t&>());
}

template <typename Value>
void read(const json& document, const char* name, Value& value) {
    const auto found = document.find(name);
    value = found == document.end() || found->is_null() ? Value() : found->get<Value>();
}

}  // namespace

void to_json(json& document, const Profile& profile) {
    document = {
        {kEmail, profile.email},
        {kFirstName, profile.first_name},
        {kLastName, profile.last_name},
        {kActive, profile.active},
        {kWorkspaces, profile.workspaces},
    };
}

void from_json(const json& document, Profile& profile) {
    check_object(document);
    const ProfileChange none;
    each(profile, none, [&](const char* name, auto& value, const auto&) {
        read(document, name, value);
    });
}

void to_json(json& document, const ProfileChange& change) {
    document = json::object();
    const Profile none;
    each(none, change, [&](const char* name, const auto&, const auto& value) {
        if (value) document[name] = *value;
    });
}

void from_json(const json& document, ProfileChange& change) {
    check_object(document);
    const Profile none;
    each(none, change, [&](const char* name, const auto&, auto& value) {
        value.reset();
        if (document.contains(name)) read(document, name, value.emplace());
    });
}

Profile changed(Profile profile, const ProfileChange& change) {
    each(profile, change, [](const char*, auto& value, const auto& given) {
        if (given) value = *given;
    });
    return profile;
}

ProfileChange difference(const Profile& profile, ProfileChange change) {
    each(profile, change, [](const char*, const auto& value, auto& given) {
        if (given == value) given.reset();
    });
    return change;
}

}  // namespace users
