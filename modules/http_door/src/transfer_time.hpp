// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <cstddef>

namespace annals::http_door::detail {

/// What so many bytes may take beside the time-out of their request or answer: nobody may send or
/// read slower than 16 KB a second.
inline std::chrono::milliseconds transfer_time(std::size_t bytes) {
    constexpr std::size_t kBytesPerMs = 16;
    return std::chrono::milliseconds(bytes / kBytesPerMs);
}

}  // namespace annals::http_door::detail
