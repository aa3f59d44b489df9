// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "log_poll.hpp"

#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

#include "annals/model/query.hpp"

#include "log_pages.hpp"
#include "selector.hpp"
#include "translation.hpp"

namespace annals::dialect_eskit {
namespace {

using contracts::eventstore::AppLogRequest;
using grpc_door::RpcStream;

constexpr std::uint32_t kBatchEvents = 256;
/// Frames without a match in a row, after which another caller gets the thread.
constexpr int kFramesInARow = 64;

/// A waker that may be called late, when its stream is gone.
class LateWaker {
  public:
    void set(std::function<void()> waker) {
        const std::lock_guard lock(mutex_);
        waker_ = std::move(waker);
    }
    void wake() {
        const std::lock_guard lock(mutex_);
        if (waker_) waker_();
    }
    /// Waits for one that runs; afterwards none does.
    void drop() { set(nullptr); }

  private:
    std::mutex mutex_;
    std::function<void()> waker_;
};

class LogPoll final : public RpcStream {
  public:
    LogPoll(
        std::unique_ptr<api::Subscription> subscription,
        Selector selector,
        Position from,
        runtime::WorkerPool& pool
    )
        : subscription_(std::move(subscription)),
          selector_(std::move(selector)),
          from_(from),
          pool_(pool) {}

    ~LogPoll() override { late_waker_->drop(); }

    void set_waker(std::function<void()> waker) override {
        late_waker_->set(waker);
        subscription_->set_waker(std::move(waker));
    }

    Result<Next> next(std::string& message) override {
        for (int frames = 0; entries_.empty(); ++frames) {
            if (frames == kFramesInARow) return yield();
            ANNALS_TRY(const bool has_frame, subscription_->try_next(frame_));
            if (!has_frame) return Next::kNothing;
            ANNALS_CHECK(take_frame());
        }
        message = std::move(entries_.front());
        entries_.pop_front();
        return Next::kMessage;
    }

  private:
    Status take_frame() {
        ANNALS_CHECK(frame_.events.for_each([this](const model::RecordedEvent& event) {
            if (event.position >= from_ && selector_.matches(event_type_of(event))) {
                entries_.push_back(to_entry(event).SerializeAsString());
            }
            return ok();
        }));
        frame_.events.clear();
        return ok();
    }

    /// Goes on later: the pool calls the waker.
    Result<Next> yield() {
        // Shared: the task may come after this stream is gone.
        const bool is_posted = pool_.post([waker = late_waker_] { waker->wake(); });
        if (is_posted) return Next::kNothing;
        return Error(ErrorCode::kOverloaded, "too many pollers read history: try again later");
    }

    std::unique_ptr<api::Subscription> subscription_;
    const Selector selector_;
    const Position from_;
    runtime::WorkerPool& pool_;
    std::shared_ptr<LateWaker> late_waker_ = std::make_shared<LateWaker>();
    api::SubscriptionFrame frame_;
    std::deque<std::string> entries_;
};

/// What the store can leave out by itself, now and later: all but one or two types.
model::Filter filter_of(const Selector& selector) {
    model::Filter filter;
    filter.types = selector.exact_types();
    if (!model::check_filter(filter)) filter.types.clear();
    return filter;
}

}  // namespace

Result<std::unique_ptr<RpcStream>> open_log_poll(
    api::EventStore& store,
    const api::CallContext& context,
    const AppLogRequest& request,
    runtime::WorkerPool& pool
) {
    ANNALS_TRY(const std::uint64_t from_id, parse_from_id(request.from_id()));
    Selector selector(request.selector(), request.pipeline_id());
    api::SubscribeRequest subscribe;
    subscribe.filter = filter_of(selector);
    subscribe.batch_events_max = kBatchEvents;
    if (from_id > 1) subscribe.start = api::FromPosition{Position(from_id)};
    auto subscription = store.subscribe(context, subscribe);
    if (!subscription && subscription.error().code() == ErrorCode::kTokenBeyondEnd) {
        // eskit waits for an id that is still to come
        subscribe.start = api::FromEnd{};
        subscription = store.subscribe(context, subscribe);
    }
    if (!subscription) return subscription.error();
    return std::unique_ptr<RpcStream>(std::make_unique<LogPoll>(
        std::move(*subscription), std::move(selector), Position(from_id), pool
    ));
}

}  // namespace annals::dialect_eskit
