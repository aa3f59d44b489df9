// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace annals::documents {

/// A JSON number to the last digit: 0.<digits> times 10 to the `point`. No zeros stand at either
/// end, and zero has no digits at all, so equal numbers are equal.
struct Decimal {
    bool is_negative = false;
    std::string digits;
    std::int64_t point = 0;

    [[nodiscard]] bool is_zero() const { return digits.empty(); }
    /// 1.0 and 1e3 are.
    [[nodiscard]] bool is_integer() const {
        return point >= static_cast<std::int64_t>(digits.size());
    }
    bool operator==(const Decimal&) const = default;
};

/// A number of RFC 8259 whose magnitude a double holds, but not of more digits than its text; one
/// too small for any double's exponent is zero. O(digits).
Decimal decimal_of(std::string_view text);

}  // namespace annals::documents
