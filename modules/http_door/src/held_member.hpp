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

#include "member_turns.hpp"

namespace annals::http_door::detail {

/// A membership between the requests of the member, who polls: what wakes it, and which request is
/// the newest that waits for deliveries. That one gets them; one before, whose connection perhaps
/// broke, is answered empty. Any thread.
class HeldMember {
  public:
    /// `silence_ms`: not heard of for so long, the group has let go of it.
    HeldMember(std::unique_ptr<api::GroupMembership> membership, std::uint32_t silence_ms);
    HeldMember(const HeldMember&) = delete;
    HeldMember& operator=(const HeldMember&) = delete;

    // ---- may wait ----

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

    /// Never waits.
    [[nodiscard]] MemberTurns& turns() const { return *turns_; }

  private:
    [[nodiscard]] Error gone() const;
    void touch();

    const std::uint64_t id_;
    const std::uint32_t silence_ms_;
    std::atomic<std::int64_t> seen_ns_{0};
    /// Shared with the waker, which must not be what keeps the membership.
    const std::shared_ptr<MemberTurns> turns_ = std::make_shared<MemberTurns>();
    std::mutex mutex_;
    std::unique_ptr<api::GroupMembership> membership_;  ///< null: it has left
};

}  // namespace annals::http_door::detail
