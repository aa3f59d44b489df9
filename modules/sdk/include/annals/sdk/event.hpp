// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/named_type.hpp"
#include "annals/base/uuid.hpp"
#include "annals/sdk/trace.hpp"

namespace annals {

/// Where a consumer of another source has come to; rises with each append for the same source,
/// consumer and key, and is stored with its events: what is written this way is written once.
struct Tracking {
    std::string source;
    std::string consumer;
    std::string key = {};
    Position position = {};
};

/// When something happened, as its source says.
struct ValidTime {
    TimeNs at;
    std::int32_t offset_minutes = 0;  ///< of the source's clock from UTC

    bool operator==(const ValidTime&) const = default;
};

/// A stored event. The texts are views into memory that the event shares with those it was read
/// with: they live as long as the event or a copy of it. To keep one event of many for long, copy
/// the texts.
struct Event {
    std::string_view name_space;  ///< where it was read
    std::string_view stream;
    Revision revision;
    Position position;
    std::string_view type;
    std::string_view data;
    std::string_view content_type;  ///< empty: application/json
    std::string_view metadata;      ///< the writer's, opaque
    std::vector<std::string_view> tags;
    Uuid id;
    TimeNs recorded_time;
    std::string_view actor;
    std::string_view correlation_id;
    std::string_view causation_id;
    std::string_view traceparent;  ///< W3C trace context of the writer
    std::string_view tracestate;
    std::optional<ValidTime> valid_time = {};
    std::uint32_t schema_id = 0;
    std::shared_ptr<const void> owner = {};  ///< of the memory behind the views

    /// Part of the stream's name before the first `-`; empty when there is none.
    [[nodiscard]] std::string_view category() const {
        const std::size_t end = stream.find('-');
        return end == std::string_view::npos ? std::string_view() : stream.substr(0, end);
    }
    /// Of the writer, to link to it or to go on with it.
    [[nodiscard]] TraceContext trace() const {
        return {std::string(traceparent), std::string(tracestate)};
    }
    /// For an append of what a consumer of this name makes of the event.
    [[nodiscard]] Tracking tracking(std::string_view consumer) const {
        return {std::string(name_space), std::string(consumer), "", position};
    }
};

/// An event to be written.
struct NewEvent {
    std::string type;
    std::string data = "null";           ///< JSON, unless content_type says otherwise
    std::vector<std::string> tags = {};  ///< `key:value`
    std::string stream = {};             ///< empty: the one that the append names
    std::string content_type = {};       ///< empty: application/json
    std::string metadata = {};
    Uuid id = {};  ///< nil: the client makes one (UUIDv7) before the first try
    std::string actor = {};
    std::string correlation_id = {};
    std::string causation_id = {};
    std::string traceparent = {};  ///< empty: that of the client
    std::string tracestate = {};
    std::optional<ValidTime> valid_time = {};
    std::uint32_t schema_id = 0;

    /// The same event as a consequence of another: its id becomes the cause, the correlation goes
    /// on (or begins with it).
    [[nodiscard]] NewEvent caused_by(const Event& cause) const {
        NewEvent event = *this;
        event.causation_id = cause.id.to_string();
        event.correlation_id = cause.correlation_id.empty() ? cause.id.to_string()
                                                            : std::string(cause.correlation_id);
        return event;
    }
};

}  // namespace annals
