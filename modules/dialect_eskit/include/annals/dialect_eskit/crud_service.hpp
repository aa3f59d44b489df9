// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "annals/api/event_store.hpp"
#include "annals/grpc_door/rpc_service.hpp"

namespace annals::dialect_eskit {

struct CrudServiceOptions {
    std::string name_space = "default";  ///< what eskit's clients see
    std::size_t threads = 64;            ///< calls that wait for the log at the same time
    std::size_t waiting_max = 1'024;     ///< calls that wait for a thread; more are overloaded
};

/// `contracts.crudstore.CrudStoreService` of eskit over the seam, for grpc_door: codes and texts as
/// eskit's, what its contract means where the original is broken (module README). The same streams
/// as annals.v1.EntityStore's. The store must outlive it; calls that were begun must have been
/// answered when it goes.
std::unique_ptr<grpc_door::RpcService> make_crud_service(
    api::EventStore& store, CrudServiceOptions options
);

}  // namespace annals::dialect_eskit
