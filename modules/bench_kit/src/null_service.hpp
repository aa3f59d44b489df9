// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "annals/codec/wire.hpp"

namespace annals::bench_kit {

/// Unary: takes any message, answers an empty one.
inline constexpr const char* kNullCall = "/annals.bench.Null/Call";
/// Server stream: the request's message back, as many times as its fixed64 field kCountField says,
/// which comes first.
inline constexpr const char* kNullStream = "/annals.bench.Null/Stream";
/// Both ways: messages of deliveries, acknowledgements of them, as a member's call has them. The
/// first message is the one that is delivered.
inline constexpr const char* kNullGroup = "/annals.bench.Null/Group";
inline constexpr std::uint64_t kNullGroupInHand = 1'024;  ///< deliveries, of a member
inline constexpr std::uint32_t kDeliveriesField = 2;      ///< of GroupWork: packed fixed64
inline constexpr std::uint32_t kSettleField = 2;          ///< of a member's message
inline constexpr std::uint32_t kAcksField = 1;            ///< of its settle: packed fixed64
inline constexpr std::size_t kDeliveryBytes = 8;

/// How many numbers a message's field of packed fixed64 holds.
inline std::uint64_t numbers_in(std::string_view message, std::uint32_t field) {
    std::uint64_t count = 0;
    codec::FieldReader reader(message);
    while (reader.next()) {
        if (reader.field() == field) count += reader.bytes().size() / kDeliveryBytes;
    }
    return count;
}

inline constexpr std::uint32_t kCountField = 2'000;  ///< unknown to every message of annals
inline constexpr std::size_t kCountOffset = 2;       ///< behind the field's tag

}  // namespace annals::bench_kit
