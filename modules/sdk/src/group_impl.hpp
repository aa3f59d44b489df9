// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "annals/api/consumer_groups.hpp"
#include "annals/sdk/group.hpp"

#include "client_impl.hpp"
#include "waiting.hpp"

namespace annals {

/// A group seen by a client.
class Group::Impl {
  public:
    std::shared_ptr<const Client::Impl> client;  // the group may outlive the client
    std::string name;

    [[nodiscard]] GroupStatus control(
        api::GroupCommand command, const std::string& reason, api::SubscribeStart to = {}
    ) const;
    /// invalid_argument, thrown, for no positions: it is what a search that found nothing gives.
    [[nodiscard]] std::uint64_t change_parked(
        api::ParkedAction action, const std::vector<Position>& positions, const std::string& reason
    ) const;
    [[nodiscard]] std::uint64_t change_all_parked(
        api::ParkedAction action, const std::string& reason
    ) const;

  private:
    [[nodiscard]] std::uint64_t send(api::ChangeParkedRequest request) const;
};

/// A membership that is begun again where it broke.
class Member::Impl {
  public:
    Impl(std::shared_ptr<const Group::Impl> group, std::string name, std::uint32_t in_flight_max);

    std::optional<Delivery> next(const std::stop_token& stop);
    void stop();
    [[nodiscard]] std::uint64_t rejoins() const;

  private:
    Status join();
    void queue(api::GroupDeliveries deliveries);

    const std::shared_ptr<const Group::Impl> group_;  // the member may outlive the group
    const std::string name_;
    const std::uint32_t in_flight_max_;
    // shared with the waker, which may ring while the membership goes
    const std::shared_ptr<sdk::Bell> bell_ = std::make_shared<sdk::Bell>();
    std::mutex taking_;  ///< one thread takes
    // guarded by taking_
    std::shared_ptr<api::GroupMembership> current_;       // joins the member and its deliveries
    std::shared_ptr<const api::GroupSettings> settings_;  // of current_; joins the same
    std::deque<Delivery> queue_;                          ///< at most as many as in flight
    int tries_ = 0;
    // guarded by mutex_
    mutable std::mutex mutex_;
    bool is_stopping_ = false;
    std::uint64_t rejoins_ = 0;
};

/// What settles one delivery.
class Delivery::Impl {
  public:
    Impl(
        std::shared_ptr<const Group::Impl> group,
        std::shared_ptr<api::GroupMembership> membership,
        std::shared_ptr<const api::GroupSettings> settings,
        std::uint64_t token
    )
        : group_(std::move(group)),
          membership_(std::move(membership)),
          settings_(std::move(settings)),
          token_(token) {}

    void settle(api::Settlement settlement) const;
    [[nodiscard]] const std::string& group() const { return group_->name; }
    [[nodiscard]] const api::GroupSettings& settings() const { return *settings_; }

  private:
    const std::shared_ptr<const Group::Impl> group_;  // the delivery may outlive the member
    const std::shared_ptr<api::GroupMembership>
        membership_;  // it may be settled after the member went
    const std::shared_ptr<const api::GroupSettings>
        settings_;  // shared by a membership's deliveries
    const std::uint64_t token_;
};

}  // namespace annals
