// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/api/event_store.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "annals/base/clock.hpp"

namespace annals::api {

struct Subscription::Waiter {
    std::mutex mutex;
    std::condition_variable woken;
    bool is_woken = false;
};

Result<SubscriptionFrame> Subscription::next(std::int64_t deadline_ns) {
    if (!waiter_) {
        waiter_ = std::make_shared<Waiter>();
        set_waker([waiter = waiter_] {
            const std::lock_guard lock(waiter->mutex);
            waiter->is_woken = true;
            waiter->woken.notify_one();
        });
    }
    SubscriptionFrame frame;
    while (true) {
        ANNALS_TRY(const bool has_frame, try_next(frame));
        if (has_frame) return frame;
        std::unique_lock lock(waiter_->mutex);
        const std::int64_t left_ns = deadline_ns - system_clock().monotonic_ns();
        const bool is_forever = left_ns > std::int64_t{3'600'000'000'000};
        const auto wait = std::chrono::nanoseconds(
            is_forever ? std::int64_t{3'600'000'000'000} : left_ns
        );
        if (!waiter_->woken.wait_for(lock, wait, [&] { return waiter_->is_woken; }) &&
            !is_forever) {
            return Error(ErrorCode::kDeadlineExceeded, "no frame of the subscription came in time");
        }
        waiter_->is_woken = false;
    }
}

namespace {

Error not_supported(std::string_view operation) {
    return Error(
               ErrorCode::kNotSupported,
               "this event store cannot " + std::string(operation) + ": ask the server itself"
    )
        .with("operation", operation);
}

}  // namespace

Result<ScavengeStatus> EventStore::start_scavenge(
    const CallContext& /*context*/, const StartScavengeRequest& /*request*/
) {
    return not_supported("scavenge");
}

Result<ScavengeStatus> EventStore::get_scavenge(const CallContext& /*context*/) {
    return not_supported("scavenge");
}

Result<ScavengeStatus> EventStore::control_scavenge(
    const CallContext& /*context*/, ScavengeCommand /*command*/
) {
    return not_supported("scavenge");
}

std::string_view to_string(ScavengeState state) {
    switch (state) {
        case ScavengeState::kNever:
            return "never";
        case ScavengeState::kRunning:
            return "running";
        case ScavengeState::kPaused:
            return "paused";
        case ScavengeState::kDone:
            return "done";
        case ScavengeState::kStopped:
            return "stopped";
        case ScavengeState::kFailed:
            return "failed";
    }
    return "never";
}

Result<AppendResponse> EventStore::append_and_wait(
    const CallContext& context, const model::AppendRequest& request
) {
    struct Waiter {
        std::mutex mutex;
        std::condition_variable answered;
        std::optional<Result<AppendResponse>> answer;
    };
    const auto waiter = std::make_shared<Waiter>();
    append(context, request, [waiter](Result<AppendResponse> answer) {
        const std::lock_guard lock(waiter->mutex);
        waiter->answer.emplace(std::move(answer));
        waiter->answered.notify_one();
    });
    std::unique_lock lock(waiter->mutex);
    waiter->answered.wait(lock, [&] { return waiter->answer.has_value(); });
    return std::move(*waiter->answer);
}

}  // namespace annals::api
