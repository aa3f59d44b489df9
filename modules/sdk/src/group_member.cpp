// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <utility>

#include "group_impl.hpp"
#include "option_checks.hpp"
#include "tracking_key.hpp"
#include "words.hpp"

namespace annals {

Member::Impl::Impl(
    std::shared_ptr<const Group::Impl> group, std::string name, std::uint32_t in_flight_max
)
    : group_(std::move(group)),
      name_(name.empty() ? sdk::process_name() : std::move(name)),
      in_flight_max_(in_flight_max) {}

std::uint64_t Member::Impl::rejoins() const {
    const std::lock_guard lock(mutex_);
    return rejoins_;
}

Status Member::Impl::join() {
    const TraceContext trace = group_->client->trace_now();
    api::CallContext context = group_->client->context(trace);
    context.deadline_ns = system_clock().monotonic_ns() +
                          std::chrono::nanoseconds(group_->client->options.timeout).count();
    ANNALS_TRY(
        current_,
        group_->client->backend->groups().join(
            context, {group_->name, name_, in_flight_max_, false}
        )
    );
    // Asked behind the joining: other settings that matter to deliveries end the membership.
    ANNALS_TRY(
        api::GroupStatus status, group_->client->backend->groups().get(context, group_->name)
    );
    settings_ = std::make_shared<const api::GroupSettings>(std::move(status.settings));
    current_->set_waker([bell = bell_] { bell->ring(); });
    return ok();
}

void Member::Impl::queue(api::GroupDeliveries deliveries) {
    std::vector<Event> events = sdk::events_of(
        std::move(deliveries.events), group_->client->options.name_space
    );
    for (std::size_t i = 0; i < events.size(); ++i) {
        queue_.emplace_back(
            std::move(events[i]),
            deliveries.attempts[i],
            std::make_shared<Delivery::Impl>(group_, current_, settings_, deliveries.deliveries[i])
        );
    }
}

std::optional<Delivery> Member::Impl::next(const std::stop_token& stop) {
    const std::stop_callback on_stop(stop, [bell = bell_] { bell->ring(); });
    const std::lock_guard taking(taking_);
    while (!stop.stop_requested()) {
        {
            const std::lock_guard lock(mutex_);
            if (is_stopping_) return std::nullopt;
        }
        std::optional<Error> error;
        if (!current_) {
            if (Status joined = join(); !joined) error = std::move(joined).take_error();
        }
        if (!error) {
            // asked before what is queued is given: a membership that broke takes it all back
            api::GroupDeliveries deliveries;
            Result<bool> has_next = current_->try_next(deliveries, 0);
            if (has_next) {
                if (*has_next) {
                    tries_ = 0;
                    queue(std::move(deliveries));
                }
                if (!queue_.empty()) {
                    Delivery delivery = std::move(queue_.front());
                    queue_.pop_front();
                    return delivery;
                }
                bell_->wait();
                continue;
            }
            error = std::move(has_next).take_error();
        }
        queue_.clear();
        current_.reset();
        if (!sdk::is_transient(*error)) sdk::fail(std::move(*error));
        {
            const std::lock_guard lock(mutex_);
            ++rejoins_;
        }
        ++tries_;
        bell_->wait_for(sdk::wait_before(group_->client->options.backoff, tries_));
    }
    return std::nullopt;
}

void Member::Impl::stop() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    bell_->ring();
    const std::lock_guard taking(taking_);
    queue_.clear();
    if (!current_) return;
    // where the membership is gone, there is nothing left to give back
    (void)current_->settle({{.delivery = 0, .what = api::Settling::kStop}});
    current_.reset();
}

Member::Member(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

std::optional<Delivery> Member::next(const std::stop_token& stop) { return impl_->next(stop); }

void Member::stop() { impl_->stop(); }

std::uint64_t Member::rejoins() const { return impl_->rejoins(); }

void Delivery::Impl::settle(api::Settlement settlement) const {
    settlement.delivery = token_;
    std::vector<api::RefusedSettlement> refused = sdk::value_of(
        membership_->settle({std::move(settlement)})
    );
    if (!refused.empty()) sdk::fail(std::move(refused.front().error));
}

Tracking Delivery::tracking() const {
    Tracking tracking = event.tracking(impl_->group());
    tracking.key = sdk::tracking_key(impl_->settings(), event);
    return tracking;
}

void Delivery::ack() const { impl_->settle({.what = api::Settling::kAck}); }

void Delivery::retry(const std::string& reason, std::optional<std::chrono::milliseconds> delay)
    const {
    api::Settlement settlement{.what = api::Settling::kRetry, .reason = reason};
    if (delay) settlement.delay_ms = sdk::checked_delay_ms(*delay);
    impl_->settle(std::move(settlement));
}

void Delivery::park(const std::string& reason) const {
    impl_->settle({.what = api::Settling::kPark, .reason = reason});
}

void Delivery::skip() const { impl_->settle({.what = api::Settling::kSkip}); }

void Delivery::extend() const { impl_->settle({.what = api::Settling::kExtend}); }

}  // namespace annals
