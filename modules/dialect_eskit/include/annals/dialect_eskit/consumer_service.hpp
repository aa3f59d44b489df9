// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <string>

#include "annals/api/consumer_store.hpp"
#include "annals/grpc_door/rpc_service.hpp"
#include "annals/telemetry/metrics.hpp"

namespace annals::dialect_eskit {

struct ConsumerServiceOptions {
    std::string name_space = "default";     ///< what eskit's clients see
    telemetry::Metrics* metrics = nullptr;  ///< counts saves; null: nowhere
};

/// `contracts.consumerstore.ConsumerService` of eskit over the seam, for grpc_door: codes and texts
/// as eskit's, what its contract means where the original is broken (module README). The store must
/// outlive it; calls that were begun must have been answered when it goes.
std::unique_ptr<grpc_door::RpcService> make_consumer_service(
    api::ConsumerStore& store, ConsumerServiceOptions options
);

}  // namespace annals::dialect_eskit
