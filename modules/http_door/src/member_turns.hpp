// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

namespace annals::http_door::detail {

class MemberPoll;

/// Which request of a member who polls is the newest, and is woken. Requests of one member may come
/// by connections of several lanes. Any thread; never waits for more than a few instructions.
class MemberTurns {
  public:
    /// The request is the newest from now on; answers its turn. The one before is told.
    std::uint64_t begin(const std::shared_ptr<MemberPoll>& poll);
    [[nodiscard]] bool is_newest(std::uint64_t turn) const { return turn_ == turn; }

    /// There may be something: the newest request is told, and who comes to wait next.
    void wake();
    /// Whether it was woken since this was last asked.
    bool take_woken() { return is_woken_.exchange(false); }

  private:
    std::mutex mutex_;
    std::weak_ptr<MemberPoll> poll_;
    std::atomic<std::uint64_t> turn_{0};
    std::atomic<bool> is_woken_{false};
};

}  // namespace annals::http_door::detail
