// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/interchange/json_formats.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <string>

namespace {

/// Any bytes: reading ends, numbers rise by one, lines never fall, raw texts are part of the input;
/// what was read can be written.
void read_all(annals::interchange::RecordSource& source, std::size_t size) {
    std::ostringstream out;
    const auto sink = annals::interchange::make_ndjson_sink(out);
    annals::interchange::Record record;
    std::uint64_t number = 0;
    std::uint64_t line = 0;
    while (true) {
        const annals::Result<bool> has_record = source.next(record);
        if (has_record && !*has_record) return;
        if (!has_record && !annals::interchange::is_bad_record(has_record.error())) return;
        if (record.number != ++number || record.line < line || record.raw.size() > size)
            std::abort();
        line = record.line;
        if (has_record && !sink->write(record)) std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    std::istringstream lines(text);
    read_all(*annals::interchange::make_ndjson_source(lines), size);
    std::istringstream batch(text);
    read_all(*annals::interchange::make_cloud_events_source(batch), size);
    return 0;
}
