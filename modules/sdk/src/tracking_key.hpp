// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>

#include "annals/api/consumer_groups.hpp"
#include "annals/sdk/event.hpp"

namespace annals::sdk {

/// What a group's handling of an event is tracked by. Tracking refuses what lies at or below the
/// last position of its key, so events may share one only where the group never gives the later
/// one out before the earlier one was settled: those of one tag, correlation or stream, as the
/// group is keyed; where some have no tag or correlation, a prefix tells the kinds apart. An event
/// is a key of its own where the group keeps no order (round_robin, key_in_flight_max above 1),
/// where the key is a field, which an edit of a parked event may change, and where the key is too
/// long to be one of tracking.
std::string tracking_key(const api::GroupSettings& settings, const Event& event);

}  // namespace annals::sdk
