// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "annals/documents/value.hpp"

namespace annals::schemas {

/// Of what a message tells of a schema or a document.
inline constexpr std::size_t kMessageBytesMax = 300;

/// At most so many bytes, cut before a character, with "..." where something is missing.
std::string cut(std::string text, std::size_t bytes_max);
/// As JSON for messages: 64 bytes; large arrays and objects are counted instead.
std::string shown(const documents::Value& value);
/// The first three of a list in one sentence, and how many more there are.
std::string told(const std::vector<std::string>& texts, bool has_more);

}  // namespace annals::schemas
