// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "annals/telemetry/logging.hpp"

namespace annals::telemetry::detail {

/// `event  key=value key="two words"`; control characters are escaped, so that a line stays a line.
std::string human_text(std::string_view event, std::span<const LogField> fields);

/// `"event":"…","key":value`, the inside of a JSON object. Bytes that are no UTF-8 are replaced; a
/// field named like one of the line's own (time, level, event) gets a trailing underscore.
std::string json_members(std::string_view event, std::span<const LogField> fields);

}  // namespace annals::telemetry::detail
