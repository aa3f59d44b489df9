// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "http_membership.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "annals/json_events/parsed_page.hpp"
#include "annals/runtime/thread.hpp"

#include "answers.hpp"

namespace annals::http_client {
namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t kWaitMs = 20'000;    ///< of one long poll
constexpr std::uint32_t kEventsMax = 512;    ///< the server's bound of one
constexpr milliseconds kPause{100};          ///< before a busy server is asked again
constexpr milliseconds kSilenceMax{20'000};  ///< connections are closed when idle for longer

std::string text_of(const std::vector<api::Settlement>& settled) {
    nlohmann::json body = nlohmann::json::object();
    for (const api::Settlement& one : settled) {
        if (one.what == api::Settling::kAck) {
            body["acks"].push_back(one.delivery);
            continue;
        }
        nlohmann::json other{{"delivery", one.delivery}, {"what", api::to_string(one.what)}};
        if (!one.reason.empty()) other["reason"] = one.reason;
        if (one.delay_ms) other["delay_ms"] = *one.delay_ms;
        body["settle"].push_back(std::move(other));
    }
    return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

class HttpMembership final : public api::GroupMembership {
  public:
    HttpMembership(
        std::shared_ptr<ConnectionPool> pool, Target target, JoinedMember joined, bool says_it_lives
    )
        : pool_(std::move(pool)),
          target_(std::move(target)),
          id_(joined.id),
          says_it_lives_(says_it_lives),
          sign_every_(std::min(milliseconds(joined.silence_ms / 3), kSilenceMax)),
          thread_("http-member", [this] { run(); }) {}

    ~HttpMembership() override {
        {
            const std::lock_guard lock(mutex_);
            is_closed_ = true;
            if (line_) line_->shut_down();
        }
        changed_.notify_all();
        (void)pool_->ask(HttpRequest{"DELETE", target_.text(), "", {}});
        thread_.join();
    }

    [[nodiscard]] std::uint64_t id() const override { return id_; }

    Result<bool> try_next(api::GroupDeliveries& deliveries, std::uint32_t events_max) override {
        const std::lock_guard lock(mutex_);
        if (!ready_.empty()) {
            deliveries = ready_.take_first(events_max);
            return true;
        }
        if (end_) return *end_;
        wanted_ = events_max == 0 ? kEventsMax : std::min(events_max, kEventsMax);
        is_armed_ = true;
        changed_.notify_all();
        return false;
    }

    void set_waker(std::function<void()> waker) override {
        const std::lock_guard waking(waker_mutex_);
        waker_ = std::move(waker);
    }

    Result<std::vector<api::RefusedSettlement>> settle(const std::vector<api::Settlement>& settled
    ) override {
        ANNALS_TRY(const HttpAnswer answer, pool_->ask(settlement(text_of(settled))));
        if (answer.status < 300) return refused_of(answer.body);
        Error error = error_of(answer);
        if (error.code() == ErrorCode::kMemberGone) end(error);
        return error;
    }

  private:
    HttpRequest settlement(std::string body) {
        Target target = target_;
        target.segment("settle");
        return {"POST", target.text(), std::move(body), {{"Content-Type", "application/json"}}};
    }

    void run() {
        std::unique_lock lock(mutex_);
        while (!is_closed_) {
            if (wanted_ > 0 && !end_ && ready_.empty()) {
                const std::uint32_t wanted = wanted_;
                lock.unlock();
                fetch(wanted);
                lock.lock();
                continue;
            }
            const bool has_work = changed_.wait_for(lock, sign_every_, [&] {
                return is_closed_ || (wanted_ > 0 && !end_ && ready_.empty());
            });
            if (has_work || !says_it_lives_ || end_) continue;
            lock.unlock();
            const auto answer = ask(settlement("{}"));
            if (answer && answer->status >= 300) end_if_gone(error_of(*answer));
            lock.lock();
        }
    }

    /// One long poll.
    void fetch(std::uint32_t wanted) {
        Target target = target_;
        target.segment("fetch").add("wait", std::to_string(kWaitMs) + "ms");
        target.add_number("limit", wanted);
        const auto answer = ask({"POST", target.text(), "", {}});
        if (!answer) return end(answer.error());
        if (answer->status >= 300) {
            const Error error = error_of(*answer);
            if (error.code() != ErrorCode::kOverloaded) return end(error);
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, kPause, [&] { return is_closed_; });
            return;
        }
        auto deliveries = json_events::parse_deliveries(answer->body);
        if (!deliveries) return end(deliveries.error());
        if (deliveries->empty()) return;  // the wait is over: again
        {
            const std::lock_guard lock(mutex_);
            ready_ = std::move(*deliveries);
            wanted_ = 0;
        }
        wake();
    }

    /// Over the thread's own connection; over a new one when that broke: a newer poll ends the one
    /// before, and what that one gave comes again after its deadline.
    Result<HttpAnswer> ask(const HttpRequest& request) {
        Connection* line = nullptr;
        {
            const std::lock_guard lock(mutex_);
            line = line_.get();
        }
        if (line != nullptr && line->is_usable()) {
            auto answer = line->ask(request);
            if (answer) return answer;
        }
        auto fresh = std::make_unique<Connection>(pool_->options());
        ANNALS_CHECK(fresh->connect());
        line = fresh.get();
        {
            const std::lock_guard lock(mutex_);
            if (is_closed_) return Error(ErrorCode::kUnavailable, "the membership was closed");
            line_ = std::move(fresh);
        }
        return line->ask(request);
    }

    void end_if_gone(const Error& error) {
        if (error.code() == ErrorCode::kMemberGone) end(error);
    }
    void end(const Error& error) {
        {
            const std::lock_guard lock(mutex_);
            if (!end_) end_ = error;
        }
        wake();
    }

    void wake() {
        const std::lock_guard waking(waker_mutex_);
        {
            const std::lock_guard lock(mutex_);
            if (is_closed_ || !std::exchange(is_armed_, false)) return;
        }
        if (waker_) waker_();
    }

    const std::shared_ptr<ConnectionPool> pool_;
    const Target target_;
    const std::uint64_t id_;
    const bool says_it_lives_;
    const milliseconds sign_every_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::unique_ptr<Connection> line_;  ///< replaced by the thread alone
    api::GroupDeliveries ready_;        ///< of one poll
    std::uint32_t wanted_ = 0;          ///< somebody asked in vain for so many
    bool is_armed_ = false;
    bool is_closed_ = false;
    std::optional<Error> end_;
    std::mutex waker_mutex_;
    std::function<void()> waker_;
    runtime::Thread thread_;  ///< the last: it uses the rest
};

}  // namespace

std::unique_ptr<api::GroupMembership> make_http_membership(
    std::shared_ptr<ConnectionPool> pool, Target target, JoinedMember joined, bool says_it_lives
) {
    return std::make_unique<HttpMembership>(
        std::move(pool), std::move(target), joined, says_it_lives
    );
}

}  // namespace annals::http_client
