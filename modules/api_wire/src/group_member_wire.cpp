// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// A member's work, of annals.v1.ConsumerGroups.
#include "annals/api_wire/group_wire.hpp"
#include "annals/model/refusals.hpp"

#include "fields.hpp"
#include "packed.hpp"

namespace annals::api_wire {

void encode_join_message(
    std::string& out, std::string_view name_space, const api::JoinGroupRequest& request
) {
    MessageWriter(out).nested(1, [&](std::string& o) {
        MessageWriter writer(o);
        writer.text(1, name_space);
        writer.text(2, request.group);
        writer.text(3, request.member);
        writer.number(4, request.in_flight_max);
    });
}

void encode_settle_message(std::string& out, const std::vector<api::Settlement>& settled) {
    MessageWriter(out).nested(2, [&](std::string& o) {
        MessageWriter writer(o);
        std::string acks;
        for (const api::Settlement& one : settled) {
            if (one.what == api::Settling::kAck) codec::append_fixed(acks, one.delivery);
        }
        writer.text(1, acks);
        for (const api::Settlement& one : settled) {
            if (one.what == api::Settling::kAck) continue;
            writer.nested(2, [&](std::string& nested) {
                MessageWriter other(nested);
                other.sfixed64(1, static_cast<std::int64_t>(one.delivery));
                other.number(2, static_cast<std::uint64_t>(one.what));
                other.text(3, one.reason);
                if (one.delay_ms) other.always().varint(4, *one.delay_ms);
            });
        }
    });
}

namespace {

Result<api::Settlement> decode_settlement(std::string_view bytes) {
    api::Settlement settlement;
    std::uint64_t what = 0;
    MessageReader in("Settlement", bytes);
    while (in.next()) {
        if (in.field() == 1) settlement.delivery = in.fixed64();
        if (in.field() == 2) what = in.varint();
        if (in.field() == 3) settlement.reason = in.text();
        if (in.field() == 4) settlement.delay_ms = in.uint32();
    }
    ANNALS_CHECK(in.finish());
    if (what > 5) return model::refused("what", std::to_string(what), "it is one of Settling");
    settlement.what = static_cast<api::Settling>(what);
    return settlement;
}

Result<std::vector<api::Settlement>> decode_settle(std::string_view bytes) {
    std::vector<api::Settlement> settled;
    MessageReader in("SettleDeliveries", bytes);
    while (in.next()) {
        if (in.field() == 1) {
            ANNALS_CHECK(unpack_fixed(
                "acks",
                in.bytes(),
                api::kGroupSettlementsMax,
                [&](std::uint64_t delivery) { settled.push_back({delivery}); }
            ));
        }
        if (in.field() == 2) {
            ANNALS_TRY(api::Settlement one, decode_settlement(in.bytes()));
            settled.push_back(std::move(one));
        }
        if (settled.size() > api::kGroupSettlementsMax) {
            return over_limit("settle", api::kGroupSettlementsMax);
        }
    }
    ANNALS_CHECK(in.finish());
    return settled;
}

Result<GroupCall<api::JoinGroupRequest>> decode_join(std::string_view bytes) {
    GroupCall<api::JoinGroupRequest> call;
    MessageReader in("JoinGroup", bytes);
    while (in.next()) {
        if (in.field() == 1) call.name_space = in.bytes();
        if (in.field() == 2) call.request.group = in.text();
        if (in.field() == 3) call.request.member = in.text();
        if (in.field() == 4) call.request.in_flight_max = in.uint32();
    }
    ANNALS_CHECK(in.finish());
    return call;
}

Result<std::vector<api::RefusedSettlement>> decode_settled(std::string_view bytes) {
    std::vector<api::RefusedSettlement> refused;
    MessageReader in("SettledDeliveries", bytes);
    while (in.next()) {
        if (in.field() != 1) continue;
        MessageReader one("RefusedSettlement", in.bytes());
        std::uint64_t delivery = 0;
        std::string message;
        while (one.next()) {
            if (one.field() == 1) delivery = one.fixed64();
            if (one.field() == 3) message = one.text();
        }
        ANNALS_CHECK(one.finish());
        refused.push_back(
            {delivery,
             Error(ErrorCode::kDeliveryOver, std::move(message))
                 .with("delivery", std::to_string(delivery))}
        );
    }
    ANNALS_CHECK(in.finish());
    return refused;
}

}  // namespace

Result<GroupMemberMessage> decode_member_message(std::string_view bytes) {
    GroupMemberMessage message;
    MessageReader in("GroupMemberMessage", bytes);
    while (in.next()) {
        if (in.field() == 1) {
            ANNALS_TRY(message.join, decode_join(in.bytes()));
        }
        if (in.field() == 2) {
            ANNALS_TRY(message.settle, decode_settle(in.bytes()));
        }
    }
    ANNALS_CHECK(in.finish());
    return message;
}

void encode_work_tail(std::string& out, const api::GroupDeliveries& deliveries) {
    MessageWriter writer(out);
    std::string packed;
    packed.reserve(deliveries.deliveries.size() * 8);
    for (const std::uint64_t delivery : deliveries.deliveries) {
        codec::append_fixed(packed, delivery);
    }
    writer.text(2, packed);
    packed.clear();
    for (const std::uint32_t attempt : deliveries.attempts) codec::append_varint(packed, attempt);
    writer.text(3, packed);
}

void encode_joined(std::string& out, std::uint64_t member) {
    MessageWriter(out).nested(4, [&](std::string& o) { MessageWriter(o).number(1, member); });
}

void encode_settled(std::string& out, const std::vector<api::RefusedSettlement>& refused) {
    MessageWriter(out).nested(5, [&](std::string& o) {
        MessageWriter writer(o);
        for (const api::RefusedSettlement& one : refused) {
            writer.nested(1, [&](std::string& nested) {
                MessageWriter other(nested);
                other.sfixed64(1, static_cast<std::int64_t>(one.delivery));
                other.text(2, one.error.info().name);
                other.text(3, one.error.message());
            });
        }
    });
}

Result<GroupWork> decode_group_work(std::string_view bytes) {
    GroupWork work;
    work.deliveries.events.reserve(bytes.size());
    MessageReader in("GroupWork", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                work.deliveries.events.add_message(in.bytes());
                break;
            case 2:
                ANNALS_CHECK(unpack_fixed("deliveries", in.bytes(), kNoLimit, [&](auto number) {
                    work.deliveries.deliveries.push_back(number);
                }));
                break;
            case 3:
                ANNALS_CHECK(unpack("attempts", in.bytes(), kNoLimit, [&](auto number) {
                    work.deliveries.attempts.push_back(static_cast<std::uint32_t>(number));
                }));
                break;
            case 4: {
                MessageReader joined("JoinedGroup", in.bytes());
                work.joined = 0;
                while (joined.next()) {
                    if (joined.field() == 1) work.joined = joined.varint();
                }
                ANNALS_CHECK(joined.finish());
                break;
            }
            case 5: {
                ANNALS_TRY(work.settled, decode_settled(in.bytes()));
                break;
            }
            default:
                break;
        }
    }
    ANNALS_CHECK(in.finish());
    const std::size_t events = work.deliveries.events.size();
    if (work.deliveries.deliveries.size() != events || work.deliveries.attempts.size() != events) {
        return model::refused("deliveries", "", "there is one for each event");
    }
    return work;
}

}  // namespace annals::api_wire
