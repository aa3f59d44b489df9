// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <optional>

#include "annals/api_wire/consumer_wire.hpp"

#include "fields.hpp"
#include "history_wire.hpp"

namespace annals::api_wire {
namespace {

constexpr std::uint64_t kConsumerDeeds = 4;

void encode_consumer_entry(std::string& out, const api::ConsumerHistoryEntry& entry) {
    MessageWriter writer(out);
    writer.number(1, static_cast<std::uint64_t>(entry.deed) + 1);
    writer.sfixed64(2, entry.time.value);
    writer.text(3, entry.actor);
    writer.text(4, entry.reason);
    writer.number(5, entry.epoch);
    writer.text(6, entry.owner);
    writer.text(7, entry.position);
    writer.number(8, entry.at.value);
    writer.text(9, entry.offset);
}

/// Nothing: one of a later version.
Result<std::optional<api::ConsumerHistoryEntry>> decode_consumer_entry(std::string_view bytes) {
    api::ConsumerHistoryEntry entry;
    std::uint64_t deed = 0;
    MessageReader in("ConsumerHistoryEntry", bytes);
    while (in.next()) {
        if (in.field() == 1) deed = in.varint();
        if (in.field() == 2) entry.time = TimeNs(in.sfixed64());
        if (in.field() == 3) entry.actor = in.text();
        if (in.field() == 4) entry.reason = in.text();
        if (in.field() == 5) entry.epoch = in.varint();
        if (in.field() == 6) entry.owner = in.text();
        if (in.field() == 7) entry.position = in.text();
        if (in.field() == 8) entry.at = Position(in.varint());
        if (in.field() == 9) entry.offset = in.text();
    }
    ANNALS_CHECK(in.finish());
    if (deed == 0 || deed > kConsumerDeeds) return std::optional<api::ConsumerHistoryEntry>();
    entry.deed = static_cast<api::ConsumerDeed>(deed - 1);
    return std::optional(std::move(entry));
}

}  // namespace

void encode_consumer_history_request(
    std::string& out, std::string_view name_space, const api::ConsumerHistoryRequest& request
) {
    encode_history_request(out, name_space, request.consumer, request);
}

Result<ConsumerHistoryCall> decode_consumer_history_request(std::string_view bytes) {
    return decode_history_request<ConsumerHistoryCall>(
        "ConsumerHistoryRequest", bytes, &api::ConsumerHistoryRequest::consumer
    );
}

void encode_consumer_history(std::string& out, const api::ConsumerHistory& history) {
    encode_history_page(out, history, encode_consumer_entry);
}

Result<api::ConsumerHistory> decode_consumer_history(std::string_view bytes) {
    return decode_history_page<api::ConsumerHistory>(
        "ConsumerHistory", bytes, decode_consumer_entry
    );
}

}  // namespace annals::api_wire
