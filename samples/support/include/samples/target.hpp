// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace samples {

/// What a request line names, decoded.
struct Target {
    std::string path;
    std::map<std::string, std::string, std::less<>> query;
};

/// Takes `/path?name=value&…` with percent-encoding, `+` in a value for a blank. Nothing: it does
/// not begin with `/`, an encoding is broken, a decoded byte is NUL, or a parameter comes twice,
/// where nobody could say which one counts.
[[nodiscard]] std::optional<Target> parse_target(std::string_view text);

}  // namespace samples
