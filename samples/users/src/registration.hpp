// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <thread>

#include "user_store.hpp"

namespace users {

/// Registers the type of users in a thread of its own, as eskit's service does at its start: tries
/// until the store is there, and ends. Stops with the object.
class Registration {
  public:
    explicit Registration(const UserStore& users);

  private:
    std::jthread thread_;
};

}  // namespace users
