// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "annals/api/requests.hpp"
#include "annals/base/result.hpp"

#include "message.hpp"
#include "parameters.hpp"

namespace annals::http_door::detail {

/// Up to where a read looks: a token, a position or a time.
using AsOf = std::variant<std::monostate, api::AfterToken, api::FromPosition, api::FromTime>;

/// What a GET of events asks for, however it is answered.
struct Selection {
    api::ReadRequest read;
    AsOf as_of;
    std::uint32_t wait_ms = 0;  ///< for something to show
    /// Of a subscription.
    std::optional<std::uint32_t> batch_events_max;
    std::optional<std::uint32_t> checkpoint_interval;
    bool is_from_end = false;
    /// A parameter or header field that is there and says something of a page alone; empty: none.
    std::string_view of_pages;
};

/// Reads the parameters `from`, `after`, … of docs/reference/http.md; `stream` empty: everything.
Result<Selection> parse_selection(const Request& request, std::string stream);

/// The same of the events with one id: they neither come later nor are they revisions of a stream.
Result<Selection> parse_id_selection(const Request& request);

/// invalid_argument that names what a page would not heed: a parameter which only a subscription
/// has, or to begin at the end and go forwards.
Status check_page(const Selection& selection);

/// The same as a subscription: from where the header Last-Event-ID says, if it is there.
/// invalid_argument that names what only a page has.
Result<api::SubscribeRequest> subscribe_request(const Request& request, Selection selection);

/// The id of an event within a frame of a subscription: the frame's token and, unless it is the
/// last of it, the event's position. Opaque for clients, like a token.
std::string resume_id(const std::string& token, std::optional<Position> position);
/// What to go on from: the token to check and, if the id had one, the position behind which to
/// start.
struct ResumePoint {
    std::string token;
    std::optional<Position> position;
};
ResumePoint parse_resume_id(std::string_view id);

}  // namespace annals::http_door::detail
