// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/api_wire/group_wire.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "annals/api_wire/criteria_wire.hpp"
#include "annals/model/refusals.hpp"

#include "fields.hpp"
#include "start_wire.hpp"

namespace annals::api_wire {
namespace {

/// So that the kinds of `start` have their consecutive numbers (FromRevision is none of them).
constexpr std::uint32_t kSettingsStart = 5;
constexpr std::uint32_t kControlStart = 6;
constexpr std::uint32_t kFirstNumber = 10;

constexpr std::array<std::uint32_t api::GroupSettings::*, 14> kNumbers = {
    &api::GroupSettings::members_max,
    &api::GroupSettings::member_in_flight_max,
    &api::GroupSettings::key_in_flight_max,
    &api::GroupSettings::ack_deadline_ms,
    &api::GroupSettings::attempts_max,
    &api::GroupSettings::retry_base_ms,
    &api::GroupSettings::retry_max_ms,
    &api::GroupSettings::window_events_max,
    &api::GroupSettings::parked_events_max,
    &api::GroupSettings::checkpoint_interval_ms,
    &api::GroupSettings::checkpoint_events_max,
    &api::GroupSettings::member_silence_ms,
    &api::GroupSettings::stalled_after_ms,
    &api::GroupSettings::ready_lag_seconds,
};

void put_double(MessageWriter& writer, std::uint32_t field, double value) {
    if (value != 0) writer.always().fixed64(field, std::bit_cast<std::uint64_t>(value));
}
double get_double(MessageReader& in) { return std::bit_cast<double>(in.fixed64()); }

void encode_group_settings(std::string& out, const api::GroupSettings& settings) {
    MessageWriter writer(out);
    writer.text(1, settings.stream);
    if (!settings.filter.is_everything() || settings.filter.include_system) {
        writer.nested(2, [&](std::string& o) { encode_filter(o, settings.filter); });
    }
    writer.number(3, static_cast<std::uint64_t>(settings.strategy) + 1);
    writer.text(4, api::to_string(settings.key));
    encode_start(writer, kSettingsStart, settings.start);
    for (std::uint32_t i = 0; i < kNumbers.size(); ++i) {
        writer.number(kFirstNumber + i, settings.*kNumbers[i]);
    }
}

Status decode_group_settings(std::string_view bytes, api::GroupSettings& settings) {
    for (const auto number : kNumbers) settings.*number = 0;
    MessageReader in("GroupSettings", bytes);
    while (in.next()) {
        const std::uint32_t field = in.field();
        if (field == 1) settings.stream = in.text();
        if (field == 2) ANNALS_CHECK(decode_filter(in.bytes(), settings.filter));
        if (field == 3) {
            const std::uint64_t strategy = in.varint();
            if (strategy > 4) {
                return model::refused(
                    "strategy", std::to_string(strategy), "it is one of GroupStrategy"
                );
            }
            settings.strategy = static_cast<api::GroupStrategy>(strategy == 0 ? 0 : strategy - 1);
        }
        if (field == 4) {
            const std::string text = in.text();
            const auto key = api::parse_group_key(text);
            if (!key) {
                return model::refused(
                    "key", text, "it is stream, tag:<key>, field:<JSON pointer> or correlation"
                );
            }
            settings.key = *key;
        }
        if (field >= kSettingsStart && field < kFirstNumber) {
            decode_start(in, kSettingsStart, settings.start);
        }
        if (field >= kFirstNumber && field - kFirstNumber < kNumbers.size()) {
            settings.*kNumbers[field - kFirstNumber] = in.uint32();
        }
    }
    return in.finish();
}

void encode_member(std::string& out, const api::GroupMemberInfo& member) {
    MessageWriter writer(out);
    writer.number(1, member.id);
    writer.text(2, member.name);
    writer.number(3, member.in_flight);
    writer.number(4, member.in_flight_max);
    writer.sfixed64(5, member.joined_time.value);
    writer.sfixed64(6, member.last_seen_time.value);
    writer.boolean(7, member.is_silent);
}

Result<api::GroupMemberInfo> decode_member(std::string_view bytes) {
    api::GroupMemberInfo member;
    MessageReader in("GroupMember", bytes);
    while (in.next()) {
        if (in.field() == 1) member.id = in.varint();
        if (in.field() == 2) member.name = in.text();
        if (in.field() == 3) member.in_flight = in.uint32();
        if (in.field() == 4) member.in_flight_max = in.uint32();
        if (in.field() == 5) member.joined_time = TimeNs(in.sfixed64());
        if (in.field() == 6) member.last_seen_time = TimeNs(in.sfixed64());
        if (in.field() == 7) member.is_silent = in.boolean();
    }
    ANNALS_CHECK(in.finish());
    return member;
}

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

/// Packed varints. Calls with each; false when the bytes are not whole.
template <typename Take>
Status unpack(std::string_view field, std::string_view bytes, std::size_t limit, Take take) {
    std::size_t count = 0;
    while (!bytes.empty()) {
        std::uint64_t number = 0;
        if (!codec::take_varint(bytes, number)) {
            return model::refused(field, "", "its numbers are not whole");
        }
        if (++count > limit) return over_limit(field, limit);
        take(number);
    }
    return ok();
}

template <typename Take>
Status unpack_fixed(std::string_view field, std::string_view bytes, std::size_t limit, Take take) {
    if (bytes.size() % 8 != 0) return model::refused(field, "", "its numbers are not whole");
    if (bytes.size() / 8 > limit) return over_limit(field, limit);
    for (std::size_t at = 0; at < bytes.size(); at += 8) {
        take(codec::load<std::uint64_t>(bytes.data() + at));
    }
    return ok();
}

constexpr std::size_t kNoLimit = ~std::size_t{0};

}  // namespace

void encode_group_status(std::string& out, const api::GroupStatus& status) {
    MessageWriter writer(out);
    writer.text(1, status.group);
    writer.nested(2, [&](std::string& o) { encode_group_settings(o, status.settings); });
    writer.number(3, static_cast<std::uint64_t>(status.state) + 1);
    writer.number(4, status.generation);
    for (const auto& member : status.members) {
        writer.nested(5, [&](std::string& o) { encode_member(o, member); });
    }
    writer.number(6, status.checkpoint.value);
    writer.text(7, status.position);
    writer.number(8, status.read_up_to.value);
    writer.number(9, status.in_flight);
    writer.number(10, status.waiting);
    writer.number(11, status.behind);
    writer.boolean(12, status.is_behind_exact);
    put_double(writer, 13, status.seconds_behind);
    put_double(writer, 14, status.events_per_second);
    if (status.seconds_to_catch_up) {
        writer.always().fixed64(15, std::bit_cast<std::uint64_t>(*status.seconds_to_catch_up));
    }
    writer.number(16, status.handled);
    writer.number(17, status.redelivered);
    writer.number(18, status.parked_keys);
    writer.number(19, status.parked_events);
    put_double(writer, 20, status.oldest_parked_seconds);
    put_double(writer, 21, status.stalled_for_seconds);
    writer.text(22, status.waits_for);
    writer.text(23, status.last_error);
    writer.sfixed64(24, status.last_error_time.value);
    writer.sfixed64(25, status.created_time.value);
    writer.sfixed64(26, status.changed_time.value);
}

Result<api::GroupStatus> decode_group_status(std::string_view bytes) {
    api::GroupStatus status;
    status.is_behind_exact = false;
    MessageReader in("GroupStatus", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                status.group = in.text();
                break;
            case 2:
                ANNALS_CHECK(decode_group_settings(in.bytes(), status.settings));
                break;
            case 3: {
                const std::uint64_t state = in.varint();
                status.state = state == 1   ? api::GroupState::kRunning
                               : state == 2 ? api::GroupState::kPaused
                                            : api::GroupState::kFailed;
                break;
            }
            case 4:
                status.generation = in.varint();
                break;
            case 5: {
                ANNALS_TRY(api::GroupMemberInfo member, decode_member(in.bytes()));
                status.members.push_back(std::move(member));
                break;
            }
            case 6:
                status.checkpoint = Position(in.varint());
                break;
            case 7:
                status.position = in.text();
                break;
            case 8:
                status.read_up_to = Position(in.varint());
                break;
            case 9:
                status.in_flight = in.varint();
                break;
            case 10:
                status.waiting = in.varint();
                break;
            case 11:
                status.behind = in.varint();
                break;
            case 12:
                status.is_behind_exact = in.boolean();
                break;
            case 13:
                status.seconds_behind = get_double(in);
                break;
            case 14:
                status.events_per_second = get_double(in);
                break;
            case 15:
                status.seconds_to_catch_up = get_double(in);
                break;
            case 16:
                status.handled = in.varint();
                break;
            case 17:
                status.redelivered = in.varint();
                break;
            case 18:
                status.parked_keys = in.varint();
                break;
            case 19:
                status.parked_events = in.varint();
                break;
            case 20:
                status.oldest_parked_seconds = get_double(in);
                break;
            case 21:
                status.stalled_for_seconds = get_double(in);
                break;
            case 22:
                status.waits_for = in.text();
                break;
            case 23:
                status.last_error = in.text();
                break;
            case 24:
                status.last_error_time = TimeNs(in.sfixed64());
                break;
            case 25:
                status.created_time = TimeNs(in.sfixed64());
                break;
            case 26:
                status.changed_time = TimeNs(in.sfixed64());
                break;
            default:
                break;
        }
    }
    ANNALS_CHECK(in.finish());
    return status;
}

