// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "json_text.hpp"

#include <cstddef>

namespace annals::csv_import {
namespace {

std::size_t skip_digits(std::string_view text, std::size_t at) {
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at;
}

void append_escaped(std::string& out, char sign) {
    constexpr std::string_view hex = "0123456789abcdef";
    switch (sign) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            break;
    }
    out += "\\u00";
    out += hex[static_cast<unsigned char>(sign) >> 4u];
    out += hex[static_cast<unsigned char>(sign) & 15u];
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t plain_from = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char sign = text[at];
        const bool is_plain = static_cast<unsigned char>(sign) >= 0x20 && sign != '"' &&
                              sign != '\\';
        if (is_plain) continue;
        out.append(text, plain_from, at - plain_from);
        append_escaped(out, sign);
        plain_from = at + 1;
    }
    out.append(text, plain_from);
    out += '"';
}

bool is_json_number(std::string_view text) {
    std::size_t at = text.starts_with('-') ? 1 : 0;
    const std::size_t whole = at;
    at = skip_digits(text, at);
    if (at == whole || (text[whole] == '0' && at > whole + 1)) return false;
    if (at < text.size() && text[at] == '.') {
        const std::size_t from = at + 1;
        at = skip_digits(text, from);
        if (at == from) return false;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
        const std::size_t from = at;
        at = skip_digits(text, from);
        if (at == from) return false;
    }
    return at == text.size();
}

}  // namespace annals::csv_import
