// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "annals/sdk/page.hpp"

#include "client_impl.hpp"

namespace annals::sdk {

/// A batch on its way through a consumer's handler: what of it was handled, and is offered to be
/// saved. Of the thread that runs the consumer.
class BatchWork {
  public:
    /// Takes a place, and how many more events were handled up to it.
    using Offer = std::function<void(const std::string& position, std::uint64_t events)>;

    /// `pause`: how long a batch may take until a place within it is offered.
    BatchWork(
        std::shared_ptr<const Client::Impl> client,
        const Batch& batch,
        std::chrono::steady_clock::duration pause,
        Offer offer
    );

    [[nodiscard]] const Batch& batch() const { return batch_; }
    /// Takes note of the first `count` events, where the batch takes long.
    void handled(std::size_t count);
    /// Offers the place behind the first `count` events: the batch is over, whole or stopped.
    void end(std::size_t count);

  private:
    void offer_within(std::size_t count, std::chrono::milliseconds timeout);
    void offer(const std::string& position, std::size_t count);

    const std::shared_ptr<const Client::Impl> client_;  // that of the consumer
    const Batch& batch_;
    const std::chrono::steady_clock::duration pause_;
    const Offer offer_;
    std::size_t offered_ = 0;
    std::size_t look_at_ = 1;  // events after which the clock is asked next
    std::chrono::steady_clock::time_point looked_ = std::chrono::steady_clock::now();
};

}  // namespace annals::sdk
