// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/http_client/http_consumer_groups.hpp"
#include "annals/http_door/http_door.hpp"

#include "consumer_groups_contract.hpp"
#include "direct_groups_host.hpp"

namespace annals::conformance {
namespace {

/// Direct groups behind a door, seen through a client.
class HttpGroupsHost final : public ConsumerGroupsHost {
  public:
    HttpGroupsHost() {
        http_door::HttpHandlers handlers;
        handlers.readiness = [] { return http_door::Readiness{true, "serving", ""}; };
        handlers.metrics_text = [] { return std::string(); };
        auto started = http_door::HttpDoor::start({}, std::move(handlers));
        EXPECT_TRUE(started) << (started ? "" : started.error().to_string());
        if (!started) return;
        door_ = std::move(*started);
        door_->open_store(direct_.events(), nullptr, &direct_.groups());
        http_client::ClientOptions options;
        options.port = static_cast<std::uint16_t>(door_->port());
        groups_ = http_client::make_http_consumer_groups(options);
    }

    api::EventStore& events() override { return direct_.events(); }
    api::ConsumerGroups& groups() override { return *groups_; }

  private:
    DirectGroupsHost direct_;
    std::unique_ptr<http_door::HttpDoor> door_;
    std::unique_ptr<api::ConsumerGroups> groups_;
};

ANNALS_CONSUMER_GROUPS_CONTRACT(
    Http, ConsumerGroupsBody{"http", [] { return std::make_unique<HttpGroupsHost>(); }}
);

}  // namespace
}  // namespace annals::conformance
