// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>

#include "annals/api_wire/read_wire.hpp"

#include "hot_call.hpp"

namespace annals::grpc_door {

/// annals.v1.EventStore.Read: at once when the store can, else on a worker.
class ReadCall final : public HotCall {
  public:
    ReadCall(Door& door, HotService& service, HotPlaces& places)
        : HotCall(door, service, places, HotService::kRead, kEventStoreName, "Read") {}

  private:
    void begin() override;
    /// The worker's page has come back to the loop.
    void run() override;
    void finish(Result<api::ReadPage> page);

    api_wire::ReadCall call_;
    api::CallContext context_;
    std::optional<Result<api::ReadPage>> page_;
};

}  // namespace annals::grpc_door
