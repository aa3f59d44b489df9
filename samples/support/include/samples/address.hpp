// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace samples {

/// Where a door listens. Port 0: the kernel picks one.
struct Address {
    std::string host;
    std::uint16_t port = 0;

    /// `HOST:PORT`; IPv6 hosts in brackets.
    [[nodiscard]] std::string to_string() const;
};

/// Takes `HOST:PORT`, `[IPv6]:PORT` and `:PORT` (every interface). std::invalid_argument says what
/// is wrong with anything else.
[[nodiscard]] Address parse_address(std::string_view text);

}  // namespace samples
