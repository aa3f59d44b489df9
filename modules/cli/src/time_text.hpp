// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "annals/base/clock.hpp"
#include "annals/base/result.hpp"
#include "annals/model/event.hpp"

namespace annals::cli {

/// RFC 3339 in the given offset; the fraction as far as it is not zero, in groups of three digits.
std::string time_text(TimeNs time, std::int32_t offset_minutes = 0);
std::string time_text(const model::ValidTime& time);

/// ISO 8601 (UTC where no offset is given), or how long ago: `90s`, `15m`, `2h`, `3d`.
Result<TimeNs> parse_time(std::string_view text, const Clock& clock);
/// The same; the error names the flag.
Result<TimeNs> parse_time_flag(std::string_view flag, std::string_view text, const Clock& clock);
/// What was wrong, with the flag that it came from.
Error of_flag(std::string_view flag, const Error& error);

/// `250ms`, `5s`, `2m`, `1h`; a number alone means seconds.
Result<std::int64_t> parse_duration_ms(std::string_view text);

/// `4.1 MiB`
std::string bytes_text(std::uint64_t bytes);

}  // namespace annals::cli
