// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/subscriptions/subscription_hub.hpp"

#include "annals/base/assert.hpp"

#include "catch_up.hpp"
#include "hub_impl.hpp"

namespace annals::subscriptions {

/// Reads by CatchUp, waits by the hub.
class SubscriptionHub::CatchUpSubscription final : public api::Subscription {
  public:
    CatchUpSubscription(Impl& hub, std::unique_ptr<CatchUp> reading)
        : hub_(hub), reading_(std::move(reading)) {
        waiter_.stream = reading_->stream();
        waiter_.filter = reading_->filter();
        waiter_.last_position.store(reading_->position().value, std::memory_order_relaxed);
        hub_.add(waiter_);
    }
    ~CatchUpSubscription() override { hub_.remove(waiter_); }

    Result<bool> try_next(api::SubscriptionFrame& frame) override {
        if (failure_) return *failure_;
        hub_.disarm(waiter_);
        reading_->skip_to(waiter_.skip_to);
        while (true) {
            Result<bool> has_frame = reading_->next(frame);
            waiter_.last_position.store(reading_->position().value, std::memory_order_relaxed);
            if (!has_frame) {
                reading_->rest();
                failure_ = has_frame.error();
                return has_frame;
            }
            // Armed, it is the hub's: the waker may run before this returns.
            if (*has_frame || rest()) return has_frame;
        }
    }

    void set_waker(std::function<void()> waker) override {
        ANNALS_ASSERT(
            waiter_.state.load(std::memory_order_acquire) == subscriptions::Waiter::State::kReading,
            "a waker is set before the first try_next"
        );
        waiter_.waker = std::move(waker);
    }

  private:
    /// False: there is more to read.
    bool rest() {
        if (!waiter_.waker) return true;
        reading_->rest();
        waiter_.position = reading_->position();
        waiter_.reported = reading_->reported();
        waiter_.due_position = reading_->checkpoint_position();
        waiter_.due_ns = reading_->idle_checkpoint_ns();
        return hub_.arm(waiter_);
    }

    Impl& hub_;
    std::unique_ptr<CatchUp> reading_;
    subscriptions::Waiter waiter_;
    std::optional<Error> failure_;
};

SubscriptionHub::SubscriptionHub(commit::Orderer& orderer, const Clock* clock)
    : impl_(std::make_unique<Impl>(orderer, clock != nullptr ? *clock : system_clock())) {}

SubscriptionHub::~SubscriptionHub() = default;

Result<std::unique_ptr<api::Subscription>> SubscriptionHub::subscribe(
    const api::SubscribeRequest& request
) {
    ANNALS_TRY(
        std::unique_ptr<CatchUp> reading,
        CatchUp::begin(impl_->orderer(), impl_->tokens(), impl_->lives(), impl_->clock(), request)
    );
    return std::unique_ptr<api::Subscription>(
        std::make_unique<CatchUpSubscription>(*impl_, std::move(reading))
    );
}

HubStats SubscriptionHub::stats() const { return impl_->stats(); }

void SubscriptionHub::time_moved() { impl_->time_moved(); }

}  // namespace annals::subscriptions
