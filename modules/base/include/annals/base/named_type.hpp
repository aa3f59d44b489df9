// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace annals {

/// A number with a meaning: `using Revision = NamedNumber<struct RevisionTag>`. Two kinds do not
/// mix. Explicit in, explicit out (`.value`), ordered, hashable, as cheap as the number.
template <typename Tag, typename Number = std::uint64_t>
struct NamedNumber {
    Number value{};

    constexpr NamedNumber() = default;
    constexpr explicit NamedNumber(Number number) : value(number) {}

    constexpr auto operator<=>(const NamedNumber&) const = default;

    constexpr NamedNumber& operator++() {
        ++value;
        return *this;
    }
    [[nodiscard]] constexpr NamedNumber next() const { return NamedNumber(value + 1); }
    [[nodiscard]] constexpr NamedNumber plus(Number n) const { return NamedNumber(value + n); }
};

/// 0-based dense number of an event within its stream.
using Revision = NamedNumber<struct RevisionTag>;
/// 1-based dense number of an event within the whole log of a namespace; 0 stands before the first.
using Position = NamedNumber<struct PositionTag>;
/// Nanoseconds since the Unix epoch, UTC.
using TimeNs = NamedNumber<struct TimeNsTag, std::int64_t>;

}  // namespace annals

template <typename Tag, typename Number>
struct std::hash<annals::NamedNumber<Tag, Number>> {
    std::size_t operator()(const annals::NamedNumber<Tag, Number>& named) const noexcept {
        return std::hash<Number>{}(named.value);
    }
};
