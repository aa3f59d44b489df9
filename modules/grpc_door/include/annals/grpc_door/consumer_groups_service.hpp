// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include "annals/api/consumer_groups.hpp"
#include "annals/grpc_door/rpc_service.hpp"

namespace annals::grpc_door {

/// annals.v1.ConsumerGroups over the seam, for GrpcDoor::start. A member's call is its membership.
/// The groups must outlive it.
std::unique_ptr<RpcService> make_consumer_groups_service(api::ConsumerGroups& groups);

}  // namespace annals::grpc_door
