// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <memory>
#include <utility>

#include "annals/client/client.hpp"

#include "direct_host.hpp"
#include "event_store_contract.hpp"
#include "grpc_server.hpp"

namespace annals::conformance {
namespace {

/// A direct store behind a door, seen through a client.
class GrpcHost final : public EventStoreHost {
  public:
    api::EventStore& store() override { return *client_; }
    void free_space() override { direct_.free_space(); }
    void damage(std::string_view text) override { direct_.damage(text); }
    void pass_time(std::chrono::seconds time) override { direct_.pass_time(time); }

  private:
    DirectHost direct_;
    GrpcServer server_{direct_.store()};
    std::unique_ptr<client::RemoteEventStore> client_ = std::move(
        client::connect(server_.client_options()).value()
    );
};

EventStoreBody body() {
    return {"grpc", [] { return std::make_unique<GrpcHost>(); }};
}

ANNALS_EVENT_STORE_CONTRACT(Grpc, body());
ANNALS_EVENT_STORE_CONTRACT_OF(DamagedContract, Grpc, body());

}  // namespace
}  // namespace annals::conformance
