// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/documents/decimal.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>

namespace annals::documents {

Decimal decimal_of(std::string_view text) {
    Decimal decimal;
    if (text.starts_with('-')) {
        decimal.is_negative = true;
        text.remove_prefix(1);
    }
    const std::size_t mantissa_end = std::min(text.find_first_of("eE"), text.size());
    std::int64_t exponent = 0;
    if (mantissa_end < text.size()) {
        std::string_view digits = text.substr(mantissa_end + 1);
        if (digits.starts_with('+')) digits.remove_prefix(1);
        const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
        // A tiny number like 1e-99999999999999999999: to a double, and to us, zero.
        if (result.ec == std::errc::result_out_of_range) return {};
    }
    const std::string_view mantissa = text.substr(0, mantissa_end);
    const std::size_t dot = std::min(mantissa.find('.'), mantissa.size());
    decimal.digits = mantissa.substr(0, dot);
    decimal.point = static_cast<std::int64_t>(dot);
    if (dot < mantissa.size()) decimal.digits += mantissa.substr(dot + 1);

    const std::size_t first = decimal.digits.find_first_not_of('0');
    if (first == std::string::npos) return {};
    decimal.digits.erase(decimal.digits.find_last_not_of('0') + 1);
    decimal.digits.erase(0, first);
    decimal.point += exponent - static_cast<std::int64_t>(first);
    return decimal;
}

}  // namespace annals::documents
