// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "annals/grpc_door/rpc_service.hpp"

namespace annals::grpc_door {

/// Messages fetched in one go, and why no more.
struct Fetched {
    enum class Then : std::uint8_t { kMore, kNothing, kEnd };
    std::vector<std::string> messages;
    Then then = Then::kMore;
    std::optional<Error> error;  ///< only with kEnd
};

/// Fetches from an RpcStream, a few messages at a time, on whichever thread may read: a worker in
/// history, the waker's own thread when live, so that a live event crosses threads once.
///
/// Fetching needs credit, which the loop gives when it has nearly written what it has: a slow
/// caller costs one fetch of memory, however often the waker calls.
class StreamPump {
  public:
    /// Who fetched. A worker delivers under the pump's lock: the receiver must not call the pump
    /// from there. The waker's thread delivers outside of it: the receiver may.
    enum class From : std::uint8_t { kWorker, kWaker };
    using Deliver = std::function<void(Fetched, From)>;

    static constexpr std::size_t kMessagesMax = 8;
    static constexpr std::size_t kBytesMax = 256u << 10u;

    /// `deliver` is called on the fetching thread, never after close() has returned.
    explicit StreamPump(Deliver deliver) : deliver_(std::move(deliver)) {}
    StreamPump(const StreamPump&) = delete;
    StreamPump& operator=(const StreamPump&) = delete;

    /// Takes the stream and fetches for the first time; drops it when close() came before.
    static void start(const std::shared_ptr<StreamPump>& pump, std::unique_ptr<RpcStream> stream);
    /// Allows one more fetch. True when the caller should have fetch() called by a worker; false
    /// when the waker will do it.
    [[nodiscard]] bool give_credit();
    void fetch();
    /// Hands the caller's message to the stream; not under the pump's lock. On a worker.
    Status message(std::string_view bytes);
    /// Destroys the stream, waiting for its waker. Not on the waker's thread.
    void close();

  private:
    void on_wake();
    void deliver_locked();
    [[nodiscard]] std::optional<Fetched> fetch_locked();

    const Deliver deliver_;
    std::mutex mutex_;
    std::shared_ptr<RpcStream> stream_;  // joins the pump and a message that is being handed over
    bool has_credit_ = true;
    bool is_armed_ = false;  ///< the stream said kNothing: its waker will call
    bool is_ended_ = false;
    bool is_closed_ = false;
};

}  // namespace annals::grpc_door
