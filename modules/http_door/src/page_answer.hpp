// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string_view>

#include "annals/api/requests.hpp"
#include "annals/base/uuid.hpp"
#include "annals/json_events/event_json.hpp"

#include "selection.hpp"
#include "store_routes.hpp"

namespace annals::http_door::detail {

/// What an answer's events look like: CloudEvents where a batch of them is wanted.
json_events::EventFormat event_format(const Request& request);

/// A page as the answer: content, ETag, Position, and Link to the next page.
Response page_response(const StoreCall& call, const api::ReadPage& page);

/// The same URL with another `after`, instead of what said where to start.
std::string url_after(const StoreCall& call, std::string_view after);

/// One page, as of what the selection says. On a thread that may wait.
Result<api::ReadPage> read_page(
    api::EventStore& store, const api::CallContext& context, const Selection& selection
);

/// The same of the events with one id, of which there are few: all of them are read, and the page
/// is cut out of them.
Result<api::ReadPage> read_id_page(
    api::EventStore& store,
    const api::CallContext& context,
    const Uuid& id,
    const Selection& selection
);

}  // namespace annals::http_door::detail
