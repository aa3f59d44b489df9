// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>

#include "annals/base/result.hpp"
#include "annals/log/segment_log.hpp"
#include "annals/model/append.hpp"

namespace annals::order_local {

/// The answer that the append at `first` with so many events got when it was accepted, read back
/// from the durable log and marked as a replay.
Result<model::AppendResult> read_first_result(
    const log::SegmentLog& log, Position first, std::uint32_t events
);

}  // namespace annals::order_local
