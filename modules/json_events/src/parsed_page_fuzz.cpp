// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/parsed_page.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

#include "annals/base/assert.hpp"
#include "annals/json_events/removed_json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using annals::json_events::append_removed;
    using annals::json_events::parse_deliveries;
    using annals::json_events::parse_member_event;
    using annals::json_events::parse_page;
    using annals::json_events::parse_removed;
    const std::string text(reinterpret_cast<const char*>(data), size);
    auto deliveries = parse_deliveries(text);
    if (deliveries) {
        const std::size_t count = deliveries->deliveries.size();
        ANNALS_ASSERT(deliveries->events.size() == count, "each event has its delivery");
        ANNALS_ASSERT(deliveries->attempts.size() == count, "and its attempt");
        ANNALS_ASSERT(deliveries->events.decode().has_value(), "what was taken can be read");
        const auto first = deliveries->take_first(1);
        ANNALS_ASSERT(first.events.size() + deliveries->events.size() == count, "split, not lost");
    }
    const auto event = parse_member_event(text);
    if (event) ANNALS_ASSERT(event->decode().has_value(), "what was taken can be read");
    const auto page = parse_page(text);
    if (page) ANNALS_ASSERT(page->events.decode().has_value(), "what was taken can be read");
    const auto removed = parse_removed(text);
    if (removed) {
        std::string again;
        append_removed(again, *removed);
        const auto same = parse_removed(again);
        ANNALS_ASSERT(same && *same == *removed, "what was written is read as it was");
    }
    return 0;
}
