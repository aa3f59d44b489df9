// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string_view>
#include <vector>

#include "annals/json_events/parsed_append.hpp"
#include "annals/model/event.hpp"

#include "json_reader.hpp"

namespace annals::json_events {

/// Reads a CloudEvent in structured mode. Views into the document and the arena.
/// `stream`: where it goes; empty: to the stream of its subject.
Status read_cloud_event(
    ondemand::value& value,
    const Where& where,
    Arena& arena,
    std::string_view stream,
    model::NewEvent& event
);

/// The same in binary mode; `data` and `content_type` must live as long as the event.
Status read_binary_cloud_event(
    const std::vector<CloudAttribute>& attributes,
    std::string_view content_type,
    std::string_view data,
    Arena& arena,
    std::string_view stream,
    model::NewEvent& event
);

}  // namespace annals::json_events
