// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/http_client/http_entity_store.hpp"

#include "direct_entity_host.hpp"
#include "entity_store_contract.hpp"
#include "http_server.hpp"

namespace annals::conformance {
namespace {

/// A direct store behind a door, seen through a client.
class HttpEntityHost final : public EntityStoreHost {
  public:
    api::EventStore& events() override { return direct_.events(); }
    api::EntityStore& entities() override { return *entities_; }

  private:
    DirectEntityHost direct_;
    HttpServer server_{direct_.events(), nullptr, nullptr, &direct_.entities()};
    std::unique_ptr<api::EntityStore> entities_ = http_client::make_http_entity_store(
        server_.client_options()
    );
};

ANNALS_ENTITY_STORE_CONTRACT(Http, EntityStoreBody{"http", [] {
                                                       return std::make_unique<HttpEntityHost>();
                                                   }});

}  // namespace
}  // namespace annals::conformance
