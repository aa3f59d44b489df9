// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include <rocksdb/cache.h>
#include <rocksdb/statistics.h>

#include "annals/index/index.hpp"

#include "stream_cache.hpp"

namespace annals::index {

/// What one index tells the shared memory of its windows, and how it is asked for one of them.
struct WindowAccount {
    std::atomic<std::size_t> active_bytes{0};
    std::atomic<std::size_t> frozen_bytes{0};
    std::atomic<bool> is_freeze_wanted{false};
    std::mutex mutex;  ///< of the index's background thread
    std::condition_variable wake;
};

/// Shares of the budget: windows a quarter at most (an eighth, but not over 64 MiB, growing, as
/// much being ingested), short streams that were read an eighth, the block cache with filters and
/// indexes the rest.
struct IndexMemory::State {
    explicit State(std::size_t budget);

    std::shared_ptr<WindowAccount> open_account();
    void close_account(const std::shared_ptr<WindowAccount>& account);
    /// Bytes of all windows, growing and being ingested.
    [[nodiscard]] std::size_t window_bytes() const;
    /// For the account's writer (or whoever holds its place).
    void set_active_bytes(WindowAccount& account, std::size_t bytes);
    /// Called by a writer whose window has grown. When all growing windows together are over the
    /// bound, the largest is to be ingested: true when that is the caller's, else its owner's
    /// background thread is told.
    bool is_time_to_freeze(WindowAccount& account);

    const std::size_t budget;
    const std::size_t active_bytes_max;
    const std::size_t stream_cache_bytes_max;
    StreamCacheTotals stream_cache;
    const std::shared_ptr<rocksdb::Cache> cache;
    const std::shared_ptr<rocksdb::Statistics> statistics;  ///< counters only, no times

  private:
    std::atomic<std::size_t> active_bytes_{0};
    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<WindowAccount>> accounts_;
};

}  // namespace annals::index
