// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/api_wire/read_wire.hpp"

#include "annals/api_wire/criteria_wire.hpp"

#include "removed_wire.hpp"
#include "start_wire.hpp"

namespace annals::api_wire {
namespace {

constexpr std::uint32_t kReadStartField = 5;

bool is_default(const model::Filter& filter) {
    return filter.is_everything() && !filter.include_system;
}

Result<api::Direction> direction_of(std::uint64_t number) {
    switch (number) {
        case 0:
        case 1:
            return api::Direction::kForwards;
        case 2:
            return api::Direction::kBackwards;
        default:
            return Error(
                       ErrorCode::kInvalidArgument,
                       "direction " + std::to_string(number) + " is neither forwards nor backwards"
            )
                .with("field", "direction");
    }
}

}  // namespace

void encode_read_request(
    std::string& out, std::string_view name_space, const api::ReadRequest& request
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, request.stream);
    if (!is_default(request.filter)) {
        writer.nested(3, [&](std::string& o) { encode_filter(o, request.filter); });
    }
    if (request.direction == api::Direction::kBackwards) writer.number(4, 2);
    encode_start(writer, kReadStartField, request.start);
    writer.number(9, request.limit);
    writer.text(10, request.min_position);
    writer.number(11, request.max_wait_ms);
}

Result<ReadCall> decode_read_request(std::string_view bytes) {
    ReadCall call;
    api::ReadRequest& request = call.request;
    request.limit = 0;
    MessageReader in("ReadRequest", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                call.name_space = in.bytes();
                break;
            case 2:
                request.stream = in.text();
                break;
            case 3:
                ANNALS_CHECK(decode_filter(in.bytes(), request.filter));
                break;
            case 4: {
                ANNALS_TRY(request.direction, direction_of(in.varint()));
                break;
            }
            case 9:
                request.limit = in.uint32();
                break;
            case 10:
                request.min_position = in.text();
                break;
            case 11:
                request.max_wait_ms = in.uint32();
                break;
            case 5:
            case 6:
            case 7:
            case 8:
                decode_start(in, kReadStartField, request.start);
                break;
            default:
                break;
        }
    }
    ANNALS_CHECK(in.finish());
    return call;
}

void encode_read_response_tail(std::string& out, const api::ReadPage& page) {
    MessageWriter writer(out);
    writer.text(2, page.position);
    writer.boolean(3, page.is_end);
    writer.text(4, page.next);
    if (page.last_revision) writer.always().varint(5, page.last_revision->value);
    encode_removed(writer, 6, page.removed);
}

Result<api::ReadPage> decode_read_response(std::string_view bytes) {
    api::ReadPage page;
    page.events.reserve(bytes.size());
    MessageReader in("ReadResponse", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                page.events.add_message(in.bytes());
                break;
            case 2:
                page.position = in.text();
                break;
            case 3:
                page.is_end = in.boolean();
                break;
            case 4:
                page.next = in.text();
                break;
            case 5:
                page.last_revision = Revision(in.varint());
                break;
            case 6: {
                ANNALS_TRY(page.removed.emplace_back(), decode_removed(in.bytes()));
                break;
            }
            default:
                break;
        }
    }
    ANNALS_CHECK(in.finish());
    return page;
}

void encode_get_event_request(std::string& out, std::string_view name_space, const Uuid& id) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, id.view());
}

Result<GetEventCall> decode_get_event_request(std::string_view bytes) {
    GetEventCall call;
    std::string_view raw;
    MessageReader in("GetEventRequest", bytes);
    while (in.next()) {
        if (in.field() == 1) call.name_space = in.bytes();
        if (in.field() == 2) raw = in.bytes();
    }
    ANNALS_CHECK(in.finish());
    const std::optional<Uuid> id = Uuid::from_bytes(raw);
    if (!id) {
        return Error(
                   ErrorCode::kInvalidArgument,
                   "an event id has 16 bytes, not " + std::to_string(raw.size())
        )
            .with("field", "id");
    }
    call.id = *id;
    return call;
}

}  // namespace annals::api_wire
