// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/api_wire/scavenge_wire.hpp"

#include "fields.hpp"

namespace annals::api_wire {
namespace {

constexpr std::uint64_t kCommands = 3;
constexpr std::uint64_t kStateMax = static_cast<std::uint64_t>(api::ScavengeState::kFailed);

}  // namespace

void encode_start_scavenge_request(std::string& out, const api::StartScavengeRequest& request) {
    MessageWriter writer(out);
    writer.text(1, request.name_space);
    writer.boolean(2, request.is_dry_run);
    writer.number(3, request.throttle_bytes_per_s);
    writer.boolean(4, request.confirms_clock);
}

Result<api::StartScavengeRequest> decode_start_scavenge_request(std::string_view bytes) {
    api::StartScavengeRequest request;
    MessageReader in("StartScavengeRequest", bytes);
    while (in.next()) {
        if (in.field() == 1) request.name_space = in.text();
        if (in.field() == 2) request.is_dry_run = in.boolean();
        if (in.field() == 3) request.throttle_bytes_per_s = in.varint();
        if (in.field() == 4) request.confirms_clock = in.boolean();
    }
    ANNALS_CHECK(in.finish());
    return request;
}

// On the wire 0 is "not said": numbers of enums are one higher.

void encode_control_scavenge_request(std::string& out, api::ScavengeCommand command) {
    MessageWriter(out).number(1, static_cast<std::uint64_t>(command) + 1);
}

Result<api::ScavengeCommand> decode_control_scavenge_request(std::string_view bytes) {
    std::uint64_t command = 0;
    MessageReader in("ControlScavengeRequest", bytes);
    while (in.next()) {
        if (in.field() == 1) command = in.varint();
    }
    ANNALS_CHECK(in.finish());
    if (command == 0 || command > kCommands) {
        return Error(
                   ErrorCode::kInvalidArgument,
                   "command is " + std::to_string(command) + ": name pause, resume or stop"
        )
            .with("field", "command")
            .with("value", std::to_string(command));
    }
    return static_cast<api::ScavengeCommand>(command - 1);
}

void encode_scavenge_status(std::string& out, const api::ScavengeStatus& status) {
    MessageWriter writer(out);
    writer.text(1, status.id);
    writer.number(2, static_cast<std::uint64_t>(status.state) + 1);
    writer.boolean(3, status.is_dry_run);
    writer.sfixed64(4, status.started_time.value);
    writer.sfixed64(5, status.ended_time.value);
    writer.text(6, status.name_space);
    writer.number(7, status.segments_done);
    writer.number(8, status.segments);
    writer.number(9, status.bytes_done);
    writer.number(10, status.bytes);
    writer.number(11, status.rewritten_segments);
    writer.number(12, status.removed_events);
    writer.number(13, status.freed_bytes);
    writer.text(14, status.error);
    writer.text(15, status.ages_held_in);
    writer.number(16, status.folded_events);
}

Result<api::ScavengeStatus> decode_scavenge_status(std::string_view bytes) {
    api::ScavengeStatus status;
    MessageReader in("ScavengeStatus", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                status.id = in.text();
                break;
            case 2: {
                const std::uint64_t state = in.varint();
                if (state > 0 && state - 1 <= kStateMax)
                    status.state = static_cast<api::ScavengeState>(state - 1);
                break;
            }
            case 3:
                status.is_dry_run = in.boolean();
                break;
            case 4:
                status.started_time = TimeNs(in.sfixed64());
                break;
            case 5:
                status.ended_time = TimeNs(in.sfixed64());
                break;
            case 6:
                status.name_space = in.text();
                break;
            case 7:
                status.segments_done = in.varint();
                break;
            case 8:
                status.segments = in.varint();
                break;
            case 9:
                status.bytes_done = in.varint();
                break;
            case 10:
                status.bytes = in.varint();
                break;
            case 11:
                status.rewritten_segments = in.varint();
                break;
            case 12:
                status.removed_events = in.varint();
                break;
            case 13:
                status.freed_bytes = in.varint();
                break;
            case 14:
                status.error = in.text();
                break;
            case 15:
                status.ages_held_in = in.text();
                break;
            case 16:
                status.folded_events = in.varint();
                break;
            default:
                break;
        }
    }
    ANNALS_CHECK(in.finish());
    return status;
}

}  // namespace annals::api_wire
