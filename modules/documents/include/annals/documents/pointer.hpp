// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/result.hpp"
#include "annals/documents/value.hpp"

namespace annals::documents {

/// A JSON Pointer (RFC 6901): the names and indices on the way down, unescaped; none: the whole.
using Pointer = std::vector<std::string>;

/// "/a~1b/0"; invalid_argument with `field`, and for more than kDepthMax steps.
Result<Pointer> parse_pointer(std::string_view text, std::string_view field = "path");
std::string to_text(const Pointer& pointer);

/// What is there; null pointer when nothing is.
const Value* find(const Value& document, const Pointer& pointer);

/// Index of an array's element: decimal digits without a leading zero, below `size`; nothing for
/// anything else.
std::optional<std::size_t> parse_index(std::string_view step, std::size_t size);

}  // namespace annals::documents
