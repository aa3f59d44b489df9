// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <optional>

#include "annals/api_wire/group_wire.hpp"

#include "fields.hpp"
#include "group_settings_wire.hpp"
#include "history_wire.hpp"
#include "packed.hpp"

namespace annals::api_wire {
namespace {

constexpr std::uint64_t kGroupDeeds = 14;

void encode_group_entry(std::string& out, const api::GroupHistoryEntry& entry) {
    MessageWriter writer(out);
    writer.number(1, static_cast<std::uint64_t>(entry.deed) + 1);
    writer.sfixed64(2, entry.time.value);
    writer.text(3, entry.actor);
    writer.text(4, entry.reason);
    writer.number(5, entry.generation);
    writer.number(6, entry.begins_after.value);
    if (entry.settings) {
        writer.nested(7, [&](std::string& o) { encode_group_settings(o, *entry.settings); });
    }
    for (const std::string& name : entry.differs) writer.always().bytes(8, name);
    writer.text(9, entry.key);
    std::string packed;
    for (const Position at : entry.positions) codec::append_varint(packed, at.value);
    writer.text(10, packed);
    writer.number(11, entry.events);
    writer.number(12, entry.attempts);
    writer.text(13, entry.error);
    writer.text(14, entry.member);
}

/// Nothing: one of a later version.
Result<std::optional<api::GroupHistoryEntry>> decode_group_entry(std::string_view bytes) {
    api::GroupHistoryEntry entry;
    std::uint64_t deed = 0;
    MessageReader in("GroupHistoryEntry", bytes);
    while (in.next()) {
        if (in.field() == 1) deed = in.varint();
        if (in.field() == 2) entry.time = TimeNs(in.sfixed64());
        if (in.field() == 3) entry.actor = in.text();
        if (in.field() == 4) entry.reason = in.text();
        if (in.field() == 5) entry.generation = in.varint();
        if (in.field() == 6) entry.begins_after = Position(in.varint());
        if (in.field() == 7) {
            ANNALS_CHECK(decode_group_settings(in.bytes(), entry.settings.emplace()));
        }
        if (in.field() == 8) entry.differs.push_back(in.text());
        if (in.field() == 9) entry.key = in.text();
        if (in.field() == 10) {
            ANNALS_CHECK(unpack("positions", in.bytes(), kNoLimit, [&](std::uint64_t at) {
                entry.positions.emplace_back(at);
            }));
        }
        if (in.field() == 11) entry.events = in.varint();
        if (in.field() == 12) entry.attempts = in.uint32();
        if (in.field() == 13) entry.error = in.text();
        if (in.field() == 14) entry.member = in.text();
    }
    ANNALS_CHECK(in.finish());
    if (deed == 0 || deed > kGroupDeeds) return std::optional<api::GroupHistoryEntry>();
    entry.deed = static_cast<api::GroupDeed>(deed - 1);
    return std::optional(std::move(entry));
}

}  // namespace

void encode_group_history_request(
    std::string& out, std::string_view name_space, const api::GroupHistoryRequest& request
) {
    encode_history_request(out, name_space, request.group, request);
}

Result<GroupCall<api::GroupHistoryRequest>> decode_group_history_request(std::string_view bytes) {
    return decode_history_request<GroupCall<api::GroupHistoryRequest>>(
        "GroupHistoryRequest", bytes, &api::GroupHistoryRequest::group
    );
}

void encode_group_history(std::string& out, const api::GroupHistory& history) {
    encode_history_page(out, history, encode_group_entry);
}

Result<api::GroupHistory> decode_group_history(std::string_view bytes) {
    return decode_history_page<api::GroupHistory>("GroupHistory", bytes, decode_group_entry);
}

}  // namespace annals::api_wire
