// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "memory.hpp"

#include <algorithm>

namespace annals::index {
namespace {

constexpr std::size_t kActiveBytesMax = 64u << 20u;
constexpr int kCacheShardBits = 4;
constexpr double kHighPriorityPool = 0.5;

std::shared_ptr<rocksdb::Statistics> counters_only() {
    std::shared_ptr<rocksdb::Statistics> statistics = rocksdb::CreateDBStatistics();
    statistics->set_stats_level(rocksdb::StatsLevel::kExceptHistogramOrTimers);
    return statistics;
}

std::size_t active_share(std::size_t budget) { return std::min(kActiveBytesMax, budget / 8); }

}  // namespace

IndexMemory::State::State(std::size_t budget_bytes)
    : budget(budget_bytes),
      active_bytes_max(active_share(budget_bytes)),
      stream_cache_bytes_max(budget_bytes / 8),
      cache(rocksdb::NewLRUCache(
          budget_bytes - 2 * active_bytes_max - stream_cache_bytes_max,
          kCacheShardBits,
          false,
          kHighPriorityPool
      )),
      statistics(counters_only()) {}

std::shared_ptr<WindowAccount> IndexMemory::State::open_account() {
    auto account = std::make_shared<WindowAccount>();
    const std::lock_guard lock(mutex_);
    accounts_.push_back(account);
    return account;
}

void IndexMemory::State::close_account(const std::shared_ptr<WindowAccount>& account) {
    set_active_bytes(*account, 0);
    const std::lock_guard lock(mutex_);
    std::erase(accounts_, account);
}

void IndexMemory::State::set_active_bytes(WindowAccount& account, std::size_t bytes) {
    const std::size_t before = account.active_bytes.exchange(bytes, std::memory_order_relaxed);
    active_bytes_.fetch_add(bytes - before, std::memory_order_relaxed);  // wraps where it shrinks
}

std::size_t IndexMemory::State::window_bytes() const {
    const std::lock_guard lock(mutex_);
    std::size_t bytes = 0;
    for (const auto& account : accounts_) {
        bytes += account->active_bytes.load(std::memory_order_relaxed);
        bytes += account->frozen_bytes.load(std::memory_order_relaxed);
    }
    return bytes;
}

bool IndexMemory::State::is_time_to_freeze(WindowAccount& account) {
    if (active_bytes_.load(std::memory_order_relaxed) <= active_bytes_max) return false;
    std::shared_ptr<WindowAccount> largest;
    {
        const std::lock_guard lock(mutex_);
        std::size_t most = 0;
        for (const auto& other : accounts_) {
            const std::size_t bytes = other->active_bytes.load(std::memory_order_relaxed);
            if (bytes > most) {
                most = bytes;
                largest = other;
            }
        }
        if (!largest) return false;
    }
    if (largest.get() == &account) return true;
    if (!largest->is_freeze_wanted.exchange(true)) {
        const std::lock_guard lock(largest->mutex);
        largest->wake.notify_all();
    }
    return false;
}

IndexMemory::IndexMemory(std::size_t budget_bytes)
    : state_(std::make_unique<State>(budget_bytes)) {}
IndexMemory::~IndexMemory() = default;

std::size_t IndexMemory::budget_bytes() const { return state_->budget; }
std::size_t IndexMemory::used_bytes() const {
    return state_->cache->GetUsage() + state_->window_bytes() +
           state_->stream_cache.bytes.load(std::memory_order_relaxed);
}

IndexCacheCounts IndexMemory::cache_counts() const {
    return {
        state_->statistics->getTickerCount(rocksdb::BLOCK_CACHE_HIT),
        state_->statistics->getTickerCount(rocksdb::BLOCK_CACHE_MISS),
        state_->stream_cache.hits.load(std::memory_order_relaxed),
        state_->stream_cache.misses.load(std::memory_order_relaxed)
    };
}

}  // namespace annals::index
