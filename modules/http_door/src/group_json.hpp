// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "annals/api/consumer_groups.hpp"
#include "annals/api/group_history.hpp"
#include "annals/base/result.hpp"
#include "annals/json_events/event_json.hpp"

#include "json_body.hpp"

namespace annals::http_door::detail {

// Consumer groups as JSON (docs/reference/http.md). Pure functions; costs are those of their text.

/// Takes the members of settings out of a body; what is missing is 0, empty, the default.
/// invalid_argument with `field`.
Result<api::GroupSettings> group_settings_in(JsonBody& body);
/// A place in the log: "start", "end", a position, a time (RFC 3339) or a token; missing: start.
Result<api::SubscribeStart> place_in(JsonBody& body, const std::string& name);
/// `acks` and `settle`, at most kGroupSettlementsMax together: limit_exceeded.
Result<std::vector<api::Settlement>> settlements_in(JsonBody& body);

nlohmann::ordered_json to_json(const api::GroupStatus& status);
nlohmann::ordered_json to_json(const api::ParkedEvent& parked);
/// Members that say nothing of this deed are left out.
nlohmann::ordered_json to_json(const api::GroupHistoryEntry& entry);

// Whole answers. Errors are those of damaged bytes.

/// `{"parked": {…}, "queued": […], "event": {…}}`
Result<std::string> parked_json(
    const api::ParkedDetails& details, json_events::EventFormat format, std::string_view name_space
);
/// `{"deliveries": [{"delivery": 1, "attempt": 1, "event": {…}}]}`
Result<std::string> deliveries_json(
    const api::GroupDeliveries& deliveries,
    json_events::EventFormat format,
    std::string_view name_space
);
/// `{"refused": [{"delivery": 1, "problem": {…}}]}`
std::string refused_json(
    const std::vector<api::RefusedSettlement>& refused, std::string_view trace_id
);

}  // namespace annals::http_door::detail
