// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/streams/admission.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

#include "annals/codec/text.hpp"
#include "annals/model/limits.hpp"
#include "annals/model/names.hpp"
#include "annals/model/refusals.hpp"
#include "annals/model/token.hpp"

namespace annals::streams {
namespace {

using model::refused;
using model::too_large;

using model::Limits;

/// "events[3].tags": made only once something is wrong.
struct Place {
    std::string_view list;
    std::size_t index;

    [[nodiscard]] std::string field(std::string_view part) const {
        std::string text(list);
        text.append("[").append(std::to_string(index)).append("]");
        if (!part.empty()) text.append(".").append(part);
        return text;
    }
    [[nodiscard]] std::string field(std::string_view part, std::size_t part_index) const {
        return field(part) + "[" + std::to_string(part_index) + "]";
    }
};

bool is_plain(std::string_view text, std::size_t bytes_max) {
    return !text.empty() && text.size() <= bytes_max && codec::is_printable_ascii(text);
}

/// UTF-8 of at most so many bytes, without control characters; may be empty.
Status check_text(std::string_view text, std::size_t bytes_max, std::string_view field) {
    if (text.size() > bytes_max) return too_large(field, text.size(), bytes_max, "bytes");
    if (codec::is_printable_ascii(text)) return ok();
    if (!codec::is_utf8(text)) return refused(field, text, "it must be UTF-8");
    if (codec::has_control_character(text)) {
        return refused(field, text, "it must not have control characters");
    }
    return ok();
}

/// The same, with the name of the field made at need.
Status check_event_text(
    std::string_view text, std::size_t bytes_max, const Place& place, std::string_view part
) {
    if (text.size() <= bytes_max && codec::is_printable_ascii(text)) [[likely]]
        return ok();
    return check_text(text, bytes_max, place.field(part));
}

Status check_target(
    const api::CallContext& context, std::string_view stream, std::string_view field
) {
    if (context.is_server) return model::check_stream_name(stream, field);
    return model::check_user_stream_name(stream, field);
}

Status check_event_stream(
    const api::CallContext& context,
    const model::NewEvent& event,
    bool has_common_stream,
    const Place& place
) {
    if (event.stream.empty()) {
        if (has_common_stream) return ok();
        return refused(place.field("stream"), "", "the event or the append must name a stream");
    }
    if (is_plain(event.stream, Limits::kStreamNameBytesMax) && !model::is_system_name(event.stream))
        [[likely]]
        return ok();
    return check_target(context, event.stream, place.field("stream"));
}

Status check_tags(const model::NewEvent& event, const Place& place) {
    const std::size_t count = event.tags.size();
    if (count == 0) return ok();
    if (count > Limits::kTagsPerEventMax) {
        return too_large(place.field("tags"), count, Limits::kTagsPerEventMax, "tags");
    }
    for (std::size_t i = 0; i < count; ++i) {
        if (Status good = model::check_tag(event.tags[i], "tags"); !good) {
            return model::check_tag(event.tags[i], place.field("tags", i));
        }
    }
    std::array<std::string_view, Limits::kTagsPerEventMax> sorted;
    const auto end = std::copy(event.tags.begin(), event.tags.end(), sorted.begin());
    std::sort(sorted.begin(), end);
    const auto twice = std::adjacent_find(sorted.begin(), end);
    if (twice == end) return ok();
    const auto first = std::find(event.tags.begin(), event.tags.end(), *twice);
    const auto second = std::find(first + 1, event.tags.end(), *twice);
    const auto at = static_cast<std::size_t>(second - event.tags.begin());
    return refused(place.field("tags", at), *twice, "a tag is given once");
}

Status check_dialect(const model::NewEvent& event, const Place& place) {
    for (std::size_t i = 0; i < event.dialect.size(); ++i) {
        const model::DialectField& field = event.dialect[i];
        if (field.name.empty()) {
            return refused(
                place.field("dialect", i) + ".name", "", "it must have at least one character"
            );
        }
        if (!is_plain(field.name, Limits::kReservedFieldBytesMax)) {
            ANNALS_CHECK(check_text(
                field.name, Limits::kReservedFieldBytesMax, place.field("dialect", i) + ".name"
            ));
        }
        if (field.value.size() > Limits::kReservedFieldBytesMax) {
            return too_large(
                place.field("dialect", i) + ".value",
                field.value.size(),
                Limits::kReservedFieldBytesMax,
                "bytes"
            );
        }
    }
    return ok();
}

Status check_reserved(const model::NewEvent& event, const Place& place) {
    constexpr std::size_t kMax = Limits::kReservedFieldBytesMax;
    if (!event.content_type.empty()) {
        ANNALS_CHECK(check_event_text(
            event.content_type, Limits::kContentTypeBytesMax, place, "content_type"
        ));
    }
    if (!event.actor.empty()) ANNALS_CHECK(check_event_text(event.actor, kMax, place, "actor"));
    if (!event.correlation_id.empty()) {
        ANNALS_CHECK(check_event_text(event.correlation_id, kMax, place, "correlation_id"));
    }
    if (!event.causation_id.empty()) {
        ANNALS_CHECK(check_event_text(event.causation_id, kMax, place, "causation_id"));
    }
    if (!event.traceparent.empty()) {
        ANNALS_CHECK(check_event_text(event.traceparent, kMax, place, "traceparent"));
    }
    if (!event.tracestate.empty()) {
        ANNALS_CHECK(check_event_text(event.tracestate, kMax, place, "tracestate"));
    }
    constexpr std::int32_t kDayMinutes = 24 * 60;
    if (event.valid_time && std::abs(event.valid_time->offset_minutes) >= kDayMinutes) {
        return refused(
            place.field("valid_time_offset_minutes"),
            std::to_string(event.valid_time->offset_minutes),
            "an offset from UTC is less than a day"
        );
    }
    return event.dialect.empty() ? ok() : check_dialect(event, place);
}

/// Bytes that count against the limits: payload and envelope, without framing.
std::size_t size_of(const model::NewEvent& event) {
    std::size_t bytes = event.stream.size() + event.type.size() + event.content_type.size() +
                        event.actor.size() + event.correlation_id.size() +
                        event.causation_id.size() + event.traceparent.size() +
                        event.tracestate.size() + event.metadata.size() + event.data.size();
    for (const std::string_view tag : event.tags) bytes += tag.size();
    for (const model::DialectField& field : event.dialect)
        bytes += field.name.size() + field.value.size();
    return bytes;
}

Status check_event(
    const api::CallContext& context,
    const model::NewEvent& event,
    bool has_common_stream,
    const Place& place
) {
    ANNALS_CHECK(check_event_stream(context, event, has_common_stream, place));
    if (!is_plain(event.type, Limits::kTypeBytesMax)) [[unlikely]] {
        ANNALS_CHECK(model::check_type_name(event.type, place.field("type")));
    }
    ANNALS_CHECK(check_tags(event, place));
    ANNALS_CHECK(check_reserved(event, place));
    if (event.metadata.size() > Limits::kMetadataBytesMax) {
        return too_large(
            place.field("metadata"), event.metadata.size(), Limits::kMetadataBytesMax, "bytes"
        );
    }
    return ok();
}

Status check_events(const api::CallContext& context, const model::AppendRequest& request) {
    if (request.events.empty()) {
        return refused(
            "events",
            "",
            "an append has at least one event; progress that writes none is saved as a consumer's"
        );
    }
    if (request.events.size() > Limits::kAppendEventsMax) {
        return too_large("events", request.events.size(), Limits::kAppendEventsMax, "events");
    }
    if (!request.stream.empty()) ANNALS_CHECK(check_target(context, request.stream, "stream"));
    std::size_t append_bytes = 0;
    for (std::size_t i = 0; i < request.events.size(); ++i) {
        const Place place{"events", i};
        ANNALS_CHECK(check_event(context, request.events[i], !request.stream.empty(), place));
        const std::size_t bytes = size_of(request.events[i]);
        if (bytes > Limits::kEventBytesMax) {
            return too_large(place.field(""), bytes, Limits::kEventBytesMax, "bytes");
        }
        append_bytes += bytes;
    }
    if (append_bytes > Limits::kAppendBytesMax) {
        return too_large("events", append_bytes, Limits::kAppendBytesMax, "bytes");
    }
    return ok();
}

Status check_query_check(const model::QueryCheck& check, const Place& place) {
    if (Status good = model::check_query(check.query); !good) {
        return model::check_query(check.query, place.field("query"));
    }
    if (check.after.empty() || model::parse_token(check.after)) return ok();
    Result<model::PositionToken> token = model::parse_token(check.after, place.field("after"));
    return std::move(token).take_error();
}

Status check_checks(const model::AppendRequest& request) {
    if (request.checks.size() > Limits::kAppendChecksMax) {
        return too_large("checks", request.checks.size(), Limits::kAppendChecksMax, "checks");
    }
    for (std::size_t i = 0; i < request.checks.size(); ++i) {
        const Place place{"checks", i};
        if (const auto* query = std::get_if<model::QueryCheck>(&request.checks[i])) {
            ANNALS_CHECK(check_query_check(*query, place));
            continue;
        }
        const std::string_view stream = std::get<model::StreamCheck>(request.checks[i]).stream;
        if (is_plain(stream, Limits::kStreamNameBytesMax)) [[likely]]
            continue;
        ANNALS_CHECK(model::check_stream_name(stream, place.field("stream")));
    }
    return ok();
}

Status check_tracking(const model::Tracking& tracking) {
    constexpr std::size_t kMax = Limits::kReservedFieldBytesMax;
    const std::string_view rule = "it must have at least one character";
    if (tracking.source.empty()) return refused("tracking.source", "", rule);
    if (tracking.consumer.empty()) return refused("tracking.consumer", "", rule);
    ANNALS_CHECK(check_text(tracking.source, kMax, "tracking.source"));
    ANNALS_CHECK(check_text(tracking.consumer, kMax, "tracking.consumer"));
    return check_text(tracking.key, kMax, "tracking.key");
}

}  // namespace

Status admit(const api::CallContext& context, const model::AppendRequest& request) {
    ANNALS_CHECK(check_events(context, request));
    if (!request.checks.empty()) ANNALS_CHECK(check_checks(request));
    if (request.tracking) ANNALS_CHECK(check_tracking(*request.tracking));
    if (!request.idempotency_key.empty()) {
        ANNALS_CHECK(
            check_text(request.idempotency_key, Limits::kIdempotencyKeyBytesMax, "idempotency_key")
        );
    }
    ANNALS_CHECK(check_text(context.traceparent, Limits::kReservedFieldBytesMax, "traceparent"));
    return check_text(context.tracestate, Limits::kReservedFieldBytesMax, "tracestate");
}

}  // namespace annals::streams
