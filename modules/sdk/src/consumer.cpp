// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/sdk/consumer.hpp"

#include <algorithm>
#include <utility>

#include "annals/base/clock.hpp"

#include "consumer_impl.hpp"
#include "consumer_saver.hpp"
#include "traced.hpp"
#include "words.hpp"

namespace annals {

Consumer::Impl::Impl(
    std::shared_ptr<const Client::Impl> client,
    std::string name,
    Select select,
    ConsumerOptions options
)
    : client_(std::move(client)),
      name_(std::move(name)),
      select_(std::move(select)),
      options_(std::move(options)) {}

Progress Consumer::Impl::progress() const {
    const std::lock_guard lock(mutex_);
    Progress progress = progress_;
    if (subscription_) {
        progress.is_live = subscription_->is_live();
        progress.reconnects = subscription_->reconnects();
    }
    if (progress.is_running) progress.seconds_behind = seconds_behind(progress.is_live);
    const std::chrono::duration<double> running = std::chrono::steady_clock::now() - begun_;
    if (progress.handled > 0 && running.count() > 0) {
        progress.events_per_second = static_cast<double>(progress.handled) / running.count();
    }
    return progress;
}

double Consumer::Impl::seconds_behind(bool is_live) const {
    if (is_live && !is_handling_.load(std::memory_order_acquire)) return 0;
    const std::int64_t recorded_ns = in_hand_ns_.load(std::memory_order_relaxed);
    if (recorded_ns == 0) return 0;
    const std::chrono::nanoseconds age(system_clock().now().value - recorded_ns);
    return std::max(std::chrono::duration<double>(age).count(), 0.0);
}

void Consumer::Impl::took_place(const api::ConsumerProgress& place) {
    const std::lock_guard lock(mutex_);
    progress_.position = place.position;
    progress_.at = place.at;
    progress_.behind = place.behind;
}

void Consumer::Impl::failed(const Error& error) {
    const std::lock_guard lock(mutex_);
    progress_.last_error = error.to_string();
}

std::unique_ptr<TraceSpan> Consumer::Impl::handling(std::span<const Event> events) const {
    return sdk::handling_span(client_->options, name_, events);
}

std::optional<api::ConsumerProgress> Consumer::Impl::claim(const std::stop_token& stop) {
    sdk::Bell bell;
    const std::stop_callback on_stop(stop, [&] { bell.ring(); });
    const api::ClaimConsumerRequest request{
        name_, options_.owner.empty() ? sdk::process_name() : options_.owner
    };
    for (int tries = 1; !stop.stop_requested(); ++tries) {
        const TraceContext trace = client_->trace_now();
        api::CallContext context = client_->context(trace);
        context.deadline_ns = system_clock().monotonic_ns() +
                              std::chrono::nanoseconds(client_->options.timeout).count();
        auto place = client_->backend->consumers().claim(context, request);
        if (place) return std::move(*place);
        if (!sdk::is_transient(place.error())) sdk::fail(std::move(place).take_error());
        failed(place.error());
        bell.wait_for(sdk::wait_before(client_->options.backoff, tries));
    }
    return std::nullopt;
}

void Consumer::Impl::work(
    Subscription::Impl& subscription,
    const Handler& handle,
    const std::stop_token& stop,
    const sdk::BatchWork::Offer& offer
) {
    while (const std::optional<Batch> batch = subscription.next(stop)) {
        sdk::BatchWork work(client_, *batch, options_.save_within, offer);
        std::size_t handled = 0;
        if (!batch->events.empty()) {
            takes(batch->events.front());
            is_handling_.store(true, std::memory_order_release);
            handled = handle(work);
            takes(batch->events.back());
            is_handling_.store(handled < batch->events.size(), std::memory_order_release);
        }
        work.end(handled);
    }
}

void Consumer::Impl::run(const Handler& handle, const std::stop_token& stop) {
    const std::optional<api::ConsumerProgress> place = claim(stop);
    if (!place) return;
    Select select = select_;
    if (!place->position.empty()) select.start = After{place->position};
    const auto subscription = std::make_shared<Subscription::Impl>(
        client_, std::move(select), options_.subscribe
    );
    subscription->on_error([this](const Error& error) { failed(error); });
    {
        const std::lock_guard lock(mutex_);
        progress_ = Progress();
        progress_.is_running = true;
        in_hand_ns_ = 0;
        is_handling_ = false;
        begun_ = std::chrono::steady_clock::now();
        subscription_ = subscription;
    }
    took_place(*place);

    struct Ending {
        Impl& consumer;
        ~Ending() {
            const std::lock_guard lock(consumer.mutex_);
            consumer.progress_.is_running = false;
            consumer.progress_.reconnects = consumer.subscription_->reconnects();
            consumer.subscription_.reset();
        }
    };
    const Ending ending{*this};
    std::stop_source working;
    const std::stop_callback on_stop(stop, [&] { working.request_stop(); });
    sdk::ConsumerSaver::Listener listener;
    listener.saved = [this](const api::ConsumerProgress& now, std::uint64_t events) {
        took_place(now);
        const std::lock_guard lock(mutex_);
        progress_.saved = events;
    };
    listener.failed = [this](const Error& error) { failed(error); };
    listener.ended = [&] { working.request_stop(); };
    sdk::ConsumerSaver saver(
        client_, {name_, place->epoch, place->position, options_.save_interval}, std::move(listener)
    );
    std::exception_ptr ended;
    try {
        const auto offer = [&](const std::string& position, std::uint64_t events) {
            {
                const std::lock_guard lock(mutex_);
                progress_.handled += events;
            }
            saver.offer(position, events);
        };
        work(*subscription, handle, working.get_token(), offer);
    } catch (...) {
        ended = std::current_exception();
    }
    saver.finish();  // what ended saving ended the work, too
    if (ended) std::rethrow_exception(ended);
}

Consumer::Consumer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

void Consumer::run_batches(
    const std::function<void(const Batch&)>& handle, const std::stop_token& stop
) {
    impl_->run(
        [&](const sdk::BatchWork& work) {
            const Batch& batch = work.batch();
            sdk::traced(impl_->handling(batch.events), [&] { handle(batch); });
            return batch.events.size();
        },
        stop
    );
}

void Consumer::run(const std::function<void(const Event&)>& handle, const std::stop_token& stop) {
    impl_->run(
        [&](sdk::BatchWork& work) {
            std::size_t handled = 0;
            for (const Event& event : work.batch().events) {
                if (stop.stop_requested()) break;
                impl_->takes(event);
                sdk::traced(impl_->handling({&event, 1}), [&] {
                    try {
                        handle(event);
                    } catch (const Failure& failure) {
                        // it was handled before
                        if (failure.code() != ErrorCode::kAlreadyTracked) throw;
                    }
                });
                work.handled(++handled);
            }
            return handled;
        },
        stop
    );
}

Progress Consumer::progress() const { return impl_->progress(); }

}  // namespace annals
