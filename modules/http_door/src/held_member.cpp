// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "held_member.hpp"

#include <string>
#include <utility>

#include "annals/base/clock.hpp"

namespace annals::http_door::detail {

HeldMember::HeldMember(std::unique_ptr<api::GroupMembership> membership, std::uint32_t silence_ms)
    : id_(membership->id()), silence_ms_(silence_ms), membership_(std::move(membership)) {
    touch();
    membership_->set_waker([turns = turns_] { turns->wake(); });
}

Error HeldMember::gone() const {
    return Error(
               ErrorCode::kMemberGone,
               "member " + std::to_string(id_) +
                   " has left the group: join again; what was not settled is delivered again"
    )
        .with("member", std::to_string(id_));
}

void HeldMember::touch() { seen_ns_ = system_clock().monotonic_ns(); }

bool HeldMember::is_silent_at(std::int64_t now_ns) const {
    return now_ns - seen_ns_ > std::int64_t{silence_ms_} * 1'000'000;
}

Result<bool> HeldMember::take(
    api::GroupDeliveries& deliveries, std::uint32_t events_max, std::uint64_t turn
) {
    const std::lock_guard lock(mutex_);
    if (!turns_->is_newest(turn)) return false;
    if (membership_ == nullptr) return gone();
    touch();
    return membership_->try_next(deliveries, events_max);
}

Result<std::vector<api::RefusedSettlement>> HeldMember::settle(
    const std::vector<api::Settlement>& settled
) {
    const std::lock_guard lock(mutex_);
    if (membership_ == nullptr) return gone();
    touch();
    return membership_->settle(settled);
}

void HeldMember::end() {
    {
        const std::lock_guard lock(mutex_);
        // Waits for a waker that is running; it only leaves work for a lane.
        membership_.reset();
    }
    turns_->wake();
}

}  // namespace annals::http_door::detail
