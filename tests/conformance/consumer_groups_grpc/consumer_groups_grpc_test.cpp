// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <memory>
#include <utility>

#include "annals/client/group_client.hpp"
#include "annals/grpc_door/consumer_groups_service.hpp"

#include "consumer_groups_contract.hpp"
#include "direct_groups_host.hpp"
#include "grpc_server.hpp"

namespace annals::conformance {
namespace {

/// Direct groups behind a door, seen through clients.
class GrpcGroupsHost final : public ConsumerGroupsHost {
  public:
    api::EventStore& events() override { return *events_; }
    api::ConsumerGroups& groups() override { return *groups_; }

  private:
    DirectGroupsHost direct_;
    std::unique_ptr<grpc_door::RpcService> service_ = grpc_door::make_consumer_groups_service(
        direct_.groups()
    );
    GrpcServer server_{direct_.events(), {service_.get()}};
    std::unique_ptr<client::RemoteEventStore> events_ = std::move(
        client::connect(server_.client_options()).value()
    );
    std::unique_ptr<api::ConsumerGroups> groups_ = std::move(
        client::connect_groups(server_.client_options()).value()
    );
};

ANNALS_CONSUMER_GROUPS_CONTRACT(
    Grpc, ConsumerGroupsBody{"grpc", [] { return std::make_unique<GrpcGroupsHost>(); }}
);

}  // namespace
}  // namespace annals::conformance
