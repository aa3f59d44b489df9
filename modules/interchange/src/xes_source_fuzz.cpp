// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <string>

#include "annals/interchange/xes_format.hpp"

/// Any bytes: reading ends, numbers rise by one, and no event is larger than the limit allows.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t kLimit = 4'096;
    std::istringstream input(std::string(reinterpret_cast<const char*>(data), size));
    annals::interchange::XesOptions options;
    options.element_bytes_max = kLimit;
    auto source = annals::interchange::make_xes_source(input, options);
    if (!source) std::abort();
    annals::interchange::Record record;
    std::uint64_t number = 0;
    while (true) {
        const annals::Result<bool> has_record = (*source)->next(record);
        if (has_record && !*has_record) return 0;
        if (!has_record && !annals::interchange::is_bad_record(has_record.error())) return 0;
        if (record.number != ++number) std::abort();
        if (record.event.data.size() > 16 * kLimit) std::abort();
    }
}
