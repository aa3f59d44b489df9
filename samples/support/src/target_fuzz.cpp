// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "samples/target.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto target = samples::parse_target({reinterpret_cast<const char*>(data), size});
    if (!target) return 0;
    if (!target->path.starts_with('/')) std::abort();
    std::size_t decoded = target->path.size();
    for (const auto& [name, value] : target->query) decoded += name.size() + value.size();
    if (decoded > size) std::abort();
    return 0;
}
