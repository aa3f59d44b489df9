// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/json_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <simdjson.h>

#include "annals/codec/text.hpp"

namespace annals::json_events {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::size_t kKeptParserBytes = 1u << 20u;

void append_escaped(std::string& out, char c) {
    switch (c) {
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
            out += "\\u00";
            out += kHexDigits[static_cast<std::uint8_t>(c) >> 4u];
            out += kHexDigits[static_cast<std::uint8_t>(c) & 15u];
    }
}

/// Printable ASCII without a quote or a backslash; without a branch for each letter.
bool stands_as_it_is(std::string_view text) {
    unsigned special = 0;
    for (const char c : text) {
        const auto byte = static_cast<std::uint8_t>(c);
        special |= static_cast<unsigned>(byte < 0x20u) | static_cast<unsigned>(byte >= 0x7Fu) |
                   static_cast<unsigned>(byte == '"') | static_cast<unsigned>(byte == '\\');
    }
    return special == 0;
}

bool needs_escape(char c) { return static_cast<std::uint8_t>(c) < 0x20u || c == '"' || c == '\\'; }

template <typename Number>
void append_digits(std::string& out, Number number) {
    std::array<char, 24> text{};
    const auto [end, ignored] = std::to_chars(text.data(), text.data() + text.size(), number);
    out.append(text.data(), end);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Length of the JSON number at the front, or 0.
std::size_t number_size(std::string_view text) {
    std::size_t at = 0;
    const auto is_at = [&](char c) { return at < text.size() && text[at] == c; };
    const auto digits = [&] {
        const std::size_t begin = at;
        while (at < text.size() && is_digit(text[at])) ++at;
        return at > begin;
    };
    if (is_at('-')) ++at;
    if (is_at('0')) {
        ++at;
    } else if (!digits()) {
        return 0;
    }
    if (is_at('.')) {
        ++at;
        if (!digits()) return 0;
    }
    if (is_at('e') || is_at('E')) {
        ++at;
        if (is_at('+') || is_at('-')) ++at;
        if (!digits()) return 0;
    }
    return at;
}

/// The text with a zero in place of each number, for the numbers that no machine type holds.
std::string without_numbers(std::string_view text) {
    std::string out(text);
    bool is_in_string = false;
    for (std::size_t i = 0; i < out.size();) {
        if (is_in_string && out[i] == '\\') {
            i += 2;
            continue;
        }
        if (out[i] == '"') is_in_string = !is_in_string;
        const bool may_begin = !is_in_string && (is_digit(out[i]) || out[i] == '-');
        const std::size_t size = may_begin ? number_size(text.substr(i)) : 0;
        if (size == 0) {
            ++i;
            continue;
        }
        out.replace(i, size, size, ' ');
        out[i] = '0';
        i += size;
    }
    return out;
}

bool is_parsed(simdjson::dom::parser& parser, std::string_view text) {
    const auto error = parser.parse(text.data(), text.size()).error();
    if (error == simdjson::SUCCESS) return true;
    if (error != simdjson::NUMBER_ERROR) return false;
    return parser.parse(without_numbers(text)).error() == simdjson::SUCCESS;
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
    if (stands_as_it_is(text)) {
        const std::size_t begin = out.size();
        out.resize(begin + text.size() + 2);
        out[begin] = '"';
        std::copy(text.begin(), text.end(), out.begin() + static_cast<std::ptrdiff_t>(begin + 1));
        out.back() = '"';
        return;
    }
    out.push_back('"');
    const bool is_text = codec::is_utf8(text);
    std::size_t done = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_foreign = !is_text && static_cast<std::uint8_t>(text[i]) >= 0x80u;
        if (!is_foreign && !needs_escape(text[i])) continue;
        out.append(text, done, i - done);
        done = i + 1;
        if (is_foreign) {
            out += "\xEF\xBF\xBD";
        } else {
            append_escaped(out, text[i]);
        }
    }
    out.append(text, done);
    out.push_back('"');
}

void append_number(std::string& out, std::uint64_t number) { append_digits(out, number); }
void append_number(std::string& out, std::int64_t number) { append_digits(out, number); }

bool is_json(std::string_view text) {
    if (text == "{}") return true;
    if (text.empty()) return false;
    if (text.size() > kKeptParserBytes) {
        simdjson::dom::parser parser;
        return is_parsed(parser, text);
    }
    thread_local simdjson::dom::parser parser;
    return is_parsed(parser, text);
}

bool is_json_type(std::string_view content_type) {
    const std::string_view type = content_type.substr(0, content_type.find(';'));
    return type.empty() || type == "application/json" || type.ends_with("+json");
}

}  // namespace annals::json_events
