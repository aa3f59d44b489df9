// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/life_json.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

#include "annals/base/assert.hpp"
#include "annals/json_events/expected_text.hpp"
#include "annals/json_events/json_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using annals::json_events::append_metadata;
    using annals::json_events::is_json;
    using annals::json_events::parse_expected;
    using annals::json_events::parse_metadata;
    using annals::json_events::parse_metadata_info;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto metadata = parse_metadata(text);
    if (metadata) {
        std::string out;
        append_metadata(out, *metadata);
        ANNALS_ASSERT(is_json(out), "what was taken is written as JSON");
        const auto again = parse_metadata(out);
        ANNALS_ASSERT(again.has_value(), "and is taken again");
        ANNALS_ASSERT(again->max_count == metadata->max_count, "as it was");
    } else {
        ANNALS_ASSERT(!metadata.error().field("field").empty(), "a refusal names the field");
    }
    (void)parse_metadata_info(text);
    (void)parse_expected(text);
    return 0;
}
