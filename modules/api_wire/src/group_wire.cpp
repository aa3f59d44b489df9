// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/api_wire/group_wire.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "annals/api_wire/criteria_wire.hpp"
#include "annals/model/refusals.hpp"

#include "fields.hpp"
#include "group_settings_wire.hpp"
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

}  // namespace

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
                    "strategy",
                    std::to_string(strategy),
                    "it is 1 (per key), 2 (round robin), 3 (dispatch to one) or 4 (pinned)"
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
    writer.number(27, status.revision.value);
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
            case 27:
                status.revision = Revision(in.varint());
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
    writer.text(5, request.reason);
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
        if (in.field() == 5) call.request.reason = in.text();
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
    if (request.expected_revision) writer.always().varint(6, request.expected_revision->value);
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
        if (in.field() == 6) call.request.expected_revision = Revision(in.varint());
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
        return model::refused(
            "command",
            std::to_string(command),
            "it is 1 (pause), 2 (resume), 3 (reset), 4 (rewind) or 5 (delete)"
        );
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

}  // namespace annals::api_wire
