// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <vector>

#include "annals/api/event_store.hpp"
#include "annals/grpc_door/rpc_service.hpp"

namespace annals::grpc_door {

/// The methods of annals.v1.EventStore but Append, Read (hot calls) and AppendStream.
/// The store must outlive them.
std::vector<RpcMethod> event_store_methods(api::EventStore& store);

}  // namespace annals::grpc_door
