// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <unordered_set>
#include <vector>

#include "annals/base/clock.hpp"
#include "annals/commit/orderer.hpp"
#include "annals/runtime/thread.hpp"
#include "annals/streams/stream_lives.hpp"
#include "annals/streams/tokens.hpp"
#include "annals/subscriptions/subscription_hub.hpp"

#include "armed_waiters.hpp"

namespace annals::subscriptions {

/// The waiting side: one thread that looks at new events on behalf of all who wait, and calls their
/// wakers.
///
/// No wake-up is lost: the publisher moves the visible end and then changes `bell_`; who goes to
/// sleep (or arms while the thread sleeps) changes `bell_` and then looks at the visible end. Both
/// are read-modify-writes of one atomic, so that one of them sees the other.
class SubscriptionHub::Impl {
  public:
    Impl(commit::Orderer& orderer, const Clock& clock)
        : orderer_(orderer), clock_(clock), tokens_(orderer), lives_(orderer) {}
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl();

    /// Must be destroyed by remove(); starts the thread at the first.
    void add(Waiter& waiter);
    /// Waits for its waker, if that is running. Not from the waker.
    void remove(Waiter& waiter);
    /// From now on the waker is called once when it is worth asking again. False: it is worth it
    /// now.
    bool arm(Waiter& waiter);
    /// The reader asks before it was woken, or because it was: no waker will come, `skip_to` is
    /// set.
    void disarm(Waiter& waiter);

    [[nodiscard]] HubStats stats() const;
    void time_moved();

    [[nodiscard]] commit::Orderer& orderer() { return orderer_; }
    [[nodiscard]] streams::Tokens& tokens() { return tokens_; }
    [[nodiscard]] streams::StreamLives& lives() { return lives_; }
    [[nodiscard]] const Clock& clock() const { return clock_; }

  private:
    static constexpr std::uint64_t kScanBatch = 256;
    static constexpr std::int64_t kTickNs = 1'000'000'000;
    /// How soon to look again at one whose checkpoint is due, but has nothing new to say.
    static constexpr std::int64_t kOverdueLookNs = 1'000'000'000;
    static constexpr std::uint64_t kWantsBell = 1;
    static constexpr std::uint64_t kRing = 2;

    using Lock = std::unique_lock<std::mutex>;

    void ring();
    void wake_thread();
    void run();
    /// Looks at the next events; false when there are none, or nobody waits.
    bool scan(Lock& lock, std::optional<log::LogReader>& reader);
    void expire(Lock& lock);
    void release_all(Lock& lock);
    void call_ready(Lock& lock);
    void sleep(Lock& lock);
    /// Armed no more; its turn comes. `skip_to`: nothing up to there concerned it.
    void make_ready(Waiter& waiter, Position skip_to);
    [[nodiscard]] bool has_news() const;

    commit::Orderer& orderer_;
    const Clock& clock_;
    streams::Tokens tokens_;
    streams::StreamLives lives_;

    /// Count of rings, and whether a ring must wake the thread.
    std::atomic<std::uint64_t> bell_{0};

    mutable std::mutex mutex_;
    std::condition_variable rung_;    ///< the thread waits
    std::condition_variable called_;  ///< remove() waits
    ArmedWaiters armed_;
    Position scanned_;  ///< every armed waiter is known not to be concerned up to here
    std::deque<Waiter*> ready_;
    Waiter* running_ = nullptr;
    std::unordered_set<Waiter*> all_;
    bool is_rung_ = false;
    bool is_asleep_ = false;
    bool is_stopping_ = false;
    std::vector<Waiter*> found_;  ///< scratch of the thread

    std::mutex start_mutex_;  ///< of the two below
    std::optional<commit::VisibleEnd::ListenerId> listener_;
    runtime::Thread thread_;
};

}  // namespace annals::subscriptions
