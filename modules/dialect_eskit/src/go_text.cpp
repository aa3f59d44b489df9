// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "go_text.hpp"

#include <limits>

#include "annals/codec/text.hpp"

namespace annals::dialect_eskit {
namespace {

Error parse_error(std::string_view text, std::string_view why) {
    return Error(
        ErrorCode::kInvalidArgument,
        "strconv.ParseUint: parsing " + quoted(text) + ": " + std::string(why)
    );
}

}  // namespace

Result<std::uint64_t> parse_uint(std::string_view text) {
    if (text.empty()) return parse_error(text, "invalid syntax");
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t number = 0;
    // The first fault from the left decides, as in Go.
    for (const char c : text) {
        if (c < '0' || c > '9') return parse_error(text, "invalid syntax");
        const auto digit = static_cast<std::uint64_t>(c - '0');
        if (number > kMax / 10 || number * 10 > kMax - digit) {
            return parse_error(text, "value out of range");
        }
        number = number * 10 + digit;
    }
    return number;
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        switch (c) {
            case '"':
                out += "\\\"";
                continue;
            case '\\':
                out += "\\\\";
                continue;
            case '\a':
                out += "\\a";
                continue;
            case '\b':
                out += "\\b";
                continue;
            case '\f':
                out += "\\f";
                continue;
            case '\n':
                out += "\\n";
                continue;
            case '\r':
                out += "\\r";
                continue;
            case '\t':
                out += "\\t";
                continue;
            case '\v':
                out += "\\v";
                continue;
            default:
                break;
        }
        const bool is_control = static_cast<unsigned char>(c) < 0x20u || c == 0x7F;
        if (is_control) {
            out += "\\x" + codec::hex(std::string_view(&c, 1));
        } else {
            out += c;
        }
    }
    return out + "\"";
}

}  // namespace annals::dialect_eskit
