// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "annals/base/clock.hpp"

namespace annals {

/// A UUID of any version (RFC 9562): 16 bytes in network order. The nil UUID means "none given".
struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    auto operator<=>(const Uuid&) const = default;

    [[nodiscard]] bool is_nil() const;
    /// The 16 raw bytes.
    [[nodiscard]] std::string_view view() const;
    /// Lower-case 8-4-4-4-12.
    [[nodiscard]] std::string to_string() const;
    /// The same, without an allocation.
    [[nodiscard]] std::array<char, 36> text() const;

    /// Takes 8-4-4-4-12 in either case; anything else is nothing.
    static std::optional<Uuid> parse(std::string_view text);
    /// Takes exactly 16 raw bytes.
    static std::optional<Uuid> from_bytes(std::string_view raw);
};

/// UUIDv7 (RFC 9562 5.7): milliseconds of the clock, then a counter and random bits, so that ids of
/// one thread rise strictly and ids of one server lie close together. Any thread; about 30 ns.
Uuid make_uuid_v7(const Clock& clock);

/// UUIDv4 from the kernel's random source.
Uuid make_uuid_v4();

/// UUIDv5 (RFC 9562 5.5): SHA-1 of name space and name. Same input, same id, on every machine.
Uuid make_uuid_v5(const Uuid& name_space, std::string_view name);

}  // namespace annals
