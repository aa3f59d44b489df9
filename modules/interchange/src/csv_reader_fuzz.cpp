// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/interchange/csv_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

/// Any bytes: reading ends, lines and numbers rise, raw texts lie one behind the other.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    std::istringstream input(text);
    annals::interchange::CsvReader reader(input, {.delimiter = ',', .record_bytes_max = 64});
    annals::interchange::CsvRecord record;
    std::uint64_t line = 0;
    std::uint64_t number = 0;
    std::size_t raw_bytes = 0;
    while (true) {
        const annals::Result<bool> has_record = reader.next(record);
        if (has_record && !*has_record) break;
        if (record.number != ++number || record.line <= line) std::abort();
        line = record.line;
        raw_bytes += record.raw.size();
        if (raw_bytes > text.size() || number > text.size()) std::abort();
        for (const std::string_view field : record.fields) {
            if (field.size() > record.raw.size()) std::abort();
        }
    }
    return 0;
}
