// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/entities/entity_store.hpp"
#include "annals/http_client/http_entity_store.hpp"
#include "annals/http_door/http_door.hpp"

#include "direct_host.hpp"
#include "entity_store_contract.hpp"

namespace annals::conformance {
namespace {

/// A direct store behind a door, seen through a client.
class HttpEntityHost final : public EntityStoreHost {
  public:
    HttpEntityHost() {
        http_door::HttpHandlers handlers;
        handlers.readiness = [] { return http_door::Readiness{true, "serving", ""}; };
        handlers.metrics_text = [] { return std::string(); };
        auto started = http_door::HttpDoor::start({}, std::move(handlers));
        EXPECT_TRUE(started) << (started ? "" : started.error().to_string());
        if (!started) return;
        door_ = std::move(*started);
        door_->open_store(direct_.store(), nullptr, nullptr, &direct_entities_);
        http_client::ClientOptions options;
        options.port = static_cast<std::uint16_t>(door_->port());
        entities_ = http_client::make_http_entity_store(options);
    }

    api::EventStore& events() override { return direct_.store(); }
    api::EntityStore& entities() override { return *entities_; }

  private:
    DirectHost direct_;
    entities::EntityStore direct_entities_{direct_.store()};
    std::unique_ptr<http_door::HttpDoor> door_;
    std::unique_ptr<api::EntityStore> entities_;
};

ANNALS_ENTITY_STORE_CONTRACT(Http, EntityStoreBody{"http", [] {
                                                       return std::make_unique<HttpEntityHost>();
                                                   }});

}  // namespace
}  // namespace annals::conformance
