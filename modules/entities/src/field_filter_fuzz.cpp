// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/entities/field_filter.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace annals;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto filter = entities::parse_filter(text);
    if (!filter) return 0;
    documents::Object members;
    members.push_back({filter->path.empty() ? "a" : filter->path.front(), filter->value});
    (void)entities::matches(*filter, documents::Value(std::move(members)));
    return 0;
}
