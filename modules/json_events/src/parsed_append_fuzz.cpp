// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/parsed_append.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

#include "annals/base/assert.hpp"
#include "annals/json_events/event_json.hpp"
#include "annals/json_events/json_text.hpp"
#include "annals/json_events/parsed_page.hpp"

namespace {

using annals::json_events::AppendFormat;

/// What was taken can be written, and what was written is JSON.
void check(annals::json_events::ParsedAppend& parsed) {
    for (const annals::model::NewEvent& event : parsed.request().events) {
        annals::model::RecordedEvent recorded;
        static_cast<annals::model::NewEvent&>(recorded) = event;
        for (const auto format :
             {annals::json_events::EventFormat::kPlain,
              annals::json_events::EventFormat::kCloudEvent}) {
            std::string out;
            annals::json_events::append_event_as(out, recorded, format, "default");
            ANNALS_ASSERT(annals::json_events::is_json(out), "an event is written as JSON");
            ANNALS_ASSERT(out.find('\n') == std::string::npos, "in one line");
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    for (const auto format :
         {AppendFormat::kPlain, AppendFormat::kCloudEvent, AppendFormat::kCloudBatch}) {
        for (const char* stream : {"", "s-1"}) {
            auto parsed = annals::json_events::ParsedAppend::parse(text, format, stream);
            if (parsed) check(*parsed);
        }
    }
    auto binary = annals::json_events::ParsedAppend::parse_binary(
        text, "", {{"specversion", "1.0"}, {"id", text}, {"source", text}, {"type", "t"}}, "s-1"
    );
    if (binary) check(*binary);
    (void)annals::json_events::parse_events(text);
    (void)annals::json_events::parse_page(text);
    return 0;
}
