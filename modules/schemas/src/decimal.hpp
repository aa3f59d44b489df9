// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "annals/documents/decimal.hpp"

namespace annals::schemas {

/// Digits that a `multipleOf` may have.
inline constexpr std::size_t kDivisorDigitsMax = 18;

/// Whether the number is a multiple of the divisor, exactly. The divisor is not zero and has at
/// most kDivisorDigitsMax digits. O(digits).
bool is_multiple(const documents::Decimal& number, const documents::Decimal& divisor);

/// As a count, when it is a non-negative integer; what is larger than a million millions is that.
std::optional<std::uint64_t> to_count(const documents::Decimal& number);

}  // namespace annals::schemas
