// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "annals/documents/value.hpp"

namespace annals::cli {

/// A document as JSON whose numbers keep their text: 1.20 stays 1.20, and no digit is lost to a
/// double. Each number is a binary value that holds it; json_text() writes it as it is.
nlohmann::ordered_json exact(const documents::Value& value);

/// The same of a text; nothing when that is no JSON, or has a number beyond a double. A member that
/// comes twice counts with its last value. Whoever calls bounds the nesting.
std::optional<nlohmann::ordered_json> parse_exact(std::string_view text);

/// JSON text, numbers of exact() as they were; bytes that are not UTF-8 become U+FFFD. `indent` 0:
/// one line.
std::string json_text(const nlohmann::ordered_json& value, std::size_t indent = 0);

}  // namespace annals::cli
