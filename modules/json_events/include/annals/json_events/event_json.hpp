// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

#include "annals/base/result.hpp"
#include "annals/model/append.hpp"
#include "annals/model/event.hpp"
#include "annals/model/event_batch.hpp"

namespace annals::json_events {

/// How an event is written.
enum class EventFormat : std::uint8_t {
    kPlain,       ///< our own members (docs/reference/http.md)
    kCloudEvent,  ///< CloudEvents 1.0, structured JSON
};

/// Appends the event as one JSON object without line breaks outside of its data. Data and metadata
/// that are JSON lie in it as they were stored, byte for byte (line breaks between their tokens
/// become blanks); other text becomes a JSON string, other bytes `data_base64`.
void append_event(std::string& out, const model::RecordedEvent& event);

/// The same of a proposed event: without what the server gives, and without an id when it is nil.
void append_new_event(std::string& out, const model::NewEvent& event);
/// `{"events": […], "checks": […], "tracking": {…}}`; not the stream and the idempotency key, which
/// travel elsewhere.
void append_request(std::string& out, const model::AppendRequest& request);

/// The same as a CloudEvent (docs/reference/http.md has the table). `name_space` goes into
/// `source`.
void append_cloud_event(
    std::string& out, const model::RecordedEvent& event, std::string_view name_space
);

void append_event_as(
    std::string& out,
    const model::RecordedEvent& event,
    EventFormat format,
    std::string_view name_space
);

/// `[…]`, in order. Errors are those of damaged bytes.
Status append_events(
    std::string& out,
    const model::EventBatch& events,
    EventFormat format,
    std::string_view name_space
);

/// `/annals/default/order-1`, percent-encoded: the source of a CloudEvent that has none of its own.
std::string source_of(std::string_view name_space, std::string_view stream);

/// Everything but letters, digits and `-._~` as %XX.
void append_percent_encoded(std::string& out, std::string_view text);

/// Prefix of the dialect fields that keep what CloudEvents has and annals has not: `ce.id` (an id
/// that is no UUID), `ce.source`, `ce.subject`, `ce.dataschema`, and extensions.
inline constexpr std::string_view kCloudFieldPrefix = "ce.";
/// Prefix of the dialect fields that keep extensions which came as JSON numbers or booleans: their
/// JSON, so that they go out as what they were (CloudEvents 1.0, type system).
inline constexpr std::string_view kCloudValuePrefix = "cejson.";

}  // namespace annals::json_events
