// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

#include "annals/base/result.hpp"
#include "annals/model/event.hpp"

namespace annals::json_events {

/// RFC 3339, `2026-03-01T12:00:00.25Z`: the fraction as far as it is not zero, in groups of three
/// digits. Every TimeNs has such a text (years 1677 to 2262).
void append_time(std::string& out, TimeNs time, std::int32_t offset_minutes = 0);
std::string time_text(TimeNs time, std::int32_t offset_minutes = 0);

/// RFC 3339 with `T` or a blank, up to nine digits of fraction, `Z` or an offset.
/// invalid_argument with `field` otherwise, and where a TimeNs cannot hold it.
Result<model::ValidTime> parse_time(std::string_view text, std::string_view field);

/// A time that bounds what was recorded, for model::Filter: there 0 stands for none, so that the
/// very beginning of 1970 is the nanosecond behind it; nothing was recorded in between.
inline TimeNs time_bound(TimeNs time) { return time.value == 0 ? TimeNs(1) : time; }

}  // namespace annals::json_events
