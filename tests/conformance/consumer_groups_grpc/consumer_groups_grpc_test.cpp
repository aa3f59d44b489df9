// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/client/group_client.hpp"
#include "annals/grpc_door/consumer_groups_service.hpp"
#include "annals/grpc_door/grpc_door.hpp"

#include "consumer_groups_contract.hpp"
#include "direct_groups_host.hpp"

namespace annals::conformance {
namespace {

/// Direct groups behind a door, seen through clients.
class GrpcGroupsHost final : public ConsumerGroupsHost {
  public:
    GrpcGroupsHost() {
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
        auto groups = client::connect_groups(client_options);
        EXPECT_TRUE(groups) << (groups ? "" : groups.error().to_string());
        if (groups) groups_ = std::move(*groups);
    }

    api::EventStore& events() override { return *events_; }
    api::ConsumerGroups& groups() override { return *groups_; }

  private:
    DirectGroupsHost direct_;
    std::unique_ptr<grpc_door::RpcService> service_ = grpc_door::make_consumer_groups_service(
        direct_.groups()
    );
    std::unique_ptr<grpc_door::GrpcDoor> door_;
    std::unique_ptr<client::RemoteEventStore> events_;
    std::unique_ptr<api::ConsumerGroups> groups_;
};

ANNALS_CONSUMER_GROUPS_CONTRACT(
    Grpc, ConsumerGroupsBody{"grpc", [] { return std::make_unique<GrpcGroupsHost>(); }}
);

}  // namespace
}  // namespace annals::conformance
