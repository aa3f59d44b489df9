// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <array>
#include <variant>
#include <vector>

#include "annals/typed.hpp"

#include "profile.hpp"

namespace users {

/// The events of a user, and what may become of one: a decider of the client.
///
/// The events are those of an entity of type contracts.users.User (docs/formats/entities.md): the
/// whole document first, then merge patches of what changed, at last the deletion. So the entity
/// store, `annals crud` and eskit's crud store show the same users.
struct UserLife {
    struct Created {
        Profile profile;
    };
    struct Updated {
        ProfileChange change;
    };
    struct Deleted {};
    using Event = std::variant<Created, Updated, Deleted>;
    static constexpr const char* kEntityType = "contracts.users.User";
    static constexpr std::array kNames = {
        "contracts.users.User.Created",
        "contracts.users.User.Updated",
        "contracts.users.User.Deleted"
    };

    enum class Stage { kNone, kLive, kDeleted };
    struct State {
        Stage stage = Stage::kNone;
        Profile profile;  ///< of kDeleted: as it was
    };

    struct Create {
        Profile profile;
    };
    struct Update {
        ProfileChange change;
    };
    struct Delete {};
    using Command = std::variant<Create, Update, Delete>;

    /// Nothing, where nothing changes. Throws Refused: kInvalid, kNotFound, kDeleted.
    static std::vector<Event> decide(const Command& command, const State& state);
    static State evolve(State state, const Event& event);
};

void to_json(nlohmann::json& json, const UserLife::Created& event);
void from_json(const nlohmann::json& json, UserLife::Created& event);
void to_json(nlohmann::json& json, const UserLife::Updated& event);
void from_json(const nlohmann::json& json, UserLife::Updated& event);
void to_json(nlohmann::json& json, const UserLife::Deleted& event);
void from_json(const nlohmann::json& json, UserLife::Deleted& event);

}  // namespace users
