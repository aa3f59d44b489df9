// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "annals/base/result.hpp"

#include "held_member.hpp"

namespace annals::http_door::detail {

/// Which member is meant; ids count within their group.
struct MemberName {
    std::string name_space;
    std::string group;
    std::uint64_t id = 0;
    auto operator<=>(const MemberName&) const = default;
};

/// The members of consumer groups that come by HTTP. Any thread; calls may wait. Those that were
/// silent for longer than their group allows go when others come.
class GroupMembers {
  public:
    static constexpr std::size_t kMembersMax = 65'536;

    /// overloaded, shutting_down; the member leaves then.
    Status add(const MemberName& name, const std::shared_ptr<HeldMember>& member);
    /// member_gone.
    Result<std::shared_ptr<HeldMember>> find(const MemberName& name);
    /// It leaves. No matter when it has left before.
    void remove(const MemberName& name);
    /// All leave, and nobody comes any more.
    void end_all();

  private:
    using Members = std::map<MemberName, std::shared_ptr<HeldMember>>;  // with requests under way

    /// With the lock: the silent ones, at most once a second.
    Members take_silent();

    std::mutex mutex_;
    Members members_;
    std::int64_t looked_ns_ = 0;
    bool is_closed_ = false;
};

}  // namespace annals::http_door::detail
