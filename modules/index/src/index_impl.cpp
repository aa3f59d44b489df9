// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "index_impl.hpp"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "annals/base/assert.hpp"

#include "keys.hpp"

namespace annals::index {
namespace {

/// Frozen windows, the one being ingested among them, before add() waits.
constexpr std::size_t kFrozenMax = 1;
/// The same while ingestion fails.
constexpr std::size_t kFrozenMaxOnError = 8;
/// Looks again whether compaction is still at work, should nobody tell.
constexpr std::chrono::milliseconds kHeldLook{1'000};
/// With more metadata streams at its opening an index asks itself for each cold stream.
constexpr std::size_t kFilteredAtOpeningMax = 65'536;
constexpr std::chrono::milliseconds kRetryFirst{100};
constexpr std::chrono::milliseconds kRetryLast{10'000};

}  // namespace

Index::Impl::Impl(
    std::unique_ptr<Store> store, const IndexOptions& options, IndexMemory::State& memory
)
    : options_(options),
      memory_(memory),
      account_(memory.open_account()),
      store_(std::move(store)),
      builder_(*store_),
      stream_cache_(
          store_->mark().position.value, memory.stream_cache_bytes_max, memory.stream_cache
      ) {
    const std::uint64_t reached = store_->mark().position.value;
    position_.store(reached, std::memory_order_release);
    active_ = std::make_shared<Window>(reached + 1, 0);
    auto view = std::make_shared<View>();
    view->store = std::make_shared<StoreView>(*store_);
    view->windows.push_back(active_);
    view->stream_cache = &stream_cache_;
    view_ = std::move(view);
    store_->set_on_compacted([this] {
        const std::lock_guard lock(account_->mutex);
        is_refresh_wanted_ = true;
        account_->wake.notify_all();
    });
    background_ = std::thread([this] { run(); });
    pthread_setname_np(background_.native_handle(), "index");
}

Index::Impl::~Impl() {
    {
        const std::lock_guard lock(account_->mutex);
        is_stopping_ = true;
        account_->wake.notify_all();
    }
    background_.join();
    store_->set_on_compacted(nullptr);
    view_.reset();  // before the store that it looks at
    account_->frozen_bytes.store(0, std::memory_order_relaxed);
    memory_.close_account(account_);
}

// ---- the writer ----

void Index::Impl::add(std::span<const IndexedEvent> events, std::uint64_t chain) {
    if (events.empty()) return;
    for (const IndexedEvent& event : events) metadata_filter_.note(event.stream.text);
    const std::lock_guard lock(writer_mutex_);
    Window& window = *active_;
    window.add(events);
    window.publish(chain);
    position_.store(window.end(), std::memory_order_release);
    note_bytes();
    const bool is_full = window.end() - window.base() + 1 >= options_.window_events_max ||
                         active_bytes_ >= options_.window_bytes_max;
    if (is_full || account_->is_freeze_wanted.load(std::memory_order_relaxed) ||
        memory_.is_time_to_freeze(*account_)) {
        freeze();
        wait_for_room();
    }
}

Status Index::Impl::load_metadata_filter() {
    std::string first;
    put_name_key(first, Family::kHead, "$$");
    rocksdb::ReadOptions options;
    options.total_order_seek = true;
    options.fill_cache = false;  // what is asked for is kept, not what was met at the opening
    const std::unique_ptr<rocksdb::Iterator> names(store_->db().NewIterator(options));
    std::size_t count = 0;
    for (names->Seek(first); names->Valid() && names->key().starts_with(first); names->Next()) {
        if (++count > kFilteredAtOpeningMax) {
            metadata_filter_.saturate();
            return ok();
        }
        metadata_filter_.note({names->key().data() + 1, names->key().size() - 1});
    }
    return names->status().ok() ? ok() : Status(store_->read_error(names->status()));
}

void Index::Impl::note_bytes() {
    const std::size_t bytes = active_->bytes();
    if (bytes == active_bytes_) return;
    active_bytes_ = bytes;
    memory_.set_active_bytes(*account_, bytes);
}

void Index::Impl::freeze() {
    account_->is_freeze_wanted.store(false, std::memory_order_relaxed);
    if (active_->end() < active_->base()) return;
    const std::shared_ptr<Window> full = active_;
    active_ = std::make_shared<Window>(full->end() + 1, full->term_count());
    {
        // Before the background knows of it: it leaves the view only after it has entered it.
        const std::lock_guard lock(view_mutex_);
        auto view = std::make_shared<View>(*view_);
        view->windows.push_back(active_);
        view_ = std::move(view);
    }
    account_->frozen_bytes.fetch_add(active_bytes_, std::memory_order_relaxed);
    note_bytes();
    const std::lock_guard lock(account_->mutex);
    frozen_.push_back(full);
    account_->wake.notify_all();
}

void Index::Impl::wait_for_room() {
    std::unique_lock lock(account_->mutex);
    const auto has_room = [this] {
        return frozen_.size() <= (error_ ? kFrozenMaxOnError : kFrozenMax);
    };
    if (has_room()) return;
    const auto begun = std::chrono::steady_clock::now();
    done_.wait(lock, has_room);
    const std::chrono::nanoseconds waited = std::chrono::steady_clock::now() - begun;
    add_waits_.fetch_add(1, std::memory_order_relaxed);
    add_waited_ns_.fetch_add(waited.count(), std::memory_order_relaxed);
}

Status Index::Impl::flush() {
    {
        const std::lock_guard lock(writer_mutex_);
        freeze();
    }
    std::unique_lock lock(account_->mutex);
    if (frozen_.empty()) return ok();
    // An attempt that was running when this began does not count.
    const std::uint64_t enough = attempts_ + (is_ingesting_ ? 2 : 1);
    is_retry_wanted_ = true;
    ++flushes_;
    account_->wake.notify_all();
    done_.wait(lock, [&] { return frozen_.empty() || (error_ && attempts_ >= enough); });
    --flushes_;
    if (frozen_.empty()) return ok();
    return *error_;
}

// ---- the background ----

void Index::Impl::run() {
    std::chrono::milliseconds retry_in = kRetryFirst;
    std::unique_lock lock(account_->mutex);
    while (!is_stopping_) {
        const bool must_wait = !frozen_.empty() && is_held();
        is_held_.store(must_wait, std::memory_order_relaxed);
        if (!frozen_.empty() && !must_wait) {
            ingest_oldest(lock);
            if (!error_) {
                retry_in = kRetryFirst;
            } else {
                account_->wake.wait_for(lock, retry_in, [this] {
                    return is_stopping_ || is_retry_wanted_;
                });
                retry_in = std::min(retry_in * 2, kRetryLast);
            }
        } else if (is_refresh_wanted_) {
            is_refresh_wanted_ = false;
            lock.unlock();
            refresh_view();
            lock.lock();
        } else if (account_->is_freeze_wanted.load(std::memory_order_relaxed)) {
            lock.unlock();
            freeze_if_wanted();
            lock.lock();
        } else if (must_wait) {
            account_->wake.wait_for(lock, kHeldLook, [this] {
                return is_stopping_ || is_refresh_wanted_ || flushes_ != 0;
            });
        } else {
            account_->wake.wait(lock, [this] {
                return is_stopping_ || is_refresh_wanted_ || !frozen_.empty() ||
                       account_->is_freeze_wanted.load(std::memory_order_relaxed);
            });
        }
    }
}

/// A flush is not held: it is a clean end, which should not wait for a long compaction.
bool Index::Impl::is_held() const {
    return flushes_ == 0 && !error_ && store_->runs() >= options_.runs_max &&
           store_->is_compacting();
}

void Index::Impl::ingest_oldest(std::unique_lock<std::mutex>& lock) {
    const std::shared_ptr<Window> window = frozen_.front();
    is_retry_wanted_ = false;
    is_refresh_wanted_ = false;
    is_ingesting_ = true;
    lock.unlock();
    std::optional<Error> error = ingest(*window);
    if (!error) refresh_view();
    lock.lock();
    is_ingesting_ = false;
    ++attempts_;
    error_ = std::move(error);
    if (!error_) {
        frozen_.pop_front();
        account_->frozen_bytes.fetch_sub(window->bytes(), std::memory_order_relaxed);
    }
    done_.notify_all();
}

std::optional<Error> Index::Impl::ingest(const Window& window) {
    try {
        Status done = builder_.ingest(window);
        if (!done) return std::move(done).take_error();
        stream_cache_.extend(window);
        return std::nullopt;
    } catch (const std::exception& exception) {
        return Error(
            ErrorCode::kInternal,
            std::string("the index cannot take in a window: ") + exception.what()
        );
    }
}

void Index::Impl::freeze_if_wanted() {
    // A writer that holds the lock sees the wish itself, or is waiting for this very thread.
    const std::unique_lock lock(writer_mutex_, std::try_to_lock);
    if (lock.owns_lock()) {
        freeze();
    } else {
        std::this_thread::yield();
    }
}

void Index::Impl::refresh_view() {
    auto next = std::make_shared<View>();
    next->store = std::make_shared<StoreView>(*store_);
    next->stream_cache = &stream_cache_;
    std::shared_ptr<const View> old;  // goes after the lock
    const std::lock_guard lock(view_mutex_);
    for (const auto& window : view_->windows) {
        const bool is_growing = window == view_->windows.back();
        if (is_growing || window->end() > next->store->position()) next->windows.push_back(window);
    }
    old = std::exchange(view_, std::move(next));
}

// ---- any thread ----

Moment Index::Impl::moment() const {
    std::shared_ptr<const View> view;
    {
        const std::lock_guard lock(view_mutex_);
        view = view_;
    }
    return Moment(std::move(view));
}

IndexMark Index::Impl::ingested() const { return moment().store().mark(); }

std::string Index::Impl::background_error() const {
    const std::lock_guard lock(account_->mutex);
    return error_ ? error_->to_string() : std::string();
}

IndexStats Index::Impl::stats() const {
    const Moment now = moment();
    IndexStats stats;
    stats.position = Position(now.end());
    stats.ingested = now.store().mark();
    stats.window_bytes = account_->active_bytes.load(std::memory_order_relaxed) +
                         account_->frozen_bytes.load(std::memory_order_relaxed);
    rocksdb::DB& db = store_->db();
    std::uint64_t value = 0;
    if (db.GetIntProperty(rocksdb::DB::Properties::kLiveSstFilesSize, &value))
        stats.disk_bytes = value;
    std::string text;
    for (int level = 0; level < store_->options().num_levels; ++level) {
        if (db.GetProperty(
                rocksdb::DB::Properties::kNumFilesAtLevelPrefix + std::to_string(level), &text
            )) {
            stats.files += std::stoull(text);
        }
    }
    stats.runs = store_->runs();
    stats.is_held = is_held_.load(std::memory_order_relaxed);
    stats.add_waits = add_waits_.load(std::memory_order_relaxed);
    stats.add_waited_ns = add_waited_ns_.load(std::memory_order_relaxed);
    stats.background_error = background_error();
    return stats;
}

}  // namespace annals::index
