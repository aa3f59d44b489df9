// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "group.hpp"

namespace annals::groups {

/// What a membership and its group share: the bell.
class Member {
  public:
    Member(MemberId id, bool is_polling) : id_(id), is_polling_(is_polling) {}

    [[nodiscard]] MemberId id() const { return id_; }
    [[nodiscard]] bool is_polling() const { return is_polling_; }
    /// With the group's lock, when there was nothing to take.
    void arm() { is_armed_ = true; }
    /// Without it.
    void wake() {
        if (!is_armed_.exchange(false)) return;
        const std::lock_guard lock(waker_mutex_);
        if (waker_) waker_();
    }
    /// Waits for a waker that is running.
    void set_waker(std::function<void()> waker) {
        const std::lock_guard lock(waker_mutex_);
        waker_ = std::move(waker);
    }

    std::optional<log::LogReader> reader;  ///< of the one who takes

  private:
    const MemberId id_;
    const bool is_polling_;
    std::atomic<bool> is_armed_{false};
    std::mutex waker_mutex_;
    std::function<void()> waker_;
};

/// A member's place, as its caller holds it.
class Membership final : public api::GroupMembership {
  public:
    Membership(std::shared_ptr<Group> group, std::shared_ptr<Member> member)
        : group_(std::move(group)), member_(std::move(member)) {}
    ~Membership() override {
        member_->set_waker({});
        group_->leave(member_->id());
    }

    [[nodiscard]] std::uint64_t id() const override { return member_->id(); }
    Result<bool> try_next(api::GroupDeliveries& deliveries, std::uint32_t events_max) override {
        return group_->take(*member_, deliveries, events_max);
    }
    void set_waker(std::function<void()> waker) override { member_->set_waker(std::move(waker)); }
    Result<std::vector<api::RefusedSettlement>> settle(const std::vector<api::Settlement>& settled
    ) override {
        return group_->settle(member_->id(), settled);
    }

  private:
    const std::shared_ptr<Group> group_;    // joins the membership's life and the group's
    const std::shared_ptr<Member> member_;  // joins this and a wake that is under way
};

}  // namespace annals::groups
