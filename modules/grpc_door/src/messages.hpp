// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>

#include "annals/base/error.hpp"

namespace annals::grpc_door {

/// Events in a page when the caller names no limit.
inline constexpr std::uint32_t kReadLimitDefault = 100;
/// Answers up to this size travel in one slice: copying them costs less than a second slice.
inline constexpr std::size_t kJoinedBytesMax = 2'048;

inline Error workers_busy() {
    return Error(ErrorCode::kOverloaded, "too many calls wait for the disk: try again later");
}

inline Error shutting_down() {
    return Error(ErrorCode::kShuttingDown, "the server is stopping: go on with it once it is back");
}

}  // namespace annals::grpc_door
