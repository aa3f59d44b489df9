// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/codec/text.hpp"

#include <array>
#include <cstdint>

#include "annals/codec/wire.hpp"

namespace annals::codec {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101u;
constexpr std::uint64_t kHighBits = 0x80u * kOnes;

/// Eight characters at once: none is a control character and none is outside of ASCII.
bool is_printable_word(std::uint64_t word) {
    const std::uint64_t below_space = (word - 0x20u * kOnes) & ~word;
    const std::uint64_t without_del = word ^ (0x7Fu * kOnes);
    const std::uint64_t is_del = (without_del - kOnes) & ~without_del;
    return ((below_space | is_del | word) & kHighBits) == 0;
}

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kStandardAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 64;

constexpr std::array<std::uint8_t, 256> make_digits(std::string_view alphabet) {
    std::array<std::uint8_t, 256> digits{};
    digits.fill(kNoDigit);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        digits[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return digits;
}

std::string encode(std::string_view bytes, std::string_view alphabet) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : bytes) {
        bits = (bits << 8u) | static_cast<std::uint8_t>(c);
        held += 8;
        while (held >= 6) {
            held -= 6;
            text.push_back(alphabet[(bits >> held) & 63u]);
        }
    }
    if (held > 0) text.push_back(alphabet[(bits << (6 - held)) & 63u]);
    return text;
}

/// Without padding. Bits that belong to no byte must be zero.
std::optional<std::string> decode(
    std::string_view text, const std::array<std::uint8_t, 256>& digits
) {
    if (text.size() % 4 == 1) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : text) {
        const std::uint8_t value = digits[static_cast<std::uint8_t>(c)];
        if (value == kNoDigit) return std::nullopt;
        bits = (bits << 6u) | value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes.push_back(static_cast<char>((bits >> held) & 0xFFu));
        }
    }
    if ((bits & ((1u << held) - 1)) != 0) return std::nullopt;
    return bytes;
}

/// Length of the valid UTF-8 sequence at the front, or 0.
std::size_t sequence_size(std::string_view s) {
    const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(s[i]); };
    const auto is_tail = [&](std::size_t i) { return (at(i) & 0xC0u) == 0x80u; };
    const std::uint8_t first = at(0);
    if (first < 0x80u) return 1;
    if (first < 0xC2u) return 0;
    if (first < 0xE0u) return s.size() >= 2 && is_tail(1) ? 2 : 0;
    if (first < 0xF0u) {
        if (s.size() < 3 || !is_tail(1) || !is_tail(2)) return 0;
        if (first == 0xE0u && at(1) < 0xA0u) return 0;
        if (first == 0xEDu && at(1) > 0x9Fu) return 0;
        return 3;
    }
    if (first > 0xF4u || s.size() < 4 || !is_tail(1) || !is_tail(2) || !is_tail(3)) return 0;
    if (first == 0xF0u && at(1) < 0x90u) return 0;
    if (first == 0xF4u && at(1) > 0x8Fu) return 0;
    return 4;
}

}  // namespace

std::string base64url(std::string_view bytes) { return encode(bytes, kAlphabet); }

std::optional<std::string> parse_base64url(std::string_view text) {
    static constexpr auto kDigits = make_digits(kAlphabet);
    return decode(text, kDigits);
}

std::string base64(std::string_view bytes) {
    std::string text = encode(bytes, kStandardAlphabet);
    while (text.size() % 4 != 0) text.push_back('=');
    return text;
}

std::optional<std::string> parse_base64(std::string_view text) {
    static constexpr auto kDigits = make_digits(kStandardAlphabet);
    if (text.size() % 4 != 0) return std::nullopt;
    if (text.ends_with('=')) text.remove_suffix(1);
    if (text.ends_with('=')) text.remove_suffix(1);
    return decode(text, kDigits);
}

std::string hex(std::string_view bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        text.push_back(kDigits[static_cast<std::uint8_t>(c) >> 4u]);
        text.push_back(kDigits[static_cast<std::uint8_t>(c) & 15u]);
    }
    return text;
}

bool is_printable_ascii(std::string_view text) {
    const char* at = text.data();
    const char* const end = at + text.size();
    for (; end - at >= 8; at += 8) {
        if (!is_printable_word(load<std::uint64_t>(at))) return false;
    }
    for (; at != end; ++at) {
        const auto c = static_cast<std::uint8_t>(*at);
        if (c < 0x20u || c >= 0x7Fu) return false;
    }
    return true;
}

bool is_utf8(std::string_view bytes) {
    while (!bytes.empty()) {
        if (bytes.size() >= 8 && (load<std::uint64_t>(bytes.data()) & kHighBits) == 0) {
            bytes.remove_prefix(8);
            continue;
        }
        const std::size_t n = sequence_size(bytes);
        if (n == 0) return false;
        bytes.remove_prefix(n);
    }
    return true;
}

bool has_control_character(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        while (text.size() - i >= 8 && is_printable_word(load<std::uint64_t>(text.data() + i)))
            i += 8;
        if (i == text.size()) break;
        const auto c = static_cast<std::uint8_t>(text[i]);
        if (c < 0x20u || c == 0x7Fu) return true;
        if (c == 0xC2u && i + 1 < text.size() && static_cast<std::uint8_t>(text[i + 1]) < 0xA0u)
            return true;
    }
    return false;
}

std::string_view beginning_of(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return text;
    const auto goes_on = [&](std::size_t at) {
        return (static_cast<unsigned char>(text[at]) & 0xc0u) == 0x80u;
    };
    while (bytes_max > 0 && goes_on(bytes_max)) --bytes_max;
    return text.substr(0, bytes_max);
}

}  // namespace annals::codec
