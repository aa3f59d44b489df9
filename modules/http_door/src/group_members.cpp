// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "group_members.hpp"

#include <utility>

#include "annals/base/clock.hpp"

namespace annals::http_door::detail {
namespace {

constexpr std::int64_t kLookEveryNs = 1'000'000'000;

}  // namespace

GroupMembers::Members GroupMembers::take_silent() {
    Members silent;
    const std::int64_t now_ns = system_clock().monotonic_ns();
    if (now_ns - looked_ns_ < kLookEveryNs) return silent;
    looked_ns_ = now_ns;
    for (auto one = members_.begin(); one != members_.end();) {
        const auto next = std::next(one);
        if (one->second->is_silent_at(now_ns)) silent.insert(members_.extract(one));
        one = next;
    }
    return silent;
}

Status GroupMembers::add(const MemberName& name, const std::shared_ptr<HeldMember>& member) {
    Status added = ok();
    Members silent;
    {
        const std::lock_guard lock(mutex_);
        silent = take_silent();
        if (is_closed_) {
            added = Error(ErrorCode::kShuttingDown, "the server is stopping: join at another one");
        } else if (members_.size() >= kMembersMax) {
            added = Error(
                ErrorCode::kOverloaded,
                "as many members of groups came by HTTP as this server takes (" +
                    std::to_string(kMembersMax) + "): join again when some have left"
            );
        } else {
            members_.emplace(name, member);
        }
    }
    for (const auto& [gone, one] : silent) one->end();
    if (!added) member->end();
    return added;
}

Result<std::shared_ptr<HeldMember>> GroupMembers::find(const MemberName& name) {
    {
        const std::lock_guard lock(mutex_);
        const auto found = members_.find(name);
        if (found != members_.end()) return found->second;
    }
    return Error(
               ErrorCode::kMemberGone,
               "there is no member " + std::to_string(name.id) +
                   " that came by HTTP: it left, was silent for too long, or the server restarted. "
                   "Join again; what was not settled is delivered again"
    )
        .with("member", std::to_string(name.id));
}

void GroupMembers::remove(const MemberName& name) {
    std::shared_ptr<HeldMember> member;
    {
        const std::lock_guard lock(mutex_);
        const auto found = members_.find(name);
        if (found == members_.end()) return;
        member = std::move(found->second);
        members_.erase(found);
    }
    member->end();
}

void GroupMembers::end_all() {
    Members all;
    {
        const std::lock_guard lock(mutex_);
        is_closed_ = true;
        all.swap(members_);
    }
    for (const auto& [name, one] : all) one->end();
}

}  // namespace annals::http_door::detail
