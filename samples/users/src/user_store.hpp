// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "annals/annals.hpp"

#include "user.hpp"
#include "user_life.hpp"

namespace users {

/// All users: reads their streams, decides, appends. Nothing is kept between calls, so any number
/// of instances may run. Calls throw Refused, or the store's annals::Failure. Costs: a read of the
/// user's events for each call; for one that claims an address, of those with its tag, too. Any
/// thread.
class UserStore {
  public:
    /// `timeout`: how long a call here may wait for the store, all that it asks and tries included.
    UserStore(const annals::Client& client, std::chrono::milliseconds timeout)
        : client_(client.with_timeout(timeout)), timeout_(timeout) {}

    /// For a caller who waits no longer than this.
    [[nodiscard]] UserStore within(std::chrono::milliseconds time) const;

    /// A new user, at version 1. kInvalid, kEmailTaken.
    [[nodiscard]] User create(const Profile& profile) const;
    /// As it is, or was at a version. kNotFound; kDeleted unless `with_deleted`: then as it was
    /// before, at the version before.
    [[nodiscard]] User get(const UserAt& at, bool with_deleted = false) const;
    /// kInvalid, kNotFound, kDeleted, kEmailTaken; kChanged where it is at another version than
    /// `at` names. Where nothing changes, the user as it is.
    [[nodiscard]] User update(const UserAt& at, const ProfileChange& change) const;
    /// The version of the deletion. Gives the address free. kNotFound, kDeleted, kChanged.
    [[nodiscard]] std::uint64_t remove(const UserAt& at) const;

    /// Makes the type known to eskit's crud store, where it is not yet.
    void register_type() const;
    /// Throws unless the store answers now.
    void probe() const;

  private:
    struct Loaded;
    [[nodiscard]] Loaded load(const annals::Client& client, const UserAt& at) const;
    /// What the command makes of the user.
    [[nodiscard]] Loaded change(const UserAt& at, const UserLife::Command& command) const;

    annals::Client client_;
    std::chrono::milliseconds timeout_;
};

}  // namespace users
