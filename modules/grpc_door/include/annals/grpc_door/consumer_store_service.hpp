// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include "annals/api/consumer_store.hpp"
#include "annals/grpc_door/rpc_service.hpp"

namespace annals::grpc_door {

/// annals.v1.ConsumerStore over the seam, for GrpcDoor::start. A Save holds none of the door's
/// workers while it waits for its sync. The store must outlive it.
std::unique_ptr<RpcService> make_consumer_store_service(api::ConsumerStore& store);

}  // namespace annals::grpc_door
