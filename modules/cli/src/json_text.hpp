// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "annals/documents/value.hpp"

namespace annals::cli {

/// A document as JSON whose numbers keep their text: 1.20 stays 1.20, and no digit is lost to a
/// double. Each number is a binary value that holds it; json_text() writes it as it is.
nlohmann::ordered_json exact(const documents::Value& value);

/// JSON text, numbers of exact() as they were; bytes that are not UTF-8 become U+FFFD. `indent` 0:
/// one line.
std::string json_text(const nlohmann::ordered_json& value, std::size_t indent = 0);

}  // namespace annals::cli
