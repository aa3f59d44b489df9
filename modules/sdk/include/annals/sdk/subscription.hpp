// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "annals/sdk/page.hpp"
#include "annals/sdk/sequence.hpp"

namespace annals {

/// History, then what is appended. It outlives broken connections and restarts of the server: it
/// goes on behind the last batch it gave, so that nothing is lost and nothing doubled. One thread
/// takes; the other calls are for any.
class Subscription {
  public:
    class Impl;
    explicit Subscription(std::shared_ptr<Impl> impl);

    /// Waits for the next batch; nothing: `stop` was requested. Throws a Failure that trying again
    /// does not mend.
    [[nodiscard]] std::optional<Batch> next(const std::stop_token& stop = {});
    /// One event after the other, until `stop` is requested. Throws as next().
    [[nodiscard]] Sequence<Event> events(std::stop_token stop = {});

    /// Token of the last batch given; empty before the first.
    [[nodiscard]] std::string position() const;
    /// History was given and what comes is new.
    [[nodiscard]] bool is_live() const;
    /// How often it was begun again.
    [[nodiscard]] std::uint64_t reconnects() const;

  private:
    std::shared_ptr<Impl> impl_;  // copies, and the loops over it, are one subscription
};

}  // namespace annals
