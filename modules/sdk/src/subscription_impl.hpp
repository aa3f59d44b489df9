// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "annals/sdk/select.hpp"
#include "annals/sdk/subscription.hpp"

#include "client_impl.hpp"
#include "waiting.hpp"

namespace annals {

/// A subscription that is begun again where it broke.
class Subscription::Impl {
  public:
    Impl(std::shared_ptr<const Client::Impl> client, Select select, SubscribeOptions options);

    /// Before the first next(): hears of each error that is mended by beginning again.
    void on_error(std::function<void(const Error&)> heard) { on_error_ = std::move(heard); }

    std::optional<Batch> next(const std::stop_token& stop);
    [[nodiscard]] std::string position() const;
    [[nodiscard]] bool is_live() const { return is_live_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t reconnects() const {
        return reconnects_.load(std::memory_order_relaxed);
    }

  private:
    /// Turns "from now on" into a place, so that a connection that breaks before the first event
    /// does not move it; then begins.
    Status begin();
    Batch batch_of(api::SubscriptionFrame frame);

    const std::shared_ptr<const Client::Impl> client_;  // it may outlive the client
    api::SubscribeRequest request_;
    std::function<void(const Error&)> on_error_;
    // shared with the waker, which may ring while the subscription goes
    const std::shared_ptr<sdk::Bell> bell_ = std::make_shared<sdk::Bell>();
    std::unique_ptr<api::Subscription> running_;
    int tries_ = 0;
    std::atomic<bool> is_live_{false};
    std::atomic<std::uint64_t> reconnects_{0};
    mutable std::mutex mutex_;
    std::string position_;
};

}  // namespace annals
