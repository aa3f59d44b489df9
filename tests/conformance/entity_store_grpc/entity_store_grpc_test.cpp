// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/client/entity_client.hpp"
#include "annals/entities/entity_store.hpp"
#include "annals/entity_door/entity_service.hpp"
#include "annals/grpc_door/grpc_door.hpp"

#include "direct_host.hpp"
#include "entity_store_contract.hpp"

namespace annals::conformance {
namespace {

/// A direct store behind a door, seen through clients.
class GrpcEntityHost final : public EntityStoreHost {
  public:
    GrpcEntityHost() {
        grpc_door::GrpcDoorOptions options;
        options.address = "127.0.0.1:0";
        auto started = grpc_door::GrpcDoor::start(direct_.store(), options, {service_.get()});
        EXPECT_TRUE(started) << (started ? "" : started.error().to_string());
        if (!started) return;
        door_ = std::move(*started);
        client::ClientOptions client_options;
        client_options.address = "127.0.0.1:" + std::to_string(door_->port());
        auto entities = client::connect_entities(client_options);
        EXPECT_TRUE(entities) << (entities ? "" : entities.error().to_string());
        if (entities) entities_ = std::move(*entities);
    }

    api::EventStore& events() override { return direct_.store(); }
    api::EntityStore& entities() override { return *entities_; }

  private:
    DirectHost direct_;
    entities::EntityStore direct_entities_{direct_.store()};
    std::unique_ptr<grpc_door::RpcService> service_ = entity_door::make_entity_service(
        direct_.store(), direct_entities_
    );
    std::unique_ptr<grpc_door::GrpcDoor> door_;
    std::unique_ptr<api::EntityStore> entities_;
};

ANNALS_ENTITY_STORE_CONTRACT(Grpc, EntityStoreBody{"grpc", [] {
                                                       return std::make_unique<GrpcEntityHost>();
                                                   }});

}  // namespace
}  // namespace annals::conformance
