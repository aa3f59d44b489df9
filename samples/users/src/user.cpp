// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "user.hpp"

#include <charconv>

#include "refused.hpp"

namespace users {

std::optional<std::uint64_t> parse_version(std::string_view text) {
    if (text.empty()) return std::nullopt;
    std::uint64_t version = 0;
    const char* const end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, version);
    if (error != std::errc() || last != end || version == 0) {
        throw Refused(
            Reason::kInvalid,
            "version \"" + std::string(text) + "\" is not a whole number from 1 up"
        );
    }
    return version;
}

}  // namespace users
