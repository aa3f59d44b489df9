// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/http_client/http_event_store.hpp"

#include "direct_host.hpp"
#include "event_store_contract.hpp"
#include "http_server.hpp"

namespace annals::conformance {
namespace {

/// A direct store behind the HTTP door, seen through its client.
class HttpHost final : public EventStoreHost {
  public:
    api::EventStore& store() override { return *client_; }
    void free_space() override { direct_.free_space(); }
    void damage(std::string_view text) override { direct_.damage(text); }
    void pass_time(std::chrono::seconds time) override { direct_.pass_time(time); }

  private:
    DirectHost direct_;
    HttpServer server_{direct_.store()};
    std::unique_ptr<api::EventStore> client_ = http_client::make_http_event_store(
        server_.client_options()
    );
};

EventStoreBody body() {
    return {"http", [] { return std::make_unique<HttpHost>(); }};
}

ANNALS_EVENT_STORE_CONTRACT(Http, body());
ANNALS_EVENT_STORE_CONTRACT_OF(DamagedContract, Http, body());

}  // namespace
}  // namespace annals::conformance
