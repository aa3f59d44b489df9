// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "user_life.hpp"

#include <utility>

#include "email.hpp"
#include "refused.hpp"

namespace users {
namespace {

constexpr std::size_t kNameBytesMax = 256;
constexpr std::size_t kWorkspacesMax = 100;

void check_text(const std::string& text, const std::string& field) {
    if (text.size() <= kNameBytesMax) return;
    throw Refused(
        Reason::kInvalid,
        field + " has " + std::to_string(text.size()) + " bytes, more than " +
            std::to_string(kNameBytesMax)
    );
}

/// Of the members that are given.
void check(const ProfileChange& given) {
    if (given.email) {
        if (auto why = why_no_email(*given.email); !why.empty()) {
            throw Refused(Reason::kInvalid, std::move(why));
        }
    }
    if (given.first_name) check_text(*given.first_name, "first name");
    if (given.last_name) check_text(*given.last_name, "last name");
    if (!given.workspaces) return;
    if (given.workspaces->size() > kWorkspacesMax) {
        throw Refused(
            Reason::kInvalid,
            std::to_string(given.workspaces->size()) + " workspaces are more than " +
                std::to_string(kWorkspacesMax)
        );
    }
    for (const std::string& workspace : *given.workspaces) {
        if (workspace.empty()) throw Refused(Reason::kInvalid, "a workspace has no name");
        check_text(workspace, "a workspace");
    }
}

void check_live(const UserLife::State& state) {
    if (state.stage == UserLife::Stage::kNone) throw Refused(Reason::kNotFound, "not found");
    if (state.stage == UserLife::Stage::kDeleted) throw Refused(Reason::kDeleted, "deleted");
}

struct Decide {
    const UserLife::State& state;

    std::vector<UserLife::Event> operator()(const UserLife::Create& create) const {
        const Profile& profile = create.profile;
        check({profile.email, profile.first_name, profile.last_name, {}, profile.workspaces});
        return {UserLife::Created{profile}};
    }
    std::vector<UserLife::Event> operator()(const UserLife::Update& update) const {
        check_live(state);
        ProfileChange change = difference(state.profile, update.change);
        check(change);
        if (change.is_empty()) return {};
        return {UserLife::Updated{std::move(change)}};
    }
    std::vector<UserLife::Event> operator()(const UserLife::Delete&) const {
        check_live(state);
        return {UserLife::Deleted{}};
    }
};

}  // namespace

std::vector<UserLife::Event> UserLife::decide(const Command& command, const State& state) {
    return std::visit(Decide{state}, command);
}

UserLife::State UserLife::evolve(State state, const Event& event) {
    if (const auto* created = std::get_if<Created>(&event)) {
        return {Stage::kLive, created->profile};
    }
    if (const auto* updated = std::get_if<Updated>(&event)) {
        state.profile = changed(std::move(state.profile), updated->change);
        return state;
    }
    state.stage = Stage::kDeleted;
    return state;
}

void to_json(nlohmann::json& json, const UserLife::Created& event) { json = event.profile; }
void from_json(const nlohmann::json& json, UserLife::Created& event) { json.get_to(event.profile); }
void to_json(nlohmann::json& json, const UserLife::Updated& event) { json = event.change; }
void from_json(const nlohmann::json& json, UserLife::Updated& event) { json.get_to(event.change); }
void to_json(nlohmann::json& json, const UserLife::Deleted&) { json = nlohmann::json::object(); }
void from_json(const nlohmann::json&, UserLife::Deleted&) {}

}  // namespace users
