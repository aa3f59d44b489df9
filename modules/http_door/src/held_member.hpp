// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "annals/api/consumer_groups.hpp"
#include "annals/base/result.hpp"

#include "mailbox.hpp"

namespace annals::http_door::detail {

class MemberPoll;

/// A membership between the requests of the member, who polls: what wakes it, and which request is
/// the newest that waits for deliveries. That one gets them; one before, whose connection perhaps
/// broke, is answered empty.
class HeldMember : public std::enable_shared_from_this<HeldMember> {
  public:
    /// `silence_ms`: not heard of for so long, the group has let go of it.
    HeldMember(
        Mailbox& mailbox, std::unique_ptr<api::GroupMembership> membership, std::uint32_t silence_ms
    );
    HeldMember(const HeldMember&) = delete;
    HeldMember& operator=(const HeldMember&) = delete;

    /// Before anything else, once.
    void listen();

    // ---- any thread; may wait ----

    /// try_next() for the request that got `turn`: false for one that is not the newest any more.
    Result<bool> take(
        api::GroupDeliveries& deliveries, std::uint32_t events_max, std::uint64_t turn
    );
    Result<std::vector<api::RefusedSettlement>> settle(const std::vector<api::Settlement>& settled);
    /// Leaves; every later call is member_gone, and who waits is told.
    void end();
    [[nodiscard]] std::uint64_t id() const { return id_; }
    [[nodiscard]] std::uint32_t silence_ms() const { return silence_ms_; }
    /// By the machine's monotonic clock.
    [[nodiscard]] bool is_silent_at(std::int64_t now_ns) const;

    // ---- the door's thread ----

    /// The request is the newest from now on; answers its turn.
    std::uint64_t begin(const std::shared_ptr<MemberPoll>& poll);
    [[nodiscard]] bool is_newest(std::uint64_t turn) const { return turn_ == turn; }
    /// Whether it was woken while nobody waited; forgets it.
    bool take_woken() { return std::exchange(is_woken_, false); }

  private:
    [[nodiscard]] Error gone() const;
    void touch();
    void on_wake();

    Mailbox& mailbox_;
    const std::uint64_t id_;
    const std::uint32_t silence_ms_;
    std::atomic<std::int64_t> seen_ns_{0};
    std::atomic<std::uint64_t> turn_{0};
    std::mutex mutex_;
    std::unique_ptr<api::GroupMembership> membership_;  ///< null: it has left
    /// The door's thread only, as the next.
    std::weak_ptr<MemberPoll> poll_;
    bool is_woken_ = false;
};

}  // namespace annals::http_door::detail
