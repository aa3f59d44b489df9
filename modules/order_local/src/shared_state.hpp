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
    bool is_interval = false;  ///< answers may run ahead of what is durable
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
