// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string_view>
#include <thread>

#include "annals/grpc_door/rpc_service.hpp"

#include "hot_call.hpp"
#include "request_view.hpp"

namespace annals::grpc_door {

/// A unary method of a service that is hot (RpcMethod::is_hot). An answer that is there when the
/// handler returns goes out at once, a later one comes back to the loop. The method must outlive
/// it.
class HotRpcCall final : public HotCall {
  public:
    HotRpcCall(
        Door& door,
        HotService& service,
        HotPlaces& places,
        HotService::Method number,
        std::string_view service_name,
        const RpcMethod& method
    )
        : HotCall(door, service, places, number, service_name, method.name), method_(method) {}

  private:
    void begin() override;
    /// The answer has come back to the loop.
    void run() override;
    [[nodiscard]] bool is_quick() const override { return true; }

    const RpcMethod& method_;
    std::optional<RequestView> request_;
    std::thread::id loop_thread_;  ///< set before the handler runs
    RpcAnswer answer_;             ///< of a later one; the handler's until it is posted
};

}  // namespace annals::grpc_door
