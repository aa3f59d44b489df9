// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace annals::json_events {

/// Where in a request something was said.
enum class SentPlace : std::uint8_t { kQuery, kHeader, kContent };

/// What the store calls a thing, and what a request over HTTP calls it: the door names things in
/// its problems as they were sent, a client names them as it was asked. Of several that fit the
/// request has the first.
struct SentName {
    std::string_view field;
    SentPlace place;
    std::string_view name;
};

inline constexpr std::array<SentName, 36> kSentNames{{
    {"filter.stream_pattern", SentPlace::kQuery, "match"},
    {"filter.stream_pattern", SentPlace::kContent, "filter.match"},
    {"filter.type_pattern", SentPlace::kQuery, "match_type"},
    {"filter.type_pattern", SentPlace::kContent, "filter.match_type"},
    {"filter.recorded_since", SentPlace::kQuery, "since"},
    {"filter.recorded_since", SentPlace::kContent, "filter.since"},
    {"filter.recorded_until", SentPlace::kQuery, "until"},
    {"filter.recorded_until", SentPlace::kContent, "filter.until"},
    {"filter.stream_prefixes", SentPlace::kQuery, "prefix"},
    {"filter.stream_prefixes", SentPlace::kContent, "filter.prefixes"},
    {"filter.categories", SentPlace::kQuery, "category"},
    {"filter.types", SentPlace::kQuery, "type"},
    {"filter.tags", SentPlace::kQuery, "tag"},
    {"from_revision", SentPlace::kQuery, "from_revision"},
    {"from_revision", SentPlace::kQuery, "from"},
    {"from_position", SentPlace::kQuery, "from_position"},
    {"from_position", SentPlace::kQuery, "from"},
    {"after", SentPlace::kHeader, "Last-Event-ID"},
    {"after", SentPlace::kQuery, "after"},
    {"min_position", SentPlace::kQuery, "min_position"},
    {"min_position", SentPlace::kHeader, "Min-Position"},
    {"max_wait_ms", SentPlace::kQuery, "wait"},
    {"idempotency_key", SentPlace::kHeader, "Idempotency-Key"},
    {"traceparent", SentPlace::kHeader, "traceparent"},
    {"tracestate", SentPlace::kHeader, "tracestate"},
    {"actor", SentPlace::kHeader, "Actor"},
    {"correlation_id", SentPlace::kHeader, "Correlation-Id"},
    {"causation_id", SentPlace::kHeader, "Causation-Id"},
    {"content_type", SentPlace::kHeader, "Content-Type"},
    {"start", SentPlace::kContent, "from"},
    {"namespace", SentPlace::kContent, "name"},
    {"metadata.max_age_s", SentPlace::kContent, "max_age_s"},
    {"metadata.max_count", SentPlace::kContent, "max_count"},
    {"metadata.truncate_before", SentPlace::kContent, "truncate_before"},
    {"metadata.compact_by", SentPlace::kContent, "compact_by"},
    {"metadata.custom", SentPlace::kContent, "custom"},
}};

/// How the events of an append stood in its content.
enum class SentEvents : std::uint8_t {
    kMember,        ///< {"events": […], …}
    kArray,         ///< […]
    kEvent,         ///< the content is the event
    kCloudArray,    ///< a batch of CloudEvents
    kCloudEvent,    ///< one, structured
    kCloudHeaders,  ///< one in binary mode: header fields, and the content is its data
};

/// What the store calls `events[3].tags[1]`, as it stood in the content: `[3].tags[1]`, `tags[1]`,
/// an attribute of a CloudEvent, a header field; `body` where all of it is meant. What is none of
/// an event comes back as it is. A CloudEvent whose stream the request's path names has no subject
/// to blame: `is_stream_named`.
std::string event_field_as_sent(std::string_view field, SentEvents how, bool is_stream_named);

/// Whether the content is a JSON object that has this member: `filter.match` is one within one.
/// Costs a parse: for errors.
bool has_member(std::string_view json, std::string_view path);

}  // namespace annals::json_events
