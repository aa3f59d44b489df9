// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/config/values.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "annals/base/assert.hpp"

/// Whatever is taken must come back the same from its own text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using annals::config::format_duration;
    using annals::config::parse_address;
    using annals::config::parse_day_window;
    using annals::config::parse_durability;
    using annals::config::parse_duration_ns;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto address = parse_address(text)) {
        ANNALS_ASSERT(parse_address(to_string(*address)).value() == *address, "same address");
    }
    if (const auto duration = parse_duration_ns(text)) {
        ANNALS_ASSERT(*duration >= 0, "a duration is never negative");
        ANNALS_ASSERT(
            parse_duration_ns(format_duration(*duration)).value() == *duration, "same duration"
        );
    }
    if (const auto durability = parse_durability(text)) {
        ANNALS_ASSERT(
            parse_durability(to_string(*durability)).value() == *durability, "same durability"
        );
    }
    if (const auto window = parse_day_window(text)) {
        ANNALS_ASSERT(window->from_minute < 1440 && window->to_minute < 1440, "minutes of a day");
    }
    return 0;
}
