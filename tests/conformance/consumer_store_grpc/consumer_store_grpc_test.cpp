// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/client/consumer_client.hpp"
#include "annals/grpc_door/consumer_store_service.hpp"
#include "annals/grpc_door/grpc_door.hpp"

#include "consumer_store_contract.hpp"
#include "direct_consumer_host.hpp"

namespace annals::conformance {
namespace {

/// A direct store behind a door, seen through clients.
class GrpcConsumerHost final : public ConsumerStoreHost {
  public:
    GrpcConsumerHost() {
        grpc_door::GrpcDoorOptions options;
        options.address = "127.0.0.1:0";
        auto started = grpc_door::GrpcDoor::start(direct_.events(), options, {service_.get()});
        EXPECT_TRUE(started) << (started ? "" : started.error().to_string());
        if (!started) return;
        door_ = std::move(*started);
        client::ClientOptions client_options;
        client_options.address = "127.0.0.1:" + std::to_string(door_->port());
        auto events = client::connect(client_options);
        EXPECT_TRUE(events) << (events ? "" : events.error().to_string());
        if (events) events_ = std::move(*events);
        auto consumers = client::connect_consumers(client_options);
        EXPECT_TRUE(consumers) << (consumers ? "" : consumers.error().to_string());
        if (consumers) consumers_ = std::move(*consumers);
    }

    api::EventStore& events() override { return *events_; }
    api::ConsumerStore& consumers() override { return *consumers_; }

  private:
    DirectConsumerHost direct_;
    std::unique_ptr<grpc_door::RpcService> service_ = grpc_door::make_consumer_store_service(
        direct_.consumers()
    );
    std::unique_ptr<grpc_door::GrpcDoor> door_;
    std::unique_ptr<client::RemoteEventStore> events_;
    std::unique_ptr<api::ConsumerStore> consumers_;
};

ANNALS_CONSUMER_STORE_CONTRACT(
    Grpc, ConsumerStoreBody{"grpc", [] { return std::make_unique<GrpcConsumerHost>(); }}
);

}  // namespace
}  // namespace annals::conformance
