// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "annals/base/result.hpp"
#include "annals/model/append_note.hpp"
#include "annals/model/event.hpp"
#include "annals/model/removal_note.hpp"

namespace annals::json_events {

/// An event as a line of a file has it.
struct ArchivedEvent {
    model::RecordedEvent event;
    bool has_stamp = false;                     ///< position, revision and recorded time were there
    std::optional<model::AppendNote> append;    ///< on the first event of its append
    std::optional<model::RemovalNote> removal;  ///< of a removed event, which has no data
};

/// Appends the event as append_event() does, but so that reading gives back every byte of data and
/// metadata: JSON with line breaks or blanks around it is written as `data_base64` or
/// `metadata_base64`. With the append's note as `append`, if there is one that says anything, and
/// `removed`, if the event was: `{"time":"…","fingerprint":"…"}`, or `{"forgotten":true}` without
/// an id.
void append_archived_event(
    std::string& out,
    const model::RecordedEvent& event,
    const model::AppendNote* append,
    const model::RemovalNote* removal = nullptr
);

/// The note alone: `{"events":3,"principal":"ann","tracking":{…}}`.
void append_note(std::string& out, const model::AppendNote& note);

/// Reads events one after the other and keeps its memory. Errors are invalid_argument with `field`,
/// `value` and what is accepted. About 1 µs an event. One thread.
class ArchivedEventParser {
  public:
    ArchivedEventParser();
    ArchivedEventParser(const ArchivedEventParser&) = delete;
    ArchivedEventParser& operator=(const ArchivedEventParser&) = delete;
    ~ArchivedEventParser();

    /// One event of our own members. Position, revision and recorded time are all there or none is;
    /// no id is the nil one. Views live until the next call.
    Status parse(std::string_view json, ArchivedEvent& into);
    /// One CloudEvent, which goes to the stream of its subject; what annals gave it is not read.
    Status parse_cloud(std::string_view json, ArchivedEvent& into);
    /// What append_note() writes.
    Status parse_note(std::string_view json, model::AppendNote& into);

  private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace annals::json_events
