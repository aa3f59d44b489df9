// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "http_subscription.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "annals/json_events/parsed_page.hpp"
#include "annals/json_events/removed_json.hpp"
#include "annals/runtime/thread.hpp"

#include "answers.hpp"
#include "event_source.hpp"

namespace annals::http_client {
namespace {

class HttpSubscription final : public api::Subscription {
  public:
    HttpSubscription(
        std::unique_ptr<Connection> connection, HttpRequest request, std::size_t frames_max
    )
        : connection_(std::move(connection)),
          request_(std::move(request)),
          frames_max_(frames_max),
          thread_("http-feed", [this] { read(); }) {}

    ~HttpSubscription() override {
        {
            const std::lock_guard lock(mutex_);
            is_closed_ = true;
        }
        changed_.notify_all();
        connection_->shut_down();
        thread_.join();
    }

    Result<bool> try_next(api::SubscriptionFrame& frame) override {
        const std::lock_guard lock(mutex_);
        if (!frames_.empty()) {
            frame = std::move(frames_.front());
            frames_.pop_front();
            changed_.notify_all();
            return true;
        }
        if (end_) return *end_;
        is_armed_ = true;
        return false;
    }

    void set_waker(std::function<void()> waker) override {
        const std::lock_guard lock(mutex_);
        waker_ = std::move(waker);
    }

  private:
    void read() {
        EventSource source;
        while (!end_of_reading_) {
            const Result<std::string> piece = connection_->read_piece();
            if (!piece || piece->empty()) {
                end(piece ? Error(ErrorCode::kUnavailable, "the server ended the subscription")
                          : piece.error());
                return;
            }
            source.add(*piece, [this](const SourceEvent& event) {
                if (!end_of_reading_) on_event(event);
            });
        }
    }

    void on_event(const SourceEvent& event) {
        using Mark = api::SubscriptionMark;
        if (event.name.empty()) return on_stored(event);
        if (event.name == "caught-up") return on_mark(Mark::kCaughtUp, event);
        if (event.name == "fell-behind") return on_mark(Mark::kFellBehind, event);
        if (event.name == "checkpoint") return on_mark(Mark::kCheckpoint, event);
        if (event.name == "removed") return on_removed(event);
        if (event.name == "error" || event.name == "resync")
            end(error_of({500, event.data}, request_));
    }

    /// Events belong to one frame up to the one whose id is a token alone.
    void on_stored(const SourceEvent& event) {
        Result<model::EventBatch> one = json_events::parse_event(event.data);
        if (!one) return end(one.error());
        const Status added = one->for_each([&](const model::RecordedEvent& stored) {
            std::string envelope;
            std::string payload;
            model::encode_envelope(envelope, stored, stored.id);
            model::encode_payload(payload, stored);
            open_.events.add(
                envelope, payload, stored.position, stored.revision, stored.recorded_time
            );
            return ok();
        });
        if (!added) return end(added.error());
        if (event.id.find('.') != std::string::npos) return;
        open_.position = event.id;
        push(std::exchange(open_, {}));
    }

    /// Belongs to the frame of the event or mark that follows.
    void on_removed(const SourceEvent& event) {
        Result<api::RemovedEvents> removed = json_events::parse_removed(event.data);
        if (!removed) return end(removed.error());
        open_.removed.push_back(*removed);
    }

    void on_mark(api::SubscriptionMark mark, const SourceEvent& event) {
        api::SubscriptionFrame frame;
        frame.mark = mark;
        frame.position = event.id;
        frame.removed = std::exchange(open_.removed, {});
        push(std::move(frame));
    }

    void push(api::SubscriptionFrame frame) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return frames_.size() < frames_max_ || is_closed_; });
        if (is_closed_) {
            end_of_reading_ = true;
            return;
        }
        frames_.push_back(std::move(frame));
        wake(lock);
    }

    void end(const Error& error) {
        end_of_reading_ = true;
        std::unique_lock lock(mutex_);
        end_ = error;
        wake(lock);
    }

    void wake(std::unique_lock<std::mutex>& lock) {
        if (is_closed_ || !std::exchange(is_armed_, false) || !waker_) return;
        const std::function<void()> waker = waker_;
        lock.unlock();
        waker();
    }

    const std::unique_ptr<Connection> connection_;
    const HttpRequest request_;
    const std::size_t frames_max_;
    bool end_of_reading_ = false;  ///< the reading thread's
    api::SubscriptionFrame open_;  ///< the reading thread's
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<api::SubscriptionFrame> frames_;
    std::optional<Error> end_;
    std::function<void()> waker_;
    bool is_armed_ = false;
    bool is_closed_ = false;
    runtime::Thread thread_;
};

}  // namespace

std::unique_ptr<api::Subscription> make_http_subscription(
    std::unique_ptr<Connection> connection, HttpRequest request, std::size_t frames_max
) {
    return std::make_unique<HttpSubscription>(
        std::move(connection), std::move(request), frames_max
    );
}

}  // namespace annals::http_client
