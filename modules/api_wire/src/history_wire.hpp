// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "fields.hpp"

namespace annals::api_wire {

// Pages of a history, of a group and of a consumer: requests differ in what field 2 names, pages in
// their entries.

template <typename Request>
void encode_history_request(
    std::string& out,
    std::string_view name_space,
    const std::string& subject,
    const Request& request
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, subject);
    writer.text(3, request.after);
    writer.number(4, request.limit);
    writer.boolean(5, request.is_everything);
}

/// `subject` is the member of the request that field 2 is for.
template <typename Call, typename Request>
Result<Call> decode_history_request(
    const char* message, std::string_view bytes, std::string Request::* subject
) {
    Call call;
    call.request.limit = 0;
    MessageReader in(message, bytes);
    while (in.next()) {
        if (in.field() == 1) call.name_space = in.bytes();
        if (in.field() == 2) call.request.*subject = in.text();
        if (in.field() == 3) call.request.after = in.text();
        if (in.field() == 4) call.request.limit = in.uint32();
        if (in.field() == 5) call.request.is_everything = in.boolean();
    }
    ANNALS_CHECK(in.finish());
    return call;
}

template <typename History, typename EncodeEntry>
void encode_history_page(std::string& out, const History& history, EncodeEntry encode_entry) {
    MessageWriter writer(out);
    for (const auto& entry : history.entries) {
        writer.nested(1, [&](std::string& o) { encode_entry(o, entry); });
    }
    writer.text(2, history.next);
}

/// Entries that are newer than this program are left out: `decode_entry` gives none.
template <typename History, typename DecodeEntry>
Result<History> decode_history_page(
    const char* message, std::string_view bytes, DecodeEntry decode_entry
) {
    History history;
    MessageReader in(message, bytes);
    while (in.next()) {
        if (in.field() == 1) {
            ANNALS_TRY(auto entry, decode_entry(in.bytes()));
            if (entry) history.entries.push_back(std::move(*entry));
        }
        if (in.field() == 2) history.next = in.text();
    }
    ANNALS_CHECK(in.finish());
    return history;
}

}  // namespace annals::api_wire
