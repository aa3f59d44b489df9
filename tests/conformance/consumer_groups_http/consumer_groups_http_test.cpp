// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/http_client/http_consumer_groups.hpp"

#include "consumer_groups_contract.hpp"
#include "direct_groups_host.hpp"
#include "http_server.hpp"

namespace annals::conformance {
namespace {

/// Direct groups behind a door, seen through a client.
class HttpGroupsHost final : public ConsumerGroupsHost {
  public:
    api::EventStore& events() override { return direct_.events(); }
    api::ConsumerGroups& groups() override { return *groups_; }

  private:
    DirectGroupsHost direct_;
    HttpServer server_{direct_.events(), nullptr, &direct_.groups()};
    std::unique_ptr<api::ConsumerGroups> groups_ = http_client::make_http_consumer_groups(
        server_.client_options()
    );
};

ANNALS_CONSUMER_GROUPS_CONTRACT(
    Http, ConsumerGroupsBody{"http", [] { return std::make_unique<HttpGroupsHost>(); }}
);

}  // namespace
}  // namespace annals::conformance
