// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "profile.hpp"

namespace users {

/// The user at one of its versions. Versions count from 1; one is the stream's revision plus 1.
struct User {
    std::string id;
    std::uint64_t version = 0;
    Profile profile;
};

/// Which user, and the version that the caller believes in or asks for; none: the newest.
struct UserAt {
    std::string id;
    std::optional<std::uint64_t> version = {};
};

/// A version as text: a decimal number from 1. Empty text: none. Throws Refused for anything else.
[[nodiscard]] std::optional<std::uint64_t> parse_version(std::string_view text);

}  // namespace users
