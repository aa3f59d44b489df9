// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "decimal.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace annals::schemas {
namespace {

using documents::Decimal;

constexpr std::uint64_t kCountMax = 1'000'000'000'000;

/// Of the last digit.
std::int64_t exponent_of(const Decimal& decimal) {
    return decimal.point - static_cast<std::int64_t>(decimal.digits.size());
}

using Wide = unsigned __int128;

std::uint64_t remainder_of(std::string_view digits, std::uint64_t divisor) {
    std::uint64_t rest = 0;
    for (const char digit : digits) {
        const auto next = static_cast<Wide>(rest) * 10 + static_cast<Wide>(digit - '0');
        rest = static_cast<std::uint64_t>(next % divisor);
    }
    return rest;
}

std::uint64_t power_of_ten(std::int64_t exponent, std::uint64_t divisor) {
    Wide result = 1 % divisor;
    Wide base = 10 % divisor;
    for (auto left = static_cast<std::uint64_t>(exponent); left != 0; left /= 2) {
        if (left % 2 != 0) result = result * base % divisor;
        base = base * base % divisor;
    }
    return static_cast<std::uint64_t>(result);
}

}  // namespace

bool is_multiple(const Decimal& number, const Decimal& divisor) {
    if (number.is_zero()) return true;
    // No digits have a zero at their end, so a smaller power of ten cannot be made up for.
    const std::int64_t up = exponent_of(number) - exponent_of(divisor);
    if (up < 0) return false;
    const std::uint64_t by = std::stoull(divisor.digits);
    const std::uint64_t rest = remainder_of(number.digits, by);
    const std::uint64_t scale = power_of_ten(up, by);
    return static_cast<Wide>(rest) * scale % by == 0;
}

std::optional<std::uint64_t> to_count(const Decimal& number) {
    if (number.is_zero()) return 0;
    if (number.is_negative || !number.is_integer()) return std::nullopt;
    constexpr std::int64_t kDigitsMax = 13;
    if (number.point > kDigitsMax) return kCountMax;
    std::string digits = number.digits;
    digits.append(static_cast<std::size_t>(exponent_of(number)), '0');
    return std::min<std::uint64_t>(std::stoull(digits), kCountMax);
}

}  // namespace annals::schemas
