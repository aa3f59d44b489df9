// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "annals/base/error.hpp"
#include "annals/grpc_door/rpc_service.hpp"
#include "annals/grpc_kit/bytes.hpp"
#include "annals/grpc_kit/tag.hpp"

#include "door.hpp"
#include "hot_service.hpp"

namespace annals::grpc_door {

class HotCall;

/// The places of one hot method. Few of them wait for a call at a time, because gRPC's cost of an
/// operation grows with those that wait (Debian builds it with its checks on), and the last one
/// that was used waits first, while the processor still has it in its cache.
class HotPlaces {
  public:
    using Make = std::function<std::unique_ptr<HotCall>(HotPlaces&)>;

    HotPlaces(std::size_t calls_max, Make make) : calls_max_(calls_max), make_(std::move(make)) {}
    HotPlaces(const HotPlaces&) = delete;
    HotPlaces& operator=(const HotPlaces&) = delete;

    /// Lets more places wait, up to the few that should, as long as fewer than the most exist.
    void fill();
    /// A waiting place has a call.
    void taken() {
        --waiting_;
        fill();
    }
    /// A place has answered its call.
    void free(HotCall& place) { free_.push_back(&place); }

  private:
    static constexpr std::size_t kWaitingMax = 16;

    const std::size_t calls_max_;
    const Make make_;
    std::vector<std::unique_ptr<HotCall>> all_;
    std::vector<HotCall*> free_;
    std::size_t waiting_ = 0;
};

/// One place for a hot unary call: waits for a call, answers it, waits again. Everything runs on
/// the loop's thread.
class HotCall : public grpc_kit::Tag, public runtime::Task {
  public:
    HotCall(
        Door& door,
        HotService& service,
        HotPlaces& places,
        HotService::Method method,
        std::string_view service_name,
        std::string_view name
    )
        : door_(door),
          service_(service),
          places_(places),
          method_(method),
          service_name_(service_name),
          name_(name) {}

    /// Waits for the next call.
    void post();

  protected:
    /// A call came: message() holds its bytes. Answers now or later, once.
    virtual void begin() = 0;

    [[nodiscard]] std::string_view message() const { return grpc_kit::view(message_); }
    [[nodiscard]] const grpc::Slice& slice() const { return message_; }
    [[nodiscard]] const grpc::ServerContext& context() const { return *context_; }
    [[nodiscard]] Door& door() { return door_; }
    /// The request's bytes are not needed any more.
    void drop_message();
    void answer(const grpc::ByteBuffer& response);
    void answer(const Error& error);
    void answer(RpcAnswer answer);

  private:
    enum class State : std::uint8_t { kWaiting, kRunning, kAnswered };

    void complete(bool ok) final;

    Door& door_;
    HotService& service_;
    HotPlaces& places_;
    const HotService::Method method_;
    const std::string_view service_name_;
    const std::string_view name_;
    State state_ = State::kWaiting;
    std::optional<grpc::ServerContext> context_;
    std::optional<HotWriter> writer_;
    grpc::ByteBuffer request_;
    grpc::Slice message_;
    std::int64_t begun_ns_ = 0;
    int code_ = 0;
};

}  // namespace annals::grpc_door
