// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/http_client/http_consumer_store.hpp"
#include "annals/http_door/http_door.hpp"

#include "consumer_store_contract.hpp"
#include "direct_consumer_host.hpp"

namespace annals::conformance {
namespace {

/// A direct store behind a door, seen through a client.
class HttpConsumerHost final : public ConsumerStoreHost {
  public:
    HttpConsumerHost() {
        http_door::HttpHandlers handlers;
        handlers.readiness = [] { return http_door::Readiness{true, "serving", ""}; };
        handlers.metrics_text = [] { return std::string(); };
        auto started = http_door::HttpDoor::start({}, std::move(handlers));
        EXPECT_TRUE(started) << (started ? "" : started.error().to_string());
        if (!started) return;
        door_ = std::move(*started);
        door_->open_store(direct_.events(), &direct_.consumers());
        http_client::ClientOptions options;
        options.port = static_cast<std::uint16_t>(door_->port());
        consumers_ = http_client::make_http_consumer_store(options);
    }

    api::EventStore& events() override { return direct_.events(); }
    api::ConsumerStore& consumers() override { return *consumers_; }

  private:
    DirectConsumerHost direct_;
    std::unique_ptr<http_door::HttpDoor> door_;
    std::unique_ptr<api::ConsumerStore> consumers_;
};

ANNALS_CONSUMER_STORE_CONTRACT(
    Http, ConsumerStoreBody{"http", [] { return std::make_unique<HttpConsumerHost>(); }}
);

}  // namespace
}  // namespace annals::conformance
