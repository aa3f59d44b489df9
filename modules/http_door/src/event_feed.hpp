// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "feed.hpp"
#include "store_routes.hpp"
#include "subscription_pump.hpp"

namespace annals::http_door::detail {

/// A subscription as server-sent events. docs/reference/http.md says what is sent: each event with
/// the id to go on from, `caught-up`, `fell-behind`, `checkpoint`, `resync`, `error`, and a comment
/// as heartbeat.
class EventFeed final : public Feed, public std::enable_shared_from_this<EventFeed> {
  public:
    /// Answers the call with a feed, or with a problem when it cannot begin.
    static void start(const StoreCall& call, api::SubscribeRequest request);

    explicit EventFeed(Desk& desk) : desk_(desk) {}

    void start(FeedSink& sink) override;
    void want_more() override;
    void tick(TimePoint now) override;
    void drain() override;
    void close() override;

  private:
    void on_fetched(Fetched fetched);
    void write();

    Desk& desk_;
    std::shared_ptr<SubscriptionPump> pump_;
    Exchange* exchange_ = nullptr;  ///< until the first fetch: it may still become a problem
    FeedSink* sink_ = nullptr;
    std::string trace_id_;  ///< of the request
    std::string unsent_;
    TimePoint last_written_{};
    bool is_writing_ = false;
    bool is_fetched_ = false;  ///< what was fetched is not written yet
    bool is_ending_ = false;
};

}  // namespace annals::http_door::detail
