// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/http_client/http_event_store.hpp"
#include "annals/http_door/http_door.hpp"

#include "direct_host.hpp"
#include "event_store_contract.hpp"

namespace annals::conformance {
namespace {

/// A direct store behind the HTTP door, seen through its client.
class HttpHost final : public EventStoreHost {
  public:
    HttpHost() {
        http_door::HttpHandlers handlers;
        handlers.readiness = [] { return http_door::Readiness{true, "serving", ""}; };
        handlers.metrics_text = [] { return ""; };
        auto started = http_door::HttpDoor::start({}, std::move(handlers));
        EXPECT_TRUE(started) << (started ? "" : started.error().to_string());
        if (!started) return;
        door_ = std::move(*started);
        door_->open_store(direct_.store());
        http_client::ClientOptions options;
        options.port = static_cast<std::uint16_t>(door_->port());
        client_ = http_client::make_http_event_store(options);
    }

    api::EventStore& store() override { return *client_; }
    void free_space() override { direct_.free_space(); }
    void damage(std::string_view text) override { direct_.damage(text); }

  private:
    DirectHost direct_;
    std::unique_ptr<http_door::HttpDoor> door_;
    std::unique_ptr<api::EventStore> client_;
};

EventStoreBody body() {
    return {"http", [] { return std::make_unique<HttpHost>(); }};
}

ANNALS_EVENT_STORE_CONTRACT(Http, body());
ANNALS_EVENT_STORE_CONTRACT_OF(DamagedContract, Http, body());

}  // namespace
}  // namespace annals::conformance
