// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <memory>

#include "annals/api/event_store.hpp"
#include "annals/api/requests.hpp"
#include "annals/base/clock.hpp"
#include "annals/base/result.hpp"
#include "annals/commit/orderer.hpp"

namespace annals::subscriptions {

/// For metrics.
struct HubStats {
    std::uint64_t subscriptions = 0;
    std::uint64_t lag_events_max = 0;  ///< positions that the slowest has not looked at yet
};

/// All catch-up subscriptions of one namespace: history, then live, in one reader.
///
/// Promises: a subscription gives every matching event exactly once, in order of position, from its
/// start on; `position` of a frame covers everything up to there. Frames hold at most
/// batch_events_max events and 1 MiB (one larger event comes alone). Marks: caught-up each time
/// history ends; fell-behind when a live reader is 10,000 positions late; a checkpoint after
/// checkpoint_interval positions without a match and every 5 s without one, when the position moved
/// on. Frames are made when they are asked for: a slow reader costs its place and nothing else.
///
/// Threads: subscribe and stats from any; each subscription one reader at a time. One thread of its
/// own (`hub`), started with the first subscription, looks once at each new event on behalf of all
/// that wait, finds those that it concerns by stream, category, type or tag, and calls their
/// wakers: who waits for other events costs nothing. The writer only rings. Wakers may read
/// (try_next); a waker that blocks delays the others.
///
/// The hub must outlive its subscriptions, the orderer the hub. When the log closes, subscriptions
/// give what is left and then end with shutting_down.
class SubscriptionHub {
  public:
    /// Null: the machine's clock. It decides when an idle checkpoint is due.
    explicit SubscriptionHub(commit::Orderer& orderer, const Clock* clock = nullptr);
    SubscriptionHub(const SubscriptionHub&) = delete;
    SubscriptionHub& operator=(const SubscriptionHub&) = delete;
    ~SubscriptionHub();

    /// invalid_argument and limit_exceeded for the request; token_unknown, token_beyond_end and
    /// token_too_old for its start. A stream need not exist yet.
    Result<std::unique_ptr<api::Subscription>> subscribe(const api::SubscribeRequest& request);
    [[nodiscard]] HubStats stats() const;
    /// Looks at the clock now instead of within the next second. For tests that move it.
    void time_moved();

  private:
    class Impl;
    class CatchUpSubscription;
    std::unique_ptr<Impl> impl_;
};

}  // namespace annals::subscriptions
