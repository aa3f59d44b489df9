// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "annals/api/event_store.hpp"

#include "desk.hpp"

namespace annals::http_door::detail {

/// What one fetch gave: some frames as text, ready to be written.
struct Fetched {
    std::string text;
    std::size_t events = 0;
    std::optional<Error> error;  ///< the subscription is over
};

/// Fetches from a subscription, a few frames at a time, on whichever thread may read: a worker in
/// history, the waker's own thread when live, so that a live event crosses threads once.
///
/// Fetching needs credit, which its lane's thread gives when the last fetch is written: a slow
/// reader costs one fetch of memory, however often the waker calls.
class SubscriptionPump : public std::enable_shared_from_this<SubscriptionPump> {
  public:
    /// Appends a frame to the text; on the fetching thread, one at a time.
    using Encode = std::function<Status(const api::SubscriptionFrame&, std::string& text)>;
    /// On its lane's thread, never after close().
    using Deliver = std::function<void(Fetched)>;

    static constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

    struct Start {
        std::string name_space;
        api::SubscribeRequest request;
        /// From where a reader was cut off, instead of request.start: see resume_id().
        std::optional<std::string> resume;
        /// Events of the first fetch.
        std::uint64_t events_max = kNoLimit;
    };

    static constexpr std::size_t kFramesMax = 8;
    static constexpr std::size_t kBytesMax = 256u << 10u;

    SubscriptionPump(Desk& desk, StoreLease lease, Encode encode, Deliver deliver);
    SubscriptionPump(const SubscriptionPump&) = delete;
    SubscriptionPump& operator=(const SubscriptionPump&) = delete;

    /// Subscribes and fetches for the first time, on a worker. Errors are delivered.
    void start(Start start);
    /// Allows one more fetch, of so many events and the rest of the last frame. The lane's thread.
    void give_credit(std::uint64_t events_max = kNoLimit);
    /// Nothing is delivered any more; the subscription and the lease go soon. The lane's thread.
    void close();

  private:
    void open(const Start& start);
    void on_wake();
    void fetch();
    void fetch_locked();
    void deliver(Fetched fetched);
    void fetch_on_worker();

    Desk& desk_;
    const Encode encode_;
    Deliver deliver_;       ///< its lane's thread
    bool is_over_ = false;  ///< close() was called; its lane's thread

    std::mutex mutex_;
    StoreLease lease_;
    std::unique_ptr<api::Subscription> subscription_;
    bool has_credit_ = true;
    std::uint64_t events_max_ = kNoLimit;
    bool is_armed_ = false;  ///< nothing was there: the waker will call
    bool is_ended_ = false;
    bool is_closed_ = false;
};

/// The request with its start moved to where a reader was cut off; checks the token.
Result<api::SubscribeRequest> resumed(
    api::EventStore& store,
    const api::CallContext& context,
    api::SubscribeRequest request,
    std::string_view id
);

}  // namespace annals::http_door::detail
