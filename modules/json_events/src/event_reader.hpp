// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "annals/json_events/archived_event.hpp"
#include "annals/model/event.hpp"

#include "json_reader.hpp"

namespace annals::json_events {

/// What an event may say about itself.
enum class EventKind : std::uint8_t {
    kNew,       ///< position, revision and recorded time are refused: the server gives them
    kRecorded,  ///< they are taken
    kArchived,  ///< they are taken where they are there, all or none; and the append's note
};

/// Reads an event of our own members. Views into the document and the arena.
Status read_event(
    ondemand::value& value,
    const Where& where,
    Arena& arena,
    EventKind kind,
    model::RecordedEvent& event
);

/// Reads an event of an archive: with its stamp and the note of its append, or without.
Status read_archived_event(
    ondemand::value& value, const Where& where, Arena& arena, ArchivedEvent& archived
);

/// The same of a new event whose object is open already.
Status read_event_members(
    ondemand::object& object, const Where& where, Arena& arena, model::RecordedEvent& event
);

/// application/json is what no content type means.
std::string_view normal_content_type(std::string_view content_type);

}  // namespace annals::json_events
