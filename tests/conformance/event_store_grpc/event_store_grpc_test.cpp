// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/client/client.hpp"
#include "annals/grpc_door/grpc_door.hpp"

#include "direct_host.hpp"
#include "event_store_contract.hpp"

namespace annals::conformance {
namespace {

/// A direct store behind a door, seen through a client.
class GrpcHost final : public EventStoreHost {
  public:
    GrpcHost() {
        grpc_door::GrpcDoorOptions options;
        options.address = "127.0.0.1:0";
        auto started = grpc_door::GrpcDoor::start(direct_.store(), options);
        EXPECT_TRUE(started) << (started ? "" : started.error().to_string());
        if (!started) return;
        door_ = std::move(*started);
        client::ClientOptions client_options;
        client_options.address = "127.0.0.1:" + std::to_string(door_->port());
        auto connected = client::connect(client_options);
        EXPECT_TRUE(connected) << (connected ? "" : connected.error().to_string());
        if (connected) client_ = std::move(*connected);
    }

    api::EventStore& store() override { return *client_; }
    void free_space() override { direct_.free_space(); }
    void damage(std::string_view text) override { direct_.damage(text); }

  private:
    DirectHost direct_;
    std::unique_ptr<grpc_door::GrpcDoor> door_;
    std::unique_ptr<client::RemoteEventStore> client_;
};

EventStoreBody body() {
    return {"grpc", [] { return std::make_unique<GrpcHost>(); }};
}

ANNALS_EVENT_STORE_CONTRACT(Grpc, body());
ANNALS_EVENT_STORE_CONTRACT_OF(DamagedContract, Grpc, body());

}  // namespace
}  // namespace annals::conformance
