// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <memory>
#include <utility>

#include "annals/client/consumer_client.hpp"
#include "annals/grpc_door/consumer_store_service.hpp"

#include "consumer_store_contract.hpp"
#include "direct_consumer_host.hpp"
#include "grpc_server.hpp"

namespace annals::conformance {
namespace {

/// A direct store behind a door, seen through clients.
class GrpcConsumerHost final : public ConsumerStoreHost {
  public:
    api::EventStore& events() override { return *events_; }
    api::ConsumerStore& consumers() override { return *consumers_; }

  private:
    DirectConsumerHost direct_;
    std::unique_ptr<grpc_door::RpcService> service_ = grpc_door::make_consumer_store_service(
        direct_.consumers()
    );
    GrpcServer server_{direct_.events(), {service_.get()}};
    std::unique_ptr<client::RemoteEventStore> events_ = std::move(
        client::connect(server_.client_options()).value()
    );
    std::unique_ptr<api::ConsumerStore> consumers_ = std::move(
        client::connect_consumers(server_.client_options()).value()
    );
};

ANNALS_CONSUMER_STORE_CONTRACT(
    Grpc, ConsumerStoreBody{"grpc", [] { return std::make_unique<GrpcConsumerHost>(); }}
);

}  // namespace
}  // namespace annals::conformance
