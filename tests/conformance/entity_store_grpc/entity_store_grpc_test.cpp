// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <memory>
#include <utility>

#include "annals/client/entity_client.hpp"
#include "annals/entities/entity_store.hpp"
#include "annals/entity_door/entity_service.hpp"

#include "direct_host.hpp"
#include "entity_store_contract.hpp"
#include "grpc_server.hpp"

namespace annals::conformance {
namespace {

/// A direct store behind a door, seen through clients.
class GrpcEntityHost final : public EntityStoreHost {
  public:
    api::EventStore& events() override { return direct_.store(); }
    api::EntityStore& entities() override { return *entities_; }

  private:
    DirectHost direct_;
    entities::EntityStore direct_entities_{direct_.store()};
    std::unique_ptr<grpc_door::RpcService> service_ = entity_door::make_entity_service(
        direct_.store(), direct_entities_
    );
    GrpcServer server_{direct_.store(), {service_.get()}};
    std::unique_ptr<api::EntityStore> entities_ = std::move(
        client::connect_entities(server_.client_options()).value()
    );
};

ANNALS_ENTITY_STORE_CONTRACT(Grpc, EntityStoreBody{"grpc", [] {
                                                       return std::make_unique<GrpcEntityHost>();
                                                   }});

}  // namespace
}  // namespace annals::conformance
