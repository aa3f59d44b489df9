// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "subscription_pump.hpp"

#include <utility>

#include "annals/model/token.hpp"

#include "parameters.hpp"
#include "selection.hpp"

namespace annals::http_door::detail {

Result<api::SubscribeRequest> resumed(
    api::EventStore& store,
    const api::CallContext& context,
    api::SubscribeRequest request,
    std::string_view id
) {
    const ResumePoint point = parse_resume_id(id);
    if (!point.position) {
        request.start = api::AfterToken{point.token};
        return request;
    }
    // The token is of the frame that the event was in: it tells whether this is the same log.
    api::ReadRequest check;
    check.start = api::AfterToken{point.token};
    check.limit = 1;
    ANNALS_CHECK(store.read(context, check));
    ANNALS_TRY(const model::PositionToken frame, model::parse_token(point.token));
    if (*point.position > frame.position)
        return bad_parameter("after", id, "an id as it came with an event");
    request.start = api::FromPosition{point.position->next()};
    return request;
}

SubscriptionPump::SubscriptionPump(Desk& desk, StoreLease lease, Encode encode, Deliver deliver)
    : desk_(desk),
      encode_(std::move(encode)),
      deliver_(std::move(deliver)),
      lease_(std::move(lease)) {}

void SubscriptionPump::start(Start start) {
    const bool is_taken = desk_.streamers.post([self = shared_from_this(),
                                                start = std::move(start)] { self->open(start); });
    if (!is_taken) deliver({{}, 0, Desk::workers_busy()});
}

void SubscriptionPump::open(const Start& start) {
    const std::lock_guard lock(mutex_);
    if (is_closed_) return;
    events_max_ = start.events_max;
    api::CallContext context;
    context.name_space = start.name_space;
    Result<api::SubscribeRequest> request = start.request;
    if (start.resume) request = resumed(lease_.store(), context, start.request, *start.resume);
    if (!request) {
        is_ended_ = true;
        deliver({{}, 0, request.error()});
        return;
    }
    Result<std::unique_ptr<api::Subscription>> subscription = lease_->subscribe(context, *request);
    if (!subscription) {
        is_ended_ = true;
        deliver({{}, 0, subscription.error()});
        return;
    }
    subscription_ = std::move(*subscription);
    // close() destroys the subscription before the pump goes, and with it the waker.
    subscription_->set_waker([this] { on_wake(); });
    fetch_locked();
}

void SubscriptionPump::on_wake() {
    const std::lock_guard lock(mutex_);
    is_armed_ = false;
    fetch_locked();
}

void SubscriptionPump::give_credit(std::uint64_t events_max) {
    {
        const std::lock_guard lock(mutex_);
        has_credit_ = true;
        events_max_ = events_max;
        if (subscription_ == nullptr || is_armed_ || is_ended_ || is_closed_) return;
    }
    fetch_on_worker();
}

void SubscriptionPump::fetch_on_worker() {
    if (desk_.streamers.post([self = shared_from_this()] { self->fetch(); })) return;
    deliver({{}, 0, Desk::workers_busy()});
}

void SubscriptionPump::fetch() {
    const std::lock_guard lock(mutex_);
    if (!is_armed_) fetch_locked();
}

void SubscriptionPump::fetch_locked() {
    if (subscription_ == nullptr || !has_credit_ || is_ended_ || is_closed_) return;
    has_credit_ = false;
    Fetched fetched;
    for (std::size_t frames = 0;
         frames < kFramesMax && fetched.text.size() < kBytesMax && fetched.events < events_max_;
         ++frames) {
        api::SubscriptionFrame frame;
        Result<bool> has_frame = subscription_->try_next(frame);
        if (has_frame && !*has_frame) {
            is_armed_ = true;
            break;
        }
        Status written = has_frame ? encode_(frame, fetched.text)
                                   : Status(std::move(has_frame).take_error());
        fetched.events += frame.events.size();
        if (!written) {
            is_ended_ = true;
            fetched.error = written.error();
            break;
        }
    }
    if (fetched.text.empty() && !fetched.error) {
        has_credit_ = true;  // nothing is delivered: the waker may fetch again at once
        if (!is_armed_) fetch_on_worker();
        return;
    }
    deliver(std::move(fetched));
}

void SubscriptionPump::deliver(Fetched fetched) {
    desk_.mailbox.call([self = shared_from_this(), kept = std::move(fetched)]() mutable {
        if (self->is_over_) return;
        // A copy: it may call close(), which lets go of ours.
        const Deliver deliver_here = self->deliver_;
        deliver_here(std::move(kept));
    });
}

void SubscriptionPump::close() {
    if (is_over_) return;
    is_over_ = true;
    deliver_ = nullptr;
    const auto job = [self = shared_from_this()] {
        std::unique_ptr<api::Subscription> subscription;
        StoreLease lease;
        {
            const std::lock_guard lock(self->mutex_);
            self->is_closed_ = true;
            subscription = std::move(self->subscription_);
            lease = std::move(self->lease_);
        }
        // Outside of the lock: the destructor waits for a waker that may be waiting for the lock.
        subscription.reset();
    };
    // The waker only leaves work for this thread, so waiting for it here is short.
    if (!desk_.streamers.post(job)) job();
}

}  // namespace annals::http_door::detail
