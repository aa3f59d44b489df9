// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <utility>

#include "annals/grpc_door/rpc_service.hpp"
#include "annals/grpc_kit/bytes.hpp"

#include "caller.hpp"

namespace annals::grpc_door {

/// A call's request as handlers see it. The call must be held meanwhile.
class RequestView final : public RpcRequest {
  public:
    RequestView(const grpc::ServerContextBase& call, grpc::Slice message)
        : call_(call), message_(std::move(message)), context_(context_of(call)) {}

    [[nodiscard]] std::string_view message() const override { return grpc_kit::view(message_); }
    [[nodiscard]] const api::CallContext& context() const override { return context_; }
    [[nodiscard]] std::string_view metadata(std::string_view name) const override {
        return metadata_of(call_, name);
    }

  private:
    const grpc::ServerContextBase& call_;
    const grpc::Slice message_;
    const api::CallContext context_;
};

}  // namespace annals::grpc_door