void encode_group_list(std::string& out, const api::GroupList& list) {
    MessageWriter writer(out);
    for (const api::GroupStatus& status : list.groups) {
        writer.nested(1, [&](std::string& o) { encode_group_status(o, status); });
    }
    writer.text(2, list.next);
}

Result<api::GroupList> decode_group_list(std::string_view bytes) {
    api::GroupList list;
    MessageReader in("ListGroupsResponse", bytes);
    while (in.next()) {
        if (in.field() == 1) {
            ANNALS_TRY(api::GroupStatus status, decode_group_status(in.bytes()));
            list.groups.push_back(std::move(status));
        }
        if (in.field() == 2) list.next = in.text();
    }
    ANNALS_CHECK(in.finish());
    return list;
}

void encode_create_group_request(
    std::string& out, std::string_view name_space, const api::CreateGroupRequest& request
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, request.group);
    writer.nested(3, [&](std::string& o) { encode_group_settings(o, request.settings); });
    writer.text(4, request.actor);
}

Result<GroupCall<api::CreateGroupRequest>> decode_create_group_request(std::string_view bytes) {
    GroupCall<api::CreateGroupRequest> call;
    MessageReader in("CreateGroupRequest", bytes);
    while (in.next()) {
        if (in.field() == 1) call.name_space = in.bytes();
        if (in.field() == 2) call.request.group = in.text();
        if (in.field() == 3) {
            ANNALS_CHECK(decode_group_settings(in.bytes(), call.request.settings));
        }
        if (in.field() == 4) call.request.actor = in.text();
    }
    ANNALS_CHECK(in.finish());
    return call;
}

