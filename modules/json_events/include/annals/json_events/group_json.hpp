// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>

#include <nlohmann/json.hpp>

#include "annals/api/consumer_groups.hpp"

namespace annals::json_events {

// What door and clients say of consumer groups (docs/reference/http.md). Pure functions.

/// A place in the log: "start", "end", a position, a time (RFC 3339) or a token. A revision has no
/// such text: "start".
nlohmann::ordered_json to_json(const api::SubscribeStart& place);
/// Nothing for what is neither a text nor a number that is a position.
std::optional<api::SubscribeStart> parse_place(const nlohmann::ordered_json& json);

/// All members, also those with their default.
nlohmann::ordered_json to_json(const api::GroupSettings& settings);

}  // namespace annals::json_events
