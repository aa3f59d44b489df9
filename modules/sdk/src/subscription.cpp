// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/sdk/subscription.hpp"

#include <utility>

#include "subscription_impl.hpp"
#include "words.hpp"

namespace annals {

Subscription::Impl::Impl(
    std::shared_ptr<const Client::Impl> client, Select select, SubscribeOptions options
)
    : client_(std::move(client)) {
    request_.filter = sdk::filter_of(select);
    request_.stream = std::move(select.stream);
    request_.start = sdk::subscribe_start(select.start);
    request_.batch_events_max = options.batch_events_max;
    request_.checkpoint_interval = options.checkpoint_interval;
}

std::string Subscription::Impl::position() const {
    const std::lock_guard lock(mutex_);
    return position_;
}

Status Subscription::Impl::begin() {
    const TraceContext trace = client_->trace_now();
    api::CallContext context = client_->context(trace);
    if (std::holds_alternative<api::FromEnd>(request_.start)) {
        context.deadline_ns = system_clock().monotonic_ns() +
                              std::chrono::nanoseconds(client_->options.timeout).count();
        ANNALS_TRY(const api::ServerInfo info, client_->backend->events().info(context));
        context.deadline_ns = api::CallContext().deadline_ns;
        request_.start = api::AfterToken{info.position};
        const std::lock_guard lock(mutex_);
        position_ = info.position;
    }
    ANNALS_TRY(running_, client_->backend->events().subscribe(context, request_));
    running_->set_waker([bell = bell_] { bell->ring(); });
    return ok();
}

Batch Subscription::Impl::batch_of(api::SubscriptionFrame frame) {
    if (frame.mark == api::SubscriptionMark::kCaughtUp) is_live_ = true;
    if (frame.mark == api::SubscriptionMark::kFellBehind) is_live_ = false;
    Batch batch;
    batch.events = sdk::events_of(std::move(frame.events), client_->options.name_space);
    batch.is_live = is_live();
    batch.removed = sdk::removed_of(frame.removed);
    if (!frame.position.empty()) {
        request_.start = api::AfterToken{frame.position};
        const std::lock_guard lock(mutex_);
        position_ = std::move(frame.position);
    }
    batch.position = position();
    return batch;
}

std::optional<Batch> Subscription::Impl::next(const std::stop_token& stop) {
    const std::stop_callback on_stop(stop, [bell = bell_] { bell->ring(); });
    while (!stop.stop_requested()) {
        std::optional<Error> error;
        if (!running_) {
            if (Status begun = begin(); !begun) error = std::move(begun).take_error();
        }
        if (!error) {
            api::SubscriptionFrame frame;
            Result<bool> has_next = running_->try_next(frame);
            if (has_next && *has_next) {
                tries_ = 0;
                return batch_of(std::move(frame));
            }
            if (has_next) {
                bell_->wait();
                continue;
            }
            error = std::move(has_next).take_error();
        }
        running_.reset();
        is_live_ = false;
        if (!sdk::is_transient(*error)) sdk::fail(std::move(*error));
        if (on_error_) on_error_(*error);
        ++reconnects_;
        ++tries_;
        bell_->wait_for(sdk::wait_before(client_->options.backoff, tries_));
    }
    return std::nullopt;
}

Subscription::Subscription(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

std::optional<Batch> Subscription::next(const std::stop_token& stop) { return impl_->next(stop); }

Sequence<Event> Subscription::events(std::stop_token stop) {
    struct Reader {
        std::shared_ptr<Impl> subscription;  // the loop may outlive the handle
        std::stop_token stop;
        std::optional<Batch> batch = {};
        std::size_t at = 0;
    };
    const auto reader = std::make_shared<Reader>(Reader{impl_, std::move(stop)});
    return Sequence<Event>([reader]() -> const Event* {
        while (!reader->batch || reader->at == reader->batch->events.size()) {
            reader->batch = reader->subscription->next(reader->stop);
            reader->at = 0;
            if (!reader->batch) return nullptr;
        }
        if (reader->stop.stop_requested()) return nullptr;
        return &reader->batch->events[reader->at++];
    });
}

std::string Subscription::position() const { return impl_->position(); }

bool Subscription::is_live() const { return impl_->is_live(); }

std::uint64_t Subscription::reconnects() const { return impl_->reconnects(); }

}  // namespace annals
