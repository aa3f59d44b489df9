// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/api_wire/append_wire.hpp"

#include "annals/api_wire/criteria_wire.hpp"
#include "annals/api_wire/error_wire.hpp"
#include "annals/model/limits.hpp"

#include "fields.hpp"

namespace annals::api_wire {
namespace {

using model::Limits;

std::size_t event_bytes_min(const model::NewEvent& event) {
    return event.stream.size() + event.type.size() + event.metadata.size() + event.data.size();
}

Status decode_tracking(std::string_view bytes, std::optional<model::Tracking>& out) {
    if (!out) out.emplace();
    MessageReader in("Tracking", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                out->source = in.bytes();
                break;
            case 2:
                out->consumer = in.bytes();
                break;
            case 3:
                out->key = in.bytes();
                break;
            case 4:
                out->position = in.varint();
                break;
            default:
                break;
        }
    }
    return in.finish();
}

Status decode_stream_revisions(std::string_view bytes, model::StreamRevisions& out) {
    MessageReader in("StreamRevisions", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                out.stream = in.text();
                break;
            case 2:
                out.first = Revision(in.varint());
                break;
            case 3:
                out.last = Revision(in.varint());
                break;
            default:
                break;
        }
    }
    return in.finish();
}

}  // namespace

std::size_t append_request_bytes_min(const model::AppendRequest& request) {
    std::size_t bytes = request.stream.size() + request.idempotency_key.size();
    for (const model::NewEvent& event : request.events) bytes += event_bytes_min(event);
    return bytes;
}

void encode_append_request(
    std::string& out, std::string_view name_space, const model::AppendRequest& request
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, request.stream);
    for (const model::NewEvent& event : request.events) {
        // an id and a few tags more than the lower bound: nearly always as many length bytes
        writer.nested(3, event_bytes_min(event) + 32, [&](std::string& o) {
            model::encode_new_event(o, event);
        });
    }
    for (const model::Check& check : request.checks) {
        writer.nested(4, [&](std::string& o) { encode_check(o, check); });
    }
    if (request.tracking) {
        writer.nested(5, [&](std::string& o) {
            MessageWriter inner(o);
            inner.text(1, request.tracking->source);
            inner.text(2, request.tracking->consumer);
            inner.text(3, request.tracking->key);
            inner.number(4, request.tracking->position);
        });
    }
    writer.text(6, request.idempotency_key);
}

namespace {

/// The error of one event, with its place before the field.
Error in_event(std::size_t ordinal, const Error& error) {
    const std::string place = "events[" + std::to_string(ordinal) + "]";
    Error placed(error.code(), place + ": " + std::string(error.message()));
    for (const ErrorField& field : error.fields()) {
        const bool is_place = field.name == "field";
        placed = std::move(placed).with(
            field.name, is_place ? place + "." + field.value : field.value
        );
    }
    return placed;
}

}  // namespace

Status decode_append_request(std::string_view bytes, AppendCall& call) {
    model::AppendRequest& request = call.request;
    MessageReader in("AppendRequest", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                call.name_space = in.bytes();
                break;
            case 2:
                request.stream = in.bytes();
                break;
            case 3:
                if (request.events.size() == Limits::kAppendEventsMax) {
                    return over_limit("events", Limits::kAppendEventsMax);
                }
                if (const Status decoded = model::decode_new_event(
                        in.bytes(), request.events.emplace_back()
                    );
                    !decoded) {
                    return in_event(request.events.size() - 1, decoded.error());
                }
                break;
            case 4: {
                if (request.checks.size() == Limits::kAppendChecksMax) {
                    return over_limit("checks", Limits::kAppendChecksMax);
                }
                ANNALS_TRY(model::Check check, decode_check(in.bytes()));
                request.checks.push_back(std::move(check));
                break;
            }
            case 5:
                ANNALS_CHECK(decode_tracking(in.bytes(), request.tracking));
                break;
            case 6:
                request.idempotency_key = in.bytes();
                break;
            default:
                break;
        }
    }
    return in.finish();
}

void encode_append_response(std::string& out, const api::AppendResponse& response) {
    MessageWriter writer(out);
    writer.number(1, response.first_position.value);
    writer.number(2, response.last_position.value);
    writer.text(3, response.position);
    writer.sfixed64(4, response.recorded_time.value);
    for (const model::StreamRevisions& stream : response.streams) {
        writer.nested(5, stream.stream.size(), [&](std::string& o) {
            MessageWriter inner(o);
            inner.text(1, stream.stream);
            inner.number(2, stream.first.value);
            inner.number(3, stream.last.value);
        });
    }
    writer.boolean(6, response.is_replay);
    writer.boolean(7, response.is_durable);
}

Result<api::AppendResponse> decode_append_response(std::string_view bytes) {
    api::AppendResponse response;
    response.is_durable = false;
    MessageReader in("AppendResponse", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                response.first_position = Position(in.varint());
                break;
            case 2:
                response.last_position = Position(in.varint());
                break;
            case 3:
                response.position = in.text();
                break;
            case 4:
                response.recorded_time = TimeNs(in.sfixed64());
                break;
            case 5:
                ANNALS_CHECK(decode_stream_revisions(in.bytes(), response.streams.emplace_back()));
                break;
            case 6:
                response.is_replay = in.boolean();
                break;
            case 7:
                response.is_durable = in.boolean();
                break;
            default:
                break;
        }
    }
    ANNALS_CHECK(in.finish());
    return response;
}

void begin_append_part(std::string& out, std::size_t append_bytes, bool is_part) {
    MessageWriter writer(out);
    // Out of order on purpose: the large field comes last, so that its bytes can follow.
    writer.boolean(2, is_part);
    writer.always().begin_sized(1, append_bytes);
}

Result<AppendPart> decode_append_part(std::string_view bytes) {
    AppendPart part;
    MessageReader in("AppendStreamRequest", bytes);
    while (in.next()) {
        if (in.field() == 1) part.append = in.bytes();
        if (in.field() == 2) part.is_part = in.boolean();
    }
    ANNALS_CHECK(in.finish());
    return part;
}

void encode_append_outcome(std::string& out, const Result<api::AppendResponse>& outcome) {
    MessageWriter writer(out);
    if (outcome) {
        writer.nested(1, [&](std::string& o) { encode_append_response(o, *outcome); });
    } else {
        writer.nested(2, [&](std::string& o) { encode_append_failure(o, outcome.error()); });
    }
}

Result<Result<api::AppendResponse>> decode_append_outcome(std::string_view bytes) {
    std::optional<Result<api::AppendResponse>> outcome;
    MessageReader in("AppendStreamResponse", bytes);
    while (in.next()) {
        if (in.field() == 1) {
            ANNALS_TRY(api::AppendResponse response, decode_append_response(in.bytes()));
            outcome.emplace(std::move(response));
        } else if (in.field() == 2) {
            outcome.emplace(decode_append_failure(in.bytes()));
        }
    }
    ANNALS_CHECK(in.finish());
    if (!outcome) {
        return Error(
                   ErrorCode::kInvalidArgument,
                   "an answer of a bulk append has neither a response nor a failure"
        )
            .with("field", "AppendStreamResponse");
    }
    return std::move(*outcome);
}

}  // namespace annals::api_wire
