// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/documents/canonical.hpp"

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>

#include "annals/codec/checksum.hpp"
#include "annals/codec/text.hpp"
#include "annals/documents/decimal.hpp"

#include "value_text.hpp"

namespace annals::documents {
namespace {

/// The steps of ECMAScript's Number::toString, in its words: k digits, point n.
std::string in_ecmascript(const Decimal& decimal) {
    if (decimal.digits.empty()) return "0";
    constexpr std::int64_t kPlainMax = 21;
    constexpr std::int64_t kPlainMin = -6;
    const auto k = static_cast<std::int64_t>(decimal.digits.size());
    const std::int64_t n = decimal.point;
    std::string out = decimal.is_negative ? "-" : "";
    if (k <= n && n <= kPlainMax) {
        return out.append(decimal.digits).append(static_cast<std::size_t>(n - k), '0');
    }
    if (0 < n && n <= kPlainMax) {
        const auto whole = static_cast<std::size_t>(n);
        return out.append(decimal.digits, 0, whole).append(".").append(decimal.digits, whole);
    }
    if (kPlainMin < n && n <= 0) {
        return out.append("0.").append(static_cast<std::size_t>(-n), '0').append(decimal.digits);
    }
    out.append(decimal.digits, 0, 1);
    if (k > 1) out.append(".").append(decimal.digits, 1);
    const std::int64_t exponent = n - 1;
    return out.append(exponent < 0 ? "e-" : "e+").append(std::to_string(std::abs(exponent)));
}

/// An integer of few digits is as ECMAScript writes it: nearly all numbers are.
bool is_plain(std::string_view number) {
    constexpr std::size_t kDigitsMax = 15;
    if (number.starts_with('-')) number.remove_prefix(1);
    return number.size() <= kDigitsMax && !number.empty() && number.front() != '0' &&
           std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string canonical_number(std::string_view number) {
    return is_plain(number) ? std::string(number) : in_ecmascript(decimal_of(number));
}

std::string canonical(const Value& value) {
    std::string out;
    write_value(out, value, [](std::string& to, const std::string& number) {
        is_plain(number) ? to += number : to += canonical_number(number);
    });
    return out;
}

std::string hash_of(const Value& value) {
    const codec::Sha256 digest = codec::sha256(canonical(value));
    return codec::hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::strong_ordering compare_numbers(std::string_view a, std::string_view b) {
    const Decimal left = decimal_of(a);
    const Decimal right = decimal_of(b);
    const auto sign_of = [](const Decimal& decimal) {
        if (decimal.digits.empty()) return 0;
        return decimal.is_negative ? -1 : 1;
    };
    const int sign = sign_of(left);
    if (sign != sign_of(right) || sign == 0) return sign <=> sign_of(right);
    // Without zeros in front, digits compare as fractions.
    std::strong_ordering order = left.point <=> right.point;
    if (order == 0) order = left.digits <=> right.digits;
    return sign > 0 ? order : 0 <=> order;
}

bool is_equal(const Value& a, const Value& b) {
    return a == b || (a.kind() == b.kind() && canonical(a) == canonical(b));
}

}  // namespace annals::documents
