// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "member_turns.hpp"

#include <utility>

#include "member_poll.hpp"

namespace annals::http_door::detail {

std::uint64_t MemberTurns::begin(const std::shared_ptr<MemberPoll>& poll) {
    std::shared_ptr<MemberPoll> before;
    std::uint64_t turn = 0;
    {
        const std::lock_guard lock(mutex_);
        turn = ++turn_;
        before = std::exchange(poll_, poll).lock();
    }
    if (before != nullptr) MemberPoll::tell(std::move(before));
    return turn;
}

void MemberTurns::wake() {
    is_woken_ = true;
    std::shared_ptr<MemberPoll> poll;
    {
        const std::lock_guard lock(mutex_);
        poll = poll_.lock();
    }
    if (poll != nullptr) MemberPoll::tell(std::move(poll));
}

}  // namespace annals::http_door::detail
