// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>

namespace annals::bench_kit {

/// Unary: takes any message, answers an empty one.
inline constexpr const char* kNullCall = "/annals.bench.Null/Call";
/// Server stream: the request's message back, as many times as its fixed64 field kCountField says,
/// which comes first.
inline constexpr const char* kNullStream = "/annals.bench.Null/Stream";
inline constexpr std::uint32_t kCountField = 2'000;  ///< unknown to every message of annals
inline constexpr std::size_t kCountOffset = 2;       ///< behind the field's tag

}  // namespace annals::bench_kit
