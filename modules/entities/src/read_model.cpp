// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/entities/read_model.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <limits>
#include <map>
#include <mutex>
#include <utility>

#include "annals/base/clock.hpp"
#include "annals/entities/entity_key.hpp"
#include "annals/runtime/thread.hpp"

#include "model_files.hpp"
#include "type_feed.hpp"
#include "type_view.hpp"

namespace annals::entities {

class ReadModel::Impl {
  public:
    Impl(api::EventStore& store, const ReadModelOptions& options, std::unique_ptr<ModelFiles> files)
        : store_(store), catch_up_ns_max_(options.catch_up_ns_max), files_(std::move(files)) {
        builder_ = runtime::Thread("entity-model", [this] { build(); });
    }
    ~Impl() {
        {
            const std::lock_guard lock(mutex_);
            is_stopping_ = true;
        }
        changed_.notify_all();
        builder_.join();
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    std::unique_ptr<TypeView> view(const api::CallContext& context, std::string_view type) {
        if (files_->has_failed()) return nullptr;
        const std::shared_ptr<TypeFeed> feed = feed_of(context.name_space, type);
        if (!feed) return nullptr;
        // Who finds another at it goes on with what is there: what is missing is folded.
        if (const auto lock = feed->try_lock()) {
            const std::int64_t now = system_clock().monotonic_ns();
            const std::int64_t until = std::min(now + catch_up_ns_max_, context.deadline_ns);
            bool has_more = true;
            while (has_more && system_clock().monotonic_ns() < until) {
                const auto advanced = feed->advance(context.deadline_ns);
                if (!advanced) return nullptr;  // counted; the fold says what is wrong
                has_more = *advanced;
            }
            if (has_more) enqueue(feed);
        }
        return feed->view();
    }

    void wait_until_built() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return waiting_.empty() && !is_building_; });
    }

    std::vector<ReadModelStatus> status() const {
        std::vector<ReadModelStatus> all;
        const std::lock_guard lock(mutex_);
        all.reserve(feeds_.size());
        for (const auto& [name, feed] : feeds_) all.push_back(feed->status());
        return all;
    }

    ReadModelCounts counts() const {
        ReadModelCounts counts;
        counts.answered = answered.load(std::memory_order_relaxed);
        counts.folded = folded.load(std::memory_order_relaxed);
        counts.events = counts_.events.load(std::memory_order_relaxed);
        counts.rebuilds = counts_.rebuilds.load(std::memory_order_relaxed);
        counts.failures = counts_.failures.load(std::memory_order_relaxed);
        if (files_->has_failed()) ++counts.failures;
        for (const ReadModelStatus& one : status()) counts.lag_events += one.lag_events;
        return counts;
    }

    /// Of namespaces that were deleted while the model was not open.
    void remove_unknown() {
        const auto known = store_.list_namespaces({});
        if (!known) return;
        std::vector<TypeName> unknown;
        const std::unique_ptr<rocksdb::Iterator> marks = files_->scan();
        for (marks->Seek("m"); marks->Valid() && marks->key().starts_with("m"); marks->Next()) {
            const std::string key = marks->key().ToString().substr(1);
            const std::size_t end = key.find('\0');
            if (end == std::string::npos) continue;
            TypeName name{key.substr(0, end), key.substr(end + 1)};
            const bool is_known = std::any_of(known->begin(), known->end(), [&](const auto& one) {
                return one.name == name.name_space;
            });
            if (!is_known) unknown.push_back(std::move(name));
        }
        for (const TypeName& name : unknown) (void)files_->remove_type(name);
    }

    std::atomic<std::uint64_t> answered{0};
    std::atomic<std::uint64_t> folded{0};

  private:
    /// Null when as many types as may be are in use.
    std::shared_ptr<TypeFeed> feed_of(std::string_view name_space, std::string_view type) {
        TypeName name{std::string(name_space), encode_type(type)};
        const std::int64_t now = system_clock().monotonic_ns();
        const std::lock_guard lock(mutex_);
        auto found = feeds_.find(name);
        if (found == feeds_.end()) {
            if (feeds_.size() >= kTypesMax && !forget_idle()) return nullptr;
            // Shared by the calls that look at it and the builder; forgotten when idle.
            auto feed = std::make_shared<TypeFeed>(
                store_, *files_, counts_, name, std::string(type)
            );
            found = feeds_.emplace(std::move(name), std::move(feed)).first;
        }
        found->second->last_used_ns.store(now, std::memory_order_relaxed);
        return found->second;
    }

    bool forget_idle() {
        auto oldest = feeds_.end();
        for (auto feed = feeds_.begin(); feed != feeds_.end(); ++feed) {
            if (feed->second.use_count() != 1) continue;
            if (oldest == feeds_.end() ||
                feed->second->last_used_ns < oldest->second->last_used_ns) {
                oldest = feed;
            }
        }
        if (oldest == feeds_.end()) return false;
        feeds_.erase(oldest);
        return true;
    }

    /// At most kTypesMax wait, each once.
    void enqueue(const std::shared_ptr<TypeFeed>& feed) {
        {
            const std::lock_guard lock(mutex_);
            if (std::exchange(feed->is_queued, true)) return;
            waiting_.push_back(feed);
        }
        changed_.notify_all();
    }

    /// One page of each type in turn.
    void build() {
        std::unique_lock lock(mutex_);
        while (true) {
            changed_.wait(lock, [&] { return is_stopping_ || !waiting_.empty(); });
            if (is_stopping_) return;
            const std::shared_ptr<TypeFeed> feed = std::move(waiting_.front());
            waiting_.pop_front();
            is_building_ = true;
            lock.unlock();
            const bool has_more = advance(*feed);
            lock.lock();
            is_building_ = false;
            feed->is_queued = has_more;
            if (has_more) waiting_.push_back(feed);
            changed_.notify_all();
        }
    }

    bool advance(TypeFeed& feed) {
        if (files_->has_failed()) return false;
        const auto lock = feed.lock();
        const auto advanced = feed.advance(std::numeric_limits<std::int64_t>::max());
        return advanced && *advanced;
    }

    api::EventStore& store_;
    const std::int64_t catch_up_ns_max_;
    const std::unique_ptr<ModelFiles> files_;
    FeedCounts counts_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<TypeName, std::shared_ptr<TypeFeed>> feeds_;
    std::deque<std::shared_ptr<TypeFeed>> waiting_;
    bool is_building_ = false;
    bool is_stopping_ = false;
    runtime::Thread builder_;
};

ReadModel::ReadModel(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

ReadModel::~ReadModel() = default;

Result<std::unique_ptr<ReadModel>> ReadModel::open(
    api::EventStore& store, const ReadModelOptions& options
) {
    ANNALS_TRY(std::unique_ptr<ModelFiles> files, ModelFiles::open(options));
    auto impl = std::make_unique<Impl>(store, options, std::move(files));
    impl->remove_unknown();
    return std::unique_ptr<ReadModel>(new ReadModel(std::move(impl)));
}

std::unique_ptr<TypeView> ReadModel::view(const api::CallContext& context, std::string_view type) {
    return impl_->view(context, type);
}

void ReadModel::count_answers(std::uint64_t answered, std::uint64_t folded) {
    impl_->answered.fetch_add(answered, std::memory_order_relaxed);
    impl_->folded.fetch_add(folded, std::memory_order_relaxed);
}

ReadModelCounts ReadModel::counts() const { return impl_->counts(); }

std::vector<ReadModelStatus> ReadModel::status() const { return impl_->status(); }

void ReadModel::wait_until_built() { impl_->wait_until_built(); }

}  // namespace annals::entities
