// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace annals::json_events {

/// Appends the text as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD, so
/// that the result is always JSON. About 1 ns a byte.
void append_string(std::string& out, std::string_view text);
void append_number(std::string& out, std::uint64_t number);
void append_number(std::string& out, std::int64_t number);

/// Whether the bytes are one JSON value (RFC 8259): UTF-8, complete, at most 1,024 levels deep.
bool is_json(std::string_view text);

/// Whether data of this content type is JSON: none given, application/json, or …+json.
bool is_json_type(std::string_view content_type);

}  // namespace annals::json_events
