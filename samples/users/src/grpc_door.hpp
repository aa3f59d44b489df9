// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "figures.hpp"
#include "samples/address.hpp"
#include "user_store.hpp"

namespace users {

/// contracts.users.UserService as its contract says, with reflection and grpc.health.v1. A call
/// waits in a thread of its own, at most 64 at a time; more get RESOURCE_EXHAUSTED. Serves from the
/// constructor, which throws std::runtime_error where it cannot listen.
class GrpcDoor {
  public:
    /// `figures` outlives it.
    GrpcDoor(const samples::Address& address, const UserStore& users, Figures& figures);
    ~GrpcDoor();
    GrpcDoor(const GrpcDoor&) = delete;
    GrpcDoor& operator=(const GrpcDoor&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    /// Takes no more calls, lets those under way end for at most `patience`.
    void stop(std::chrono::milliseconds patience);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace users
