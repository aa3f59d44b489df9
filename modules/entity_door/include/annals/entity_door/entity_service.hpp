// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <memory>

#include "annals/api/event_store.hpp"
#include "annals/entities/entity_store.hpp"
#include "annals/grpc_door/rpc_service.hpp"
#include "annals/telemetry/metrics.hpp"

namespace annals::entity_door {

struct EntityServiceOptions {
    /// Calls that run at a time; each waits for the disk, writes for the log's group commit.
    std::size_t threads = 64;
    /// Calls that wait for a thread; more are answered `overloaded`.
    std::size_t waiting_max = 1'024;
    /// Where snapshots and the read model are counted; must outlive the service. Null: nowhere.
    telemetry::Metrics* metrics = nullptr;
};

/// `annals.v1.EntityStore` over the seam, for grpc_door (proto/annals/v1/entity_store.proto). Has
/// threads of its own, so that writes that wait for the disk hold up nobody else. Types are over
/// `store`. Both must outlive it; its destructor answers what was begun.
std::unique_ptr<grpc_door::RpcService> make_entity_service(
    api::EventStore& store,
    entities::EntityStore& entities,
    const EntityServiceOptions& options = {}
);

}  // namespace annals::entity_door
