// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "annals/base/error.hpp"

namespace annals::json_events {

/// Where in a JSON text something lies, as a chain on the stack: costs nothing until an error wants
/// its text, "events[3].tags[1]".
struct Where {
    static constexpr std::size_t kNoIndex = static_cast<std::size_t>(-1);

    const Where* parent = nullptr;
    std::string_view name;
    std::size_t index = kNoIndex;
    char joint = '.';  ///< before the name of a member

    [[nodiscard]] Where at(std::string_view member) const { return {this, member}; }
    [[nodiscard]] Where at(std::size_t place) const { return {this, {}, place}; }
    [[nodiscard]] std::string text() const;
};

/// The document itself.
inline constexpr Where kTop;

/// invalid_argument with `field`, `value` (as it was sent) and `rule`.
Error not_acceptable(const Where& where, std::string_view value, std::string_view rule);
/// The same without `value`: of several things together, or of none.
Error not_acceptable(const Where& where, std::string_view rule);
/// The same for what must be there and is not.
Error left_out(const Where& where, std::string_view rule);

}  // namespace annals::json_events
