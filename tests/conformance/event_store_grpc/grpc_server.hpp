// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "annals/api/event_store.hpp"
#include "annals/client/client.hpp"
#include "annals/grpc_door/grpc_door.hpp"

namespace annals::conformance {

/// Direct bodies behind a gRPC door of its own, for clients. They and the services outlive it.
class GrpcServer {
  public:
    explicit GrpcServer(
        api::EventStore& store, const std::vector<grpc_door::RpcService*>& services = {}
    ) {
        grpc_door::GrpcDoorOptions options;
        options.address = "127.0.0.1:0";
        door_ = std::move(grpc_door::GrpcDoor::start(store, options, services).value());
    }

    [[nodiscard]] client::ClientOptions client_options() const {
        client::ClientOptions options;
        options.address = "127.0.0.1:" + std::to_string(door_->port());
        return options;
    }

  private:
    std::unique_ptr<grpc_door::GrpcDoor> door_;
};

}  // namespace annals::conformance
