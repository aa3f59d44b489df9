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

/// Whether what the index took for lost to damage (index::kLostTag) is lost still. Where the log
/// was restored meanwhile, the index lacks what it holds now.
Result<bool> is_lost_still(const log::SegmentLog& log, const index::Index& index);

/// Lost events of which the index does not know the stream (index::kUnplacedTag).
Result<std::uint64_t> count_unplaced(const index::Index& index);

struct FedEvents {
    std::uint64_t events = 0;  ///< all of them
    std::uint64_t lost = 0;    ///< of them, those that cannot be read
};

/// Hands the index every durable event that it lacks, in batches. Sequential read, one thread.
/// Events that were lost to damage are passed over and counted (lost_events.hpp): the first one
/// costs a second reading of what follows it.
Result<FedEvents> feed_index(
    const log::SegmentLog& log, index::Index& index, const FeedProgress& progress
);

}  // namespace annals::order_local
