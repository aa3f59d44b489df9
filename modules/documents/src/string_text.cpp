// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "string_text.hpp"

#include <array>
#include <cstddef>

#include "annals/codec/text.hpp"

namespace annals::documents {
namespace {

/// The letter behind the backslash, or 0.
constexpr char short_escape(char c) {
    switch (c) {
        case '"':
        case '\\':
            return c;
        case '\b':
            return 'b';
        case '\f':
            return 'f';
        case '\n':
            return 'n';
        case '\r':
            return 'r';
        case '\t':
            return 't';
        default:
            return 0;
    }
}

/// Looked up for each character.
constexpr std::array<bool, 256> kIsEscaped = [] {
    std::array<bool, 256> escaped{};
    for (std::size_t c = 0; c < escaped.size(); ++c) {
        escaped[c] = c < 0x20 || short_escape(static_cast<char>(c)) != 0;
    }
    return escaped;
}();

}  // namespace

void write_string(std::string& out, std::string_view text) {
    out.push_back('"');
    std::size_t done = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!kIsEscaped[static_cast<unsigned char>(text[i])]) continue;
        const char letter = short_escape(text[i]);
        out.append(text, done, i - done);
        done = i + 1;
        if (letter != 0) {
            out.append({'\\', letter});
        } else {
            out.append("\\u00").append(codec::hex(text.substr(i, 1)));
        }
    }
    out.append(text, done);
    out.push_back('"');
}

}  // namespace annals::documents
