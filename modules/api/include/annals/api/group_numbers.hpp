// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <array>
#include <cstdint>

#include "annals/api/consumer_groups.hpp"

namespace annals::api {

/// A number among the settings of a group, by its name in JSON.
struct GroupNumber {
    const char* name;
    std::uint32_t GroupSettings::* member;
};
/// All of them: what is stored, read and shown.
inline constexpr std::array<GroupNumber, 14> kGroupNumbers = {{
    {"members_max", &GroupSettings::members_max},
    {"member_in_flight_max", &GroupSettings::member_in_flight_max},
    {"key_in_flight_max", &GroupSettings::key_in_flight_max},
    {"ack_deadline_ms", &GroupSettings::ack_deadline_ms},
    {"attempts_max", &GroupSettings::attempts_max},
    {"retry_base_ms", &GroupSettings::retry_base_ms},
    {"retry_max_ms", &GroupSettings::retry_max_ms},
    {"window_events_max", &GroupSettings::window_events_max},
    {"parked_events_max", &GroupSettings::parked_events_max},
    {"checkpoint_interval_ms", &GroupSettings::checkpoint_interval_ms},
    {"checkpoint_events_max", &GroupSettings::checkpoint_events_max},
    {"member_silence_ms", &GroupSettings::member_silence_ms},
    {"stalled_after_ms", &GroupSettings::stalled_after_ms},
    {"ready_lag_seconds", &GroupSettings::ready_lag_seconds},
}};

}  // namespace annals::api
