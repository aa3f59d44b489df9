// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string>

#include "annals/api_wire/append_wire.hpp"

#include "hot_call.hpp"

namespace annals::grpc_door {

/// annals.v1.EventStore.Append.
class AppendCall final : public HotCall {
  public:
    AppendCall(Door& door, HotService& service, HotPlaces& places)
        : HotCall(door, service, places, HotService::kAppend, kEventStoreName, "Append") {}

  private:
    void begin() override;
    /// The store's answer has come back to the loop.
    void run() override;
    [[nodiscard]] bool is_quick() const override { return true; }

    /// Kept from call to call, with the memory of its lists.
    api_wire::AppendCall call_;
    std::optional<Result<api::AppendResponse>> outcome_;
    std::string scratch_;
};

}  // namespace annals::grpc_door
