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
/// where nothing came, subscribes behind what it has seen, and reads again when something comes.
class LongPoll final : public Drainable, public std::enable_shared_from_this<LongPoll> {
  public:
    static void start(const StoreCall& call, StoreLease lease, Selection selection);

    LongPoll(const StoreCall& call, Selection selection);
    ~LongPoll() override;

  private:
    void read(StoreLease lease, bool may_wait);
    void wait(const std::string& position);
    void drain() override;
    void on_something();

    const StoreCall call_;
    Selection selection_;
    boost::asio::steady_timer timer_;
    std::shared_ptr<SubscriptionPump> pump_;
    bool is_waiting_ = false;
};

}  // namespace annals::http_door::detail
