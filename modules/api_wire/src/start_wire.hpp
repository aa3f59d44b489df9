// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <type_traits>
#include <variant>

#include "annals/api/requests.hpp"

#include "fields.hpp"

namespace annals::api_wire {

/// The oneof `start` of reads and subscriptions: four kinds with consecutive numbers, and for
/// subscriptions the end as a fifth.
template <typename Start>
void encode_start(MessageWriter& writer, std::uint32_t first_field, const Start& start) {
    if (const auto* revision = std::get_if<api::FromRevision>(&start)) {
        writer.always().varint(first_field, revision->revision.value);
    } else if (const auto* after = std::get_if<api::AfterToken>(&start)) {
        writer.always().bytes(first_field + 1, after->token);
    } else if (const auto* position = std::get_if<api::FromPosition>(&start)) {
        writer.always().varint(first_field + 2, position->position.value);
    } else if (const auto* time = std::get_if<api::FromTime>(&start)) {
        writer.always().fixed64(first_field + 3, static_cast<std::uint64_t>(time->time.value));
    } else if constexpr (std::is_same_v<Start, api::SubscribeStart>) {
        if (std::holds_alternative<api::FromEnd>(start)) writer.boolean(first_field + 4, true);
    }
}

/// Takes the reader's field when it is one of the oneof's.
template <typename Start>
void decode_start(MessageReader& in, std::uint32_t first_field, Start& start) {
    switch (in.field() - first_field) {
        case 0:
            start = api::FromRevision{Revision(in.varint())};
            break;
        case 1:
            start = api::AfterToken{in.text()};
            break;
        case 2:
            start = api::FromPosition{Position(in.varint())};
            break;
        case 3:
            start = api::FromTime{TimeNs(in.sfixed64())};
            break;
        case 4:
            if constexpr (std::is_same_v<Start, api::SubscribeStart>) {
                if (in.boolean()) {
                    start = api::FromEnd{};
                } else {
                    start = std::monostate{};
                }
            }
            break;
        default:
            break;
    }
}

}  // namespace annals::api_wire
