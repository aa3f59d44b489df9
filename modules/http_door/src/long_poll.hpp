// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include <boost/asio/steady_timer.hpp>

#include "selection.hpp"
#include "store_routes.hpp"
#include "subscription_pump.hpp"

namespace annals::http_door::detail {

/// A read that waits until it has something to show (`?wait=20s`), without holding a thread: reads;
/// where nothing came, or the stream is not there, subscribes behind what it has seen, and reads
/// again when something comes.
class LongPoll final : public Drainable, public std::enable_shared_from_this<LongPoll> {
  public:
    static void start(const StoreCall& call, StoreLease lease, Selection selection);

    LongPoll(const StoreCall& call, Selection selection);
    ~LongPoll() override;

  private:
    void read(StoreLease lease, bool may_wait);
    void wait(api::SubscribeStart after);
    void drain() override;
    /// `is_over`: waited long enough, or the wait itself failed.
    void on_something(bool is_over);

    const StoreCall call_;
    Selection selection_;
    boost::asio::steady_timer timer_;
    std::shared_ptr<SubscriptionPump> pump_;
    bool is_waiting_ = false;
};

}  // namespace annals::http_door::detail
