// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/archived_event.hpp"

#include "append_note_reader.hpp"
#include "cloud_event_reader.hpp"
#include "event_reader.hpp"
#include "json_reader.hpp"

namespace annals::json_events {

/// Parser, text and what was made of it: kept from one event to the next.
struct ArchivedEventParser::Body {
    Result<ondemand::value> open(std::string_view json) {
        ANNALS_CHECK(Document::check(json));
        arena.clear();
        text.assign(json);
        text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
        const simdjson::padded_string_view padded(text.data(), text.size(), text.capacity());
        ondemand::value value;
        if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
            document.get_value().get(value) != simdjson::SUCCESS) {
            return not_acceptable({}, json, "an object");
        }
        return value;
    }

    std::string text;
    ondemand::parser parser;
    ondemand::document document;
    Arena arena;
};

ArchivedEventParser::ArchivedEventParser() : body_(std::make_unique<Body>()) {}
ArchivedEventParser::~ArchivedEventParser() = default;

Status ArchivedEventParser::parse(std::string_view json, ArchivedEvent& into) {
    into = {};
    ANNALS_TRY(ondemand::value value, body_->open(json));
    return read_archived_event(value, {}, body_->arena, into);
}

Status ArchivedEventParser::parse_cloud(std::string_view json, ArchivedEvent& into) {
    into = {};
    ANNALS_TRY(ondemand::value value, body_->open(json));
    return read_cloud_event(value, {}, body_->arena, {}, into.event);
}

Status ArchivedEventParser::parse_note(std::string_view json, model::AppendNote& into) {
    into = {};
    ANNALS_TRY(ondemand::value value, body_->open(json));
    return read_append_note(value, {}, into);
}

}  // namespace annals::json_events
