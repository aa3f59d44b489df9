// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include <boost/asio/steady_timer.hpp>

#include "desk.hpp"
#include "group_members.hpp"
#include "store_routes.hpp"

namespace annals::http_door::detail {

/// A member's request for deliveries, which waits for them without holding a thread. While it waits
/// the member counts as heard of. What comes when the wait is over is asked for no more, so that
/// nothing is given out that nobody fetches.
class MemberPoll final : public Drainable, public std::enable_shared_from_this<MemberPoll> {
  public:
    struct Wish {
        std::uint32_t events_max = 0;  ///< 1 or more
        std::uint32_t wait_ms = 0;
    };

    /// The lane's thread. The answer is `{"deliveries": […]}`, or a problem.
    static void start(
        const StoreCall& call, MemberName name, std::shared_ptr<HeldMember> member, Wish wish
    );

    MemberPoll(
        const StoreCall& call, MemberName name, std::shared_ptr<HeldMember> member, Wish wish
    );
    ~MemberPoll() override = default;

    /// There may be something, or a newer request: it looks, when it waits. Any thread.
    static void tell(std::shared_ptr<MemberPoll> poll);

  private:
    void read(bool is_last);
    void take(bool is_last);
    void wait();
    void on_something();
    void drain() override;
    void answer(const Result<api::GroupDeliveries>& taken);

    const StoreCall call_;
    const MemberName name_;
    const std::shared_ptr<HeldMember> member_;
    const Wish wish_;
    const std::chrono::steady_clock::time_point until_;
    boost::asio::steady_timer timer_;
    std::uint64_t turn_ = 0;
    bool is_waiting_ = false;  ///< the lane's thread
};

}  // namespace annals::http_door::detail
