// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <vector>

#include "annals/api/removed_events.hpp"
#include "annals/base/result.hpp"

namespace annals::json_events {

// What readers are told of removed events, as pages, feeds and websockets say it
// (docs/reference/http.md).

/// `{"first_position":3,"last_position":9,"events":7}`, with `first_revision`, `last_revision`,
/// `removed_time` and `is_uncertain` where they say something.
void append_removed(std::string& out, const api::RemovedEvents& removed);
/// An array of them.
void append_removed(std::string& out, const std::vector<api::RemovedEvents>& removed);

/// One of them, read again: for clients. invalid_argument with the place of what is not as above.
Result<api::RemovedEvents> parse_removed(std::string json_object);

}  // namespace annals::json_events
