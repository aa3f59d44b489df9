// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "annals/base/result.hpp"
#include "annals/codec/wire.hpp"
#include "annals/model/refusals.hpp"

#include "fields.hpp"

namespace annals::api_wire {

inline constexpr std::size_t kNoLimit = ~std::size_t{0};

/// Packed varints: calls `take` with each. invalid_argument when the bytes are not whole,
/// limit_exceeded beyond `limit` numbers.
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

/// The same of numbers of eight bytes.
template <typename Take>
Status unpack_fixed(std::string_view field, std::string_view bytes, std::size_t limit, Take take) {
    if (bytes.size() % 8 != 0) return model::refused(field, "", "its numbers are not whole");
    if (bytes.size() / 8 > limit) return over_limit(field, limit);
    for (std::size_t at = 0; at < bytes.size(); at += 8) {
        take(codec::load<std::uint64_t>(bytes.data() + at));
    }
    return ok();
}

}  // namespace annals::api_wire
