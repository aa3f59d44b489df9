// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

#include "user.hpp"

namespace users {

/// A user as REST shows it; the version is a number.
[[nodiscard]] nlohmann::json json_of(const User& user);
[[nodiscard]] nlohmann::json originator_json(const std::string& id, std::uint64_t version);

/// A request's body: the members of a profile that it names. An absent or null member is not given;
/// `originator` is passed over, so that a user can be sent back as it was read. Throws Refused for
/// what is no JSON object, for a member that a user does not have, that is given twice or is of
/// another kind.
[[nodiscard]] ProfileChange parse_body(std::string_view body);

}  // namespace users
