// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "annals/base/clock.hpp"
#include "annals/base/result.hpp"
#include "annals/commit/orderer.hpp"
#include "annals/index/index.hpp"
#include "annals/log/segment_log.hpp"
#include "annals/order_local/append_metrics.hpp"

namespace annals::order_local {

/// When an append is answered (log-and-rules 1.4).
struct Durability {
    /// 0: every group is synced before its appends are answered. Otherwise appends are answered
    /// once written (is_durable false), the log is synced this often, and readers see only what is
    /// synced.
    std::int64_t interval_ns = 0;
};

struct OrdererOptions {
    log::LogOptions log;
    index::IndexOptions index;
    Durability durability;
    std::size_t queue_appends_max = 16'384;  ///< submitted and not yet decided: overloaded beyond
    std::size_t queue_bytes_max = 256u << 20u;
    std::size_t group_bytes_max = 16u << 20u;  ///< one larger append makes a group of its own
    std::size_t stream_table_bytes_max = 64u << 20u;
    /// Short hashes are kept of the ids of streams that are not longer; the index is asked for each
    /// event with an id of the client's in a longer one, and that costs as much as the stream is
    /// long.
    std::size_t known_ids_max = 4u << 20u;
    std::int64_t idle_mark_after_ns = 1'000'000'000;  ///< an idle log writes a mark
    const Clock* clock = nullptr;
    std::shared_ptr<AppendMetrics> metrics;  ///< null: nothing is counted
};

/// What opening did, for the first screen and the log.
struct OpenReport {
    log::RecoveryReport recovery;
    std::string index_discarded;  ///< why the index was thrown away; empty when it was kept
    /// Why the index on a full disk was left alone and one made in memory; empty when it was not.
    std::string index_in_memory;
    std::uint64_t index_fed_events = 0;
    std::uint64_t index_lost_events = 0;  ///< of them, those that were lost to damage
    /// Lost events whose stream nothing tells, also those that the index took in before: where one
    /// was its stream's last, the revisions are given again (docs/adr/0022).
    std::uint64_t index_unplaced_events = 0;
};

/// Called while the index is fed at opening: positions done, positions in all.
using FeedProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// Opens log and index of one namespace under `directory` (folders `events` and `index`), recovers,
/// feeds the index with what it lacks, and starts the one writer thread. A disk that is full or
/// mounted read-only does not prevent it: the index is then made in memory from the whole log, and
/// stays there until the next opening. On a full disk appends fail with disk_full and go on once
/// there is room.
Result<std::unique_ptr<commit::Orderer>> open_local_orderer(
    log::FileSystem& files,
    const std::string& directory,
    const OrdererOptions& options,
    index::IndexMemory& memory,
    OpenReport& report,
    const FeedProgress& progress = {}
);

}  // namespace annals::order_local
