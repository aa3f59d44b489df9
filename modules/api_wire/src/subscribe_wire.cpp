// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/api_wire/subscribe_wire.hpp"

#include "annals/api_wire/criteria_wire.hpp"

#include "removed_wire.hpp"
#include "start_wire.hpp"

namespace annals::api_wire {
namespace {

constexpr std::uint32_t kSubscribeStartField = 4;

}  // namespace

void encode_subscribe_request(
    std::string& out, std::string_view name_space, const api::SubscribeRequest& request
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, request.stream);
    if (!request.filter.is_everything() || request.filter.include_system) {
        writer.nested(3, [&](std::string& o) { encode_filter(o, request.filter); });
    }
    encode_start(writer, kSubscribeStartField, request.start);
    writer.number(9, request.batch_events_max);
    writer.number(10, request.checkpoint_interval);
}

Result<SubscribeCall> decode_subscribe_request(std::string_view bytes) {
    SubscribeCall call;
    api::SubscribeRequest& request = call.request;
    MessageReader in("SubscribeRequest", bytes);
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
            case 4:
            case 5:
            case 6:
            case 7:
            case 8:
                decode_start(in, kSubscribeStartField, request.start);
                break;
            case 9:
                if (const std::uint32_t max = in.uint32(); max != 0) request.batch_events_max = max;
                break;
            case 10:
                if (const std::uint32_t interval = in.uint32(); interval != 0) {
                    request.checkpoint_interval = interval;
                }
                break;
            default:
                break;
        }
    }
    ANNALS_CHECK(in.finish());
    return call;
}

void encode_subscribe_response_tail(std::string& out, const api::SubscriptionFrame& frame) {
    MessageWriter writer(out);
    writer.text(2, frame.position);
    writer.number(3, static_cast<std::uint64_t>(frame.mark));
    encode_removed(writer, 4, frame.removed);
}

Result<api::SubscriptionFrame> decode_subscribe_response(std::string_view bytes) {
    api::SubscriptionFrame frame;
    frame.events.reserve(bytes.size());
    MessageReader in("SubscribeResponse", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                frame.events.add_message(in.bytes());
                break;
            case 2:
                frame.position = in.text();
                break;
            case 3: {
                const std::uint64_t mark = in.varint();
                // a mark of a newer server: the position still counts
                frame.mark = mark > 3 ? api::SubscriptionMark::kCheckpoint
                                      : static_cast<api::SubscriptionMark>(mark);
                break;
            }
            case 4: {
                ANNALS_TRY(frame.removed.emplace_back(), decode_removed(in.bytes()));
                break;
            }
            default:
                break;
        }
    }
    ANNALS_CHECK(in.finish());
    return frame;
}

}  // namespace annals::api_wire
