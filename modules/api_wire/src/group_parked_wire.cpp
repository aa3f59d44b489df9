// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// What is parked, of annals.v1.ConsumerGroups.
#include "annals/api_wire/group_wire.hpp"
#include "annals/model/refusals.hpp"

#include "fields.hpp"
#include "packed.hpp"

namespace annals::api_wire {
namespace {

void encode_parked(std::string& out, const api::ParkedEvent& parked) {
    MessageWriter writer(out);
    writer.text(1, parked.key);
    writer.number(2, parked.at.value);
    writer.number(3, parked.queued);
    writer.number(4, parked.attempts);
    writer.text(5, parked.error);
    writer.text(6, parked.member);
    writer.sfixed64(7, parked.parked_time.value);
    writer.boolean(8, parked.is_edited);
}

Result<api::ParkedEvent> decode_parked(std::string_view bytes) {
    api::ParkedEvent parked;
    MessageReader in("ParkedEvent", bytes);
    while (in.next()) {
        if (in.field() == 1) parked.key = in.text();
        if (in.field() == 2) parked.at = Position(in.varint());
        if (in.field() == 3) parked.queued = in.varint();
        if (in.field() == 4) parked.attempts = in.uint32();
        if (in.field() == 5) parked.error = in.text();
        if (in.field() == 6) parked.member = in.text();
        if (in.field() == 7) parked.parked_time = TimeNs(in.sfixed64());
        if (in.field() == 8) parked.is_edited = in.boolean();
    }
    ANNALS_CHECK(in.finish());
    return parked;
}

}  // namespace

void encode_list_parked_request(
    std::string& out, std::string_view name_space, const api::ListParkedRequest& request
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, request.group);
    writer.number(3, request.after.value);
    writer.number(4, request.limit);
}

Result<GroupCall<api::ListParkedRequest>> decode_list_parked_request(std::string_view bytes) {
    GroupCall<api::ListParkedRequest> call;
    call.request.limit = 0;
    MessageReader in("ListParkedRequest", bytes);
    while (in.next()) {
        if (in.field() == 1) call.name_space = in.bytes();
        if (in.field() == 2) call.request.group = in.text();
        if (in.field() == 3) call.request.after = Position(in.varint());
        if (in.field() == 4) call.request.limit = in.uint32();
    }
    ANNALS_CHECK(in.finish());
    return call;
}

void encode_parked_list(std::string& out, const api::ParkedList& list) {
    MessageWriter writer(out);
    for (const api::ParkedEvent& parked : list.parked) {
        writer.nested(1, [&](std::string& o) { encode_parked(o, parked); });
    }
    writer.boolean(2, list.has_more);
}

Result<api::ParkedList> decode_parked_list(std::string_view bytes) {
    api::ParkedList list;
    MessageReader in("ListParkedResponse", bytes);
    while (in.next()) {
        if (in.field() == 1) {
            ANNALS_TRY(api::ParkedEvent parked, decode_parked(in.bytes()));
            list.parked.push_back(std::move(parked));
        }
        if (in.field() == 2) list.has_more = in.boolean();
    }
    ANNALS_CHECK(in.finish());
    return list;
}

void encode_parked_details(std::string& out, const api::ParkedDetails& details) {
    out.append(details.event.bytes());
    MessageWriter writer(out);
    writer.nested(2, [&](std::string& o) { encode_parked(o, details.parked); });
    std::string packed;
    for (const Position at : details.queued) codec::append_varint(packed, at.value);
    writer.text(3, packed);
}

Result<api::ParkedDetails> decode_parked_details(std::string_view bytes) {
    api::ParkedDetails details;
    MessageReader in("ParkedDetails", bytes);
    while (in.next()) {
        if (in.field() == 1) details.event.add_message(in.bytes());
        if (in.field() == 2) {
            ANNALS_TRY(details.parked, decode_parked(in.bytes()));
        }
        if (in.field() == 3) {
            ANNALS_CHECK(unpack("queued", in.bytes(), kNoLimit, [&](std::uint64_t at) {
                details.queued.emplace_back(at);
            }));
        }
    }
    ANNALS_CHECK(in.finish());
    return details;
}

void encode_change_parked_request(
    std::string& out, std::string_view name_space, const api::ChangeParkedRequest& request
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, request.group);
    writer.number(3, static_cast<std::uint64_t>(request.action) + 1);
    std::string packed;
    for (const Position at : request.positions) codec::append_varint(packed, at.value);
    writer.text(4, packed);
    writer.boolean(5, request.all);
    writer.number(6, request.limit);
    writer.text(7, request.reason);
    writer.text(8, request.actor);
}

Result<GroupCall<api::ChangeParkedRequest>> decode_change_parked_request(std::string_view bytes) {
    GroupCall<api::ChangeParkedRequest> call;
    api::ChangeParkedRequest& request = call.request;
    std::uint64_t action = 0;
    MessageReader in("ChangeParkedRequest", bytes);
    while (in.next()) {
        if (in.field() == 1) call.name_space = in.bytes();
        if (in.field() == 2) request.group = in.text();
        if (in.field() == 3) action = in.varint();
        if (in.field() == 4) {
            ANNALS_CHECK(unpack(
                "positions",
                in.bytes(),
                api::kGroupSettlementsMax,
                [&](std::uint64_t at) { request.positions.emplace_back(at); }
            ));
        }
        if (in.field() == 5) request.all = in.boolean();
        if (in.field() == 6) request.limit = in.uint32();
        if (in.field() == 7) request.reason = in.text();
        if (in.field() == 8) request.actor = in.text();
    }
    ANNALS_CHECK(in.finish());
    if (action == 0 || action > 3) {
        return model::refused(
            "action", std::to_string(action), "it is 1 (retry), 2 (skip) or 3 (purge)"
        );
    }
    request.action = static_cast<api::ParkedAction>(action - 1);
    return call;
}

void encode_change_parked_response(std::string& out, std::uint64_t changed) {
    MessageWriter(out).number(1, changed);
}

Result<std::uint64_t> decode_change_parked_response(std::string_view bytes) {
    std::uint64_t changed = 0;
    MessageReader in("ChangeParkedResponse", bytes);
    while (in.next()) {
        if (in.field() == 1) changed = in.varint();
    }
    ANNALS_CHECK(in.finish());
    return changed;
}

void encode_edit_parked_request(
    std::string& out, std::string_view name_space, const api::EditParkedRequest& request
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, request.group);
    writer.number(3, request.at.value);
    writer.text(4, request.data);
    writer.text(5, request.content_type);
    if (request.metadata) writer.always().bytes(6, *request.metadata);
    writer.text(7, request.reason);
    writer.text(8, request.actor);
}

Result<GroupCall<api::EditParkedRequest>> decode_edit_parked_request(std::string_view bytes) {
    GroupCall<api::EditParkedRequest> call;
    MessageReader in("EditParkedRequest", bytes);
    while (in.next()) {
        if (in.field() == 1) call.name_space = in.bytes();
        if (in.field() == 2) call.request.group = in.text();
        if (in.field() == 3) call.request.at = Position(in.varint());
        if (in.field() == 4) call.request.data = in.text();
        if (in.field() == 5) call.request.content_type = in.text();
        if (in.field() == 6) call.request.metadata = in.text();
        if (in.field() == 7) call.request.reason = in.text();
        if (in.field() == 8) call.request.actor = in.text();
    }
    ANNALS_CHECK(in.finish());
    return call;
}

}  // namespace annals::api_wire
