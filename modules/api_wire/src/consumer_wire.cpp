// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/api_wire/consumer_wire.hpp"

#include "fields.hpp"

namespace annals::api_wire {

void encode_consumer_progress(std::string& out, const api::ConsumerProgress& progress) {
    MessageWriter writer(out);
    writer.text(1, progress.consumer);
    writer.text(2, progress.position);
    writer.number(3, progress.at.value);
    writer.number(4, progress.epoch);
    writer.text(5, progress.owner);
    writer.sfixed64(6, progress.changed_time.value);
    writer.sfixed64(7, progress.last_seen_time.value);
    if (progress.behind) writer.always().varint(8, *progress.behind);
    writer.text(9, progress.problem);
    writer.text(10, progress.offset);
    writer.text(11, progress.foreign_id);
    writer.boolean(12, progress.is_durable);
}

Result<api::ConsumerProgress> decode_consumer_progress(std::string_view bytes) {
    api::ConsumerProgress progress;
    progress.is_durable = false;
    MessageReader in("ConsumerProgress", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                progress.consumer = in.text();
                break;
            case 2:
                progress.position = in.text();
                break;
            case 3:
                progress.at = Position(in.varint());
                break;
            case 4:
                progress.epoch = in.varint();
                break;
            case 5:
                progress.owner = in.text();
                break;
            case 6:
                progress.changed_time = TimeNs(in.sfixed64());
                break;
            case 7:
                progress.last_seen_time = TimeNs(in.sfixed64());
                break;
            case 8:
                progress.behind = in.varint();
                break;
            case 9:
                progress.problem = in.text();
                break;
            case 10:
                progress.offset = in.text();
                break;
            case 11:
                progress.foreign_id = in.text();
                break;
            case 12:
                progress.is_durable = in.boolean();
                break;
            default:
                break;
        }
    }
    ANNALS_CHECK(in.finish());
    return progress;
}

void encode_claim_consumer_request(
    std::string& out, std::string_view name_space, const api::ClaimConsumerRequest& request
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, request.consumer);
    writer.text(3, request.owner);
    writer.text(4, request.actor);
}

Result<ClaimConsumerCall> decode_claim_consumer_request(std::string_view bytes) {
    ClaimConsumerCall call;
    MessageReader in("ClaimConsumerRequest", bytes);
    while (in.next()) {
        if (in.field() == 1) call.name_space = in.bytes();
        if (in.field() == 2) call.request.consumer = in.text();
        if (in.field() == 3) call.request.owner = in.text();
        if (in.field() == 4) call.request.actor = in.text();
    }
    ANNALS_CHECK(in.finish());
    return call;
}

void encode_save_progress_request(
    std::string& out, std::string_view name_space, const api::SaveProgressRequest& request
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, request.consumer);
    writer.text(3, request.position);
    writer.number(4, request.epoch);
    writer.text(5, request.actor);
}

Result<SaveProgressCall> decode_save_progress_request(std::string_view bytes) {
    SaveProgressCall call;
    MessageReader in("SaveProgressRequest", bytes);
    while (in.next()) {
        if (in.field() == 1) call.name_space = in.bytes();
        if (in.field() == 2) call.request.consumer = in.text();
        if (in.field() == 3) call.request.position = in.text();
        if (in.field() == 4) call.request.epoch = in.varint();
        if (in.field() == 5) call.request.actor = in.text();
    }
    ANNALS_CHECK(in.finish());
    return call;
}

void encode_rewind_consumer_request(
    std::string& out, std::string_view name_space, const api::RewindConsumerRequest& request
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, request.consumer);
    if (const auto* token = std::get_if<std::string>(&request.to)) {
        writer.always().bytes(3, *token);
    } else {
        writer.always().varint(4, std::get<Position>(request.to).value);
    }
    writer.text(5, request.reason);
    writer.text(6, request.actor);
}

Result<RewindConsumerCall> decode_rewind_consumer_request(std::string_view bytes) {
    RewindConsumerCall call;
    bool has_place = false;
    MessageReader in("RewindConsumerRequest", bytes);
    while (in.next()) {
        if (in.field() == 1) call.name_space = in.bytes();
        if (in.field() == 2) call.request.consumer = in.text();
        if (in.field() == 3) call.request.to = in.text();
        if (in.field() == 4) call.request.to = Position(in.varint());
        if (in.field() == 5) call.request.reason = in.text();
        if (in.field() == 6) call.request.actor = in.text();
        has_place = has_place || in.field() == 3 || in.field() == 4;
    }
    ANNALS_CHECK(in.finish());
    if (!has_place) {
        return Error(
                   ErrorCode::kInvalidArgument,
                   "to is not set: name a token or a position; at 0 is the start"
        )
            .with("field", "to");
    }
    return call;
}

void encode_named_consumer_request(
    std::string& out, std::string_view name_space, std::string_view consumer
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, consumer);
}

Result<NamedConsumerCall> decode_named_consumer_request(std::string_view bytes) {
    NamedConsumerCall call;
    MessageReader in("GetConsumerRequest", bytes);
    while (in.next()) {
        if (in.field() == 1) call.name_space = in.bytes();
        if (in.field() == 2) call.consumer = in.text();
    }
    ANNALS_CHECK(in.finish());
    return call;
}

void encode_remove_consumer_request(
    std::string& out, std::string_view name_space, const api::RemoveConsumerRequest& request
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, request.consumer);
    writer.text(3, request.reason);
    writer.text(4, request.actor);
}

Result<RemoveConsumerCall> decode_remove_consumer_request(std::string_view bytes) {
    RemoveConsumerCall call;
    MessageReader in("DeleteConsumerRequest", bytes);
    while (in.next()) {
        if (in.field() == 1) call.name_space = in.bytes();
        if (in.field() == 2) call.request.consumer = in.text();
        if (in.field() == 3) call.request.reason = in.text();
        if (in.field() == 4) call.request.actor = in.text();
    }
    ANNALS_CHECK(in.finish());
    return call;
}

void encode_list_consumers_request(
    std::string& out, std::string_view name_space, const api::ListConsumersRequest& request
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, request.prefix);
    writer.text(3, request.after);
    writer.number(4, request.limit);
}

Result<ListConsumersCall> decode_list_consumers_request(std::string_view bytes) {
    ListConsumersCall call;
    call.request.limit = 0;
    MessageReader in("ListConsumersRequest", bytes);
    while (in.next()) {
        if (in.field() == 1) call.name_space = in.bytes();
        if (in.field() == 2) call.request.prefix = in.text();
        if (in.field() == 3) call.request.after = in.text();
        if (in.field() == 4) call.request.limit = in.uint32();
    }
    ANNALS_CHECK(in.finish());
    return call;
}

void encode_consumer_list(std::string& out, const api::ConsumerList& list) {
    MessageWriter writer(out);
    for (const api::ConsumerProgress& progress : list.consumers) {
        writer.nested(1, [&](std::string& o) { encode_consumer_progress(o, progress); });
    }
    writer.text(2, list.next);
}

Result<api::ConsumerList> decode_consumer_list(std::string_view bytes) {
    api::ConsumerList list;
    MessageReader in("ListConsumersResponse", bytes);
    while (in.next()) {
        if (in.field() == 1) {
            ANNALS_TRY(api::ConsumerProgress one, decode_consumer_progress(in.bytes()));
            list.consumers.push_back(std::move(one));
        }
        if (in.field() == 2) list.next = in.text();
    }
    ANNALS_CHECK(in.finish());
    return list;
}

}  // namespace annals::api_wire
