// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/patterns/pattern.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t middle = size / 2;
    const auto pattern = annals::patterns::Pattern::compile(input.substr(0, middle), "match");
    if (pattern) (void)pattern->matches(input.substr(middle));
    return 0;
}
