// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "annals/model/event.hpp"

#include "json_reader.hpp"

namespace annals::json_events {

/// What an event may say about itself.
enum class EventKind : std::uint8_t {
    kNew,       ///< position, revision and recorded time are refused: the server gives them
    kRecorded,  ///< they are taken
};

/// Reads an event of our own members. Views into the document and the arena.
Status read_event(
    ondemand::value& value,
    const Where& where,
    Arena& arena,
    EventKind kind,
    model::RecordedEvent& event
);

/// The same of a new event whose object is open already.
Status read_event_members(
    ondemand::object& object, const Where& where, Arena& arena, model::RecordedEvent& event
);

/// application/json is what no content type means.
std::string_view normal_content_type(std::string_view content_type);

}  // namespace annals::json_events
