// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "annals/api/consumer_store.hpp"
#include "annals/sdk/consumer.hpp"
#include "annals/sdk/select.hpp"

#include "client_impl.hpp"
#include "consumer_batch.hpp"
#include "subscription_impl.hpp"

namespace annals {

/// A consumer and what is known of its run.
class Consumer::Impl {
  public:
    Impl(
        std::shared_ptr<const Client::Impl> client,
        std::string name,
        Select select,
        ConsumerOptions options
    );

    /// Handles a batch: how many of its events, fewer than all where it was stopped.
    using Handler = std::function<std::size_t(sdk::BatchWork&)>;
    void run(const Handler& handle, const std::stop_token& stop);
    [[nodiscard]] Progress progress() const;
    /// Takes note of the event that is handled next.
    void takes(const Event& event) {
        in_hand_ns_.store(event.recorded_time.value, std::memory_order_relaxed);
    }
    /// The span in which these are handled; null: none.
    [[nodiscard]] std::unique_ptr<TraceSpan> handling(std::span<const Event> events) const;

  private:
    /// Takes the consumer, however long the server is away; nothing: stopped before.
    std::optional<api::ConsumerProgress> claim(const std::stop_token& stop);
    void work(
        Subscription::Impl& subscription,
        const Handler& handle,
        const std::stop_token& stop,
        const sdk::BatchWork::Offer& offer
    );
    /// How old what waits is.
    [[nodiscard]] double seconds_behind(bool is_live) const;
    void took_place(const api::ConsumerProgress& place);
    void failed(const Error& error);

    const std::shared_ptr<const Client::Impl> client_;  // it may outlive the client
    const std::string name_;
    const Select select_;
    const ConsumerOptions options_;
    mutable std::mutex mutex_;
    Progress progress_;
    std::chrono::steady_clock::time_point begun_;
    // of the event in hand, or of the one handled last; 0: none since the start of the run
    std::atomic<std::int64_t> in_hand_ns_{0};
    std::atomic<bool> is_handling_{false};
    std::shared_ptr<Subscription::Impl> subscription_;  // of the run, looked at by progress()
};

}  // namespace annals
