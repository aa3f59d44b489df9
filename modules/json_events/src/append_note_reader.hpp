// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "annals/model/append_note.hpp"
#include "annals/model/removal_note.hpp"

#include "json_reader.hpp"

namespace annals::json_events {

/// `{"source", "consumer", "key", "position"}`. Views into the document.
Result<model::Tracking> read_tracking(ondemand::value& value, const Where& where);

/// What append_note() writes. Views into the document.
Status read_append_note(ondemand::value& value, const Where& where, model::AppendNote& note);

/// The member `removed` of a removed event: `time` and `fingerprint`, or `forgotten`.
Status read_removal_note(ondemand::value& value, const Where& where, model::RemovalNote& note);

}  // namespace annals::json_events
