// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "annals/base/result.hpp"

namespace annals::dialect_eskit {

/// What Go's strconv.ParseUint(text, 10, 64) answers, its words included:
/// `strconv.ParseUint: parsing "abc": invalid syntax` (or `value out of range`) as
/// invalid_argument.
Result<std::uint64_t> parse_uint(std::string_view text);

/// Go's %q: in double quotes, with escapes.
std::string quoted(std::string_view text);

}  // namespace annals::dialect_eskit
