// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "annals/grpc_door/rpc_service.hpp"

namespace annals::grpc_door {

/// grpc.health.v1.Health. All services of a door are well or not together. Any thread.
class HealthService final : public RpcService {
  public:
    /// Names of the services that may be asked for, beside the empty one.
    explicit HealthService(std::vector<std::string> services);
    ~HealthService() override;

    void set_serving(bool is_serving);

    [[nodiscard]] std::string_view full_name() const override { return "grpc.health.v1.Health"; }
    [[nodiscard]] std::vector<RpcMethod> methods() override;

  private:
    struct State;
    class Watch;
    std::shared_ptr<State> state_;
};

}  // namespace annals::grpc_door
