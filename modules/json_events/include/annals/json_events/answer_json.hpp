// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "annals/api/requests.hpp"
#include "annals/base/result.hpp"
#include "annals/json_events/event_json.hpp"
#include "annals/model/append.hpp"

namespace annals::json_events {

// What the seam answers, as one JSON object each (docs/reference/http.md). Times are RFC 3339.

void append_answer(std::string& out, const api::AppendResponse& response);
/// `{"events": […], "position", "is_end", "next", "last_revision", "removed": […]}`. Errors are
/// those of damaged bytes.
Status append_answer(
    std::string& out, const api::ReadPage& page, EventFormat format, std::string_view name_space
);
/// `name` is what the list is called in the object: "streams" or "types".
void append_answer(std::string& out, const api::StreamList& list, std::string_view name);
void append_answer(std::string& out, const api::CategoryList& list);
void append_answer(std::string& out, const api::StreamInfo& info);
void append_answer(std::string& out, const api::NamespaceInfo& info);
void append_answer(std::string& out, const std::vector<api::NamespaceInfo>& list);
void append_answer(std::string& out, const api::ServerInfo& info);

/// `[{"check_index", "stream", "expected", "current_revision", …}]` of a conflict.
void append_failed_checks(std::string& out, const std::vector<model::FailedCheck>& failed);

}  // namespace annals::json_events
