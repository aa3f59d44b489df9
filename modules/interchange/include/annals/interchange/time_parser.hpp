// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "annals/base/result.hpp"
#include "annals/model/event.hpp"

namespace annals::interchange {

/// Turns the text of a time column into a ValidTime, the offset from UTC kept.
///
/// Formats: `iso` (ISO 8601: `2011-10-11 13:45:40.276+02:00`, with T or a blank, up to nine digits
/// of a second, Z or ±HH:MM or ±HHMM or ±HH or none, a date alone is midnight), `unix` and
/// `unix-ms` (a number, UTC), or a pattern of %Y %m %d %H %I %p %M %S %f (fraction) %y %b (Jan) %z
/// %% as in strptime. One or two digits are taken for days, months and hours. A time without an
/// offset needs `zone` (`UTC`, `Z`, `±HH:MM`): guessing would move events by hours.
class TimeParser {
  public:
    /// Empty format: iso; empty zone: none. config_invalid when either is not understood.
    static Result<TimeParser> make(std::string format, std::string_view zone);

    /// invalid_argument says what is wrong with the text.
    [[nodiscard]] Result<model::ValidTime> parse(std::string_view text) const;

  private:
    TimeParser() = default;

    std::string format_;
    std::optional<std::int32_t> zone_minutes_;
};

/// `UTC`, `Z`, `+02:00`, `+0200`, `+02` as minutes.
std::optional<std::int32_t> parse_zone(std::string_view text);

}  // namespace annals::interchange
