// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "annals/api/call_context.hpp"
#include "annals/base/result.hpp"

namespace annals::grpc_door {

/// What the caller of a method sent. Valid while the handler or opener runs, not longer.
class RpcRequest {
  public:
    RpcRequest() = default;
    RpcRequest(const RpcRequest&) = delete;
    RpcRequest& operator=(const RpcRequest&) = delete;
    virtual ~RpcRequest() = default;

    /// The request message as protobuf bytes. Parse it; its views live as long as this.
    [[nodiscard]] virtual std::string_view message() const = 0;
    /// Deadline and trace context; the namespace is `default`.
    [[nodiscard]] virtual const api::CallContext& context() const = 0;
    /// Value of the first metadata entry of this (lower-case) name, or empty.
    [[nodiscard]] virtual std::string_view metadata(std::string_view name) const = 0;
};

/// How a call ends: a status, and for a unary method that went well the answer's protobuf bytes.
struct RpcAnswer {
    int code = 0;         ///< of gRPC; 0 is OK
    std::string message;  ///< grpc-message, not for OK
    std::string details;  ///< bytes of google.rpc.Status for grpc-status-details-bin; may be empty
    std::string body;     ///< only for OK

    static RpcAnswer ok(std::string body) { return {0, {}, {}, std::move(body)}; }
    /// A status of the dialect's own.
    static RpcAnswer failed(int code, std::string message) {
        return {code, std::move(message), {}, {}};
    }
    /// As annals.v1 answers it: code of the catalogue and ErrorInfo.
    static RpcAnswer failed(const Error& error);
};

/// Answers a call once, from any thread, perhaps before the handler returns.
using RpcDone = std::function<void(RpcAnswer)>;

/// Pull side of a server stream. The door asks for the next message when the caller can take one: a
/// slow caller costs its place and the few messages under way.
class RpcStream {
  public:
    enum class Next : std::uint8_t {
        kMessage,  ///< `message` is filled
        kNothing,  ///< nothing now; the waker will be called once when it is worth asking again
        kEnd,      ///< over, status OK
    };

    RpcStream() = default;
    RpcStream(const RpcStream&) = delete;
    RpcStream& operator=(const RpcStream&) = delete;
    virtual ~RpcStream() = default;

    /// Never two at a time; on a thread that may read the disk, but not wait. Appends protobuf
    /// bytes to `message`, which is empty. An error ends the stream with its status.
    virtual Result<Next> next(std::string& message) = 0;
    /// Set once before the first next(). May be called from any thread, and never after the
    /// destructor has returned.
    // NOLINTNEXTLINE(performance-unnecessary-value-param): other bodies keep it
    virtual void set_waker(std::function<void()> /*waker*/) {}
    /// Of a bidirectional method: the caller's next message; the one after it is read once this
    /// has returned. On a thread that may wait a little, perhaps while next() runs. An error ends
    /// the stream with its status.
    virtual Status on_message(std::string_view message);
};

/// One method of a service: unary (`handle`) or streaming (`open`); set one of them.
struct RpcMethod {
    std::string name;  ///< as in the .proto, "Append"

    /// Must not wait or read the disk unless `may_block`; then it runs on the door's workers.
    std::function<void(const RpcRequest&, RpcDone)> handle;
    /// Runs on the door's workers.
    std::function<Result<std::unique_ptr<RpcStream>>(const RpcRequest&)> open;

    /// The caller goes on sending messages after the one that opens the stream (on_message); when
    /// it has sent its last one, the stream ends.
    bool is_bidirectional = false;
    bool may_block = false;
    /// Often called, and `handle` answers soon (without `may_block` and `to_answer`): it gets
    /// places of its own, as Append has, which saves a call some of gRPC's work. For few methods:
    /// each has 16 places that wait.
    bool is_hot = false;
    /// The status that an error of open() or next() becomes; not set: as annals.v1 answers it.
    std::function<RpcAnswer(const Error&)> to_answer;
};

/// A service of another dialect on the same port, in plain bytes, so that neither side sees gRPC
/// types, and so that it runs on the door's own completion queue: a second thread that polls
/// gRPC's sockets costs every append of the server 40 % more processor time (docs/adr/0006).
///
/// Reflection shows the service when its generated protobuf code is linked into the program.
class RpcService {
  public:
    RpcService() = default;
    RpcService(const RpcService&) = delete;
    RpcService& operator=(const RpcService&) = delete;
    virtual ~RpcService() = default;

    /// "contracts.eventstore.EventstoreService".
    [[nodiscard]] virtual std::string_view full_name() const = 0;
    /// Asked once, at start.
    [[nodiscard]] virtual std::vector<RpcMethod> methods() = 0;
};

}  // namespace annals::grpc_door
