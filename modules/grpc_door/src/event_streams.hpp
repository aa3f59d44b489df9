// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "annals/api/event_store.hpp"
#include "annals/grpc_door/rpc_service.hpp"

namespace annals::grpc_door {

/// Frames of a subscription as SubscribeResponse messages.
class SubscribeStream final : public RpcStream {
  public:
    explicit SubscribeStream(std::unique_ptr<api::Subscription> subscription);
    Result<Next> next(std::string& message) override;
    void set_waker(std::function<void()> waker) override;

  private:
    std::unique_ptr<api::Subscription> subscription_;
};

/// Pages of a read, one ReadResponse after the other, to the end or to the request's limit.
class ScanStream final : public RpcStream {
  public:
    ScanStream(api::EventStore& store, const api::CallContext& context, api::ReadRequest request);
    Result<Next> next(std::string& message) override;

  private:
    api::EventStore& store_;
    const std::string name_space_;
    api::CallContext context_;
    api::ReadRequest request_;
    bool has_limit_;
    std::uint64_t left_;
    bool is_end_ = false;
};

}  // namespace annals::grpc_door
