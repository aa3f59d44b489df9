// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "annals/base/clock.hpp"
#include "annals/commit/stream_table.hpp"
#include "annals/commit/visible_end.hpp"
#include "annals/index/index.hpp"
#include "annals/log/segment_log.hpp"
#include "annals/model/cut.hpp"
#include "annals/order_local/append_metrics.hpp"

namespace annals::order_local {

/// What the callers' threads, the readers and the writer share. All parts outlive the threads.
struct SharedState {
    log::SegmentLog& log;
    index::Index& index;
    commit::VisibleEnd& visible_end;
    commit::StreamTable& streams;
    const Clock& clock;
    AppendMetrics& metrics;
    std::size_t known_ids_max;  ///< of a stream
    bool is_interval = false;   ///< answers may run ahead of what is durable
    /// Whether so many ids of a stream are not kept: the short ones never take the room of the few
    /// very long ones.
    [[nodiscard]] bool are_too_many(std::size_t ids) const {
        return ids > known_ids_max ||
               (ids > commit::KnownIds::kExactMax && streams.are_long_ids_too_many());
    }

    /// RecentEvents::begin() of the writer, as of some moment before now.
    std::atomic<std::uint64_t> recent_begin{0};

    [[nodiscard]] model::Cut cut() const {
        const std::lock_guard lock(cut_mutex);
        return newest_cut;
    }
    mutable std::mutex cut_mutex = {};  ///< of newest_cut
    model::Cut newest_cut = {};         ///< of the last decision; the writer's to set
};

}  // namespace annals::order_local
