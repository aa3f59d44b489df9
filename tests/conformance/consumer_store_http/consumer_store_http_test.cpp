// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/http_client/http_consumer_store.hpp"

#include "consumer_store_contract.hpp"
#include "direct_consumer_host.hpp"
#include "http_server.hpp"

namespace annals::conformance {
namespace {

/// A direct store behind a door, seen through a client.
class HttpConsumerHost final : public ConsumerStoreHost {
  public:
    api::EventStore& events() override { return direct_.events(); }
    api::ConsumerStore& consumers() override { return *consumers_; }

  private:
    DirectConsumerHost direct_;
    HttpServer server_{direct_.events(), &direct_.consumers()};
    std::unique_ptr<api::ConsumerStore> consumers_ = http_client::make_http_consumer_store(
        server_.client_options()
    );
};

ANNALS_CONSUMER_STORE_CONTRACT(
    Http, ConsumerStoreBody{"http", [] { return std::make_unique<HttpConsumerHost>(); }}
);

}  // namespace
}  // namespace annals::conformance
