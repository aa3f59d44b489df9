// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace annals::codec {

/// RFC 4648 5, without padding.
std::string base64url(std::string_view bytes);
std::optional<std::string> parse_base64url(std::string_view text);

/// RFC 4648 4, with padding: what JSON formats of others (CloudEvents) take.
std::string base64(std::string_view bytes);
/// Padding is required, as the standard has it.
std::optional<std::string> parse_base64(std::string_view text);

/// Lower-case hex.
std::string hex(std::string_view bytes);

/// Whether every character is ASCII and none a control character: the usual case, eight at a time.
/// What is, is UTF-8 and has no control character.
bool is_printable_ascii(std::string_view text);
/// Whether the bytes are UTF-8 (RFC 3629: no overlong forms, no surrogates).
bool is_utf8(std::string_view bytes);
/// Whether the text has a control character (C0, DEL, or C1 in UTF-8). For valid UTF-8.
bool has_control_character(std::string_view text);

/// The beginning of a UTF-8 text, at most so many bytes and no part of a character.
std::string_view beginning_of(std::string_view text, std::size_t bytes_max);

}  // namespace annals::codec
