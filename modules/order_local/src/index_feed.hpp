// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>

#include "annals/base/result.hpp"
#include "annals/index/index.hpp"
#include "annals/log/segment_log.hpp"
#include "annals/order_local/local_orderer.hpp"

namespace annals::order_local {

/// Whether the log agrees with the index's mark (log-and-rules 3.1): same chain at that position.
bool is_mark_of(const log::SegmentLog& log, const index::IndexMark& mark);

/// Hands the index every durable event that it lacks, in batches; answers how many. Sequential
/// read, one thread.
Result<std::uint64_t> feed_index(
    const log::SegmentLog& log, index::Index& index, const FeedProgress& progress
);

}  // namespace annals::order_local
