// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "annals/index/index.hpp"

#include "builder.hpp"
#include "memory.hpp"
#include "metadata_filter.hpp"
#include "store.hpp"
#include "view.hpp"

namespace annals::index {

/// The growing window, the frozen ones, the store, and the thread that turns the second into the
/// third.
///
/// Locks, in the order in which they may be taken: writer_mutex_, then account_->mutex (the
/// background's work), then view_mutex_ (the view's pointer, held for a copy).
class Index::Impl {
  public:
    Impl(std::unique_ptr<Store> store, const IndexOptions& options, IndexMemory::State& memory);
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl();

    void add(std::span<const IndexedEvent> events, std::uint64_t chain);
    Status flush();

    [[nodiscard]] Moment moment() const;
    [[nodiscard]] Position position() const {
        return Position(position_.load(std::memory_order_acquire));
    }
    [[nodiscard]] IndexMark ingested() const;
    [[nodiscard]] std::string background_error() const;
    [[nodiscard]] IndexStats stats() const;
    /// Before the first add(): notes the metadata streams that the store has.
    Status load_metadata_filter();
    [[nodiscard]] const MetadataFilter& metadata_filter() const { return metadata_filter_; }

  private:
    void run();
    /// Takes the oldest frozen window into RocksDB and out of the view, or keeps the error. Unlocks
    /// meanwhile.
    void ingest_oldest(std::unique_lock<std::mutex>& lock);
    /// What went wrong, foreign exceptions included.
    std::optional<Error> ingest(const Window& window);
    /// For the holder of writer_mutex_.
    void freeze();
    void wait_for_room();
    /// Whether ingestion waits for compaction; for the background, with account_->mutex.
    [[nodiscard]] bool is_held() const;
    void freeze_if_wanted();
    void note_bytes();
    /// A new view of the store, without windows that it contains.
    void refresh_view();

    const IndexOptions options_;
    IndexMemory::State& memory_;
    const std::shared_ptr<WindowAccount> account_;
    const std::unique_ptr<Store> store_;
    Builder builder_;
    StreamCache stream_cache_;

    std::mutex writer_mutex_;
    std::shared_ptr<Window> active_;
    std::size_t active_bytes_ = 0;
    std::atomic<std::uint64_t> position_{0};
    std::atomic<std::uint64_t> add_waits_{0};
    std::atomic<std::int64_t> add_waited_ns_{0};
    std::atomic<bool> is_held_{false};  ///< for stats()
    MetadataFilter metadata_filter_;

    mutable std::mutex view_mutex_;
    std::shared_ptr<const View> view_;

    // Under account_->mutex.
    std::condition_variable done_;
    std::deque<std::shared_ptr<Window>> frozen_;
    std::optional<Error> error_;
    std::uint64_t attempts_ = 0;
    std::uint64_t flushes_ = 0;  ///< that are waiting
    bool is_ingesting_ = false;
    bool is_retry_wanted_ = false;
    bool is_refresh_wanted_ = false;
    bool is_stopping_ = false;

    std::thread background_;
};

}  // namespace annals::index