void encode_update_group_request(
    std::string& out, std::string_view name_space, const api::UpdateGroupRequest& request
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, request.group);
    writer.nested(3, [&](std::string& o) { encode_group_settings(o, request.settings); });
    writer.text(4, request.reason);
    writer.text(5, request.actor);
}

Result<GroupCall<api::UpdateGroupRequest>> decode_update_group_request(std::string_view bytes) {
    GroupCall<api::UpdateGroupRequest> call;
    MessageReader in("UpdateGroupRequest", bytes);
    while (in.next()) {
        if (in.field() == 1) call.name_space = in.bytes();
        if (in.field() == 2) call.request.group = in.text();
        if (in.field() == 3) {
            ANNALS_CHECK(decode_group_settings(in.bytes(), call.request.settings));
        }
        if (in.field() == 4) call.request.reason = in.text();
        if (in.field() == 5) call.request.actor = in.text();
    }
    ANNALS_CHECK(in.finish());
    return call;
}

void encode_list_groups_request(
    std::string& out, std::string_view name_space, const api::ListGroupsRequest& request
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, request.prefix);
    writer.text(3, request.after);
    writer.number(4, request.limit);
}

Result<GroupCall<api::ListGroupsRequest>> decode_list_groups_request(std::string_view bytes) {
    GroupCall<api::ListGroupsRequest> call;
    call.request.limit = 0;
    MessageReader in("ListGroupsRequest", bytes);
    while (in.next()) {
        if (in.field() == 1) call.name_space = in.bytes();
        if (in.field() == 2) call.request.prefix = in.text();
        if (in.field() == 3) call.request.after = in.text();
        if (in.field() == 4) call.request.limit = in.uint32();
    }
    ANNALS_CHECK(in.finish());
    return call;
}

void encode_control_group_request(
    std::string& out, std::string_view name_space, const api::ControlGroupRequest& request
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, request.group);
    writer.number(3, static_cast<std::uint64_t>(request.command) + 1);
    writer.text(4, request.reason);
    writer.text(5, request.actor);
    encode_start(writer, kControlStart, request.to);
}

Result<GroupCall<api::ControlGroupRequest>> decode_control_group_request(std::string_view bytes) {
    GroupCall<api::ControlGroupRequest> call;
    std::uint64_t command = 0;
    MessageReader in("ControlGroupRequest", bytes);
    while (in.next()) {
        const std::uint32_t field = in.field();
        if (field == 1) call.name_space = in.bytes();
        if (field == 2) call.request.group = in.text();
        if (field == 3) command = in.varint();
        if (field == 4) call.request.reason = in.text();
        if (field == 5) call.request.actor = in.text();
        if (field >= kControlStart) decode_start(in, kControlStart, call.request.to);
    }
    ANNALS_CHECK(in.finish());
    if (command == 0 || command > 5) {
        return model::refused("command", std::to_string(command), "it is one of GroupCommand");
    }
    call.request.command = static_cast<api::GroupCommand>(command - 1);
    return call;
}

void encode_named_group_request(
    std::string& out, std::string_view name_space, std::string_view group, Position at
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, group);
    writer.number(3, at.value);
}

Result<GroupCall<NamedGroup>> decode_named_group_request(std::string_view bytes) {
    GroupCall<NamedGroup> call;
    MessageReader in("GetGroupRequest", bytes);
    while (in.next()) {
        if (in.field() == 1) call.name_space = in.bytes();
        if (in.field() == 2) call.request.group = in.text();
        if (in.field() == 3) call.request.at = Position(in.varint());
    }
    ANNALS_CHECK(in.finish());
    return call;
}

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
        return model::refused("action", std::to_string(action), "it is one of ParkedAction");
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

// ---- a member's work ----

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
