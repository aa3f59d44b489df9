// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/result.hpp"

namespace annals::bench_kit {

/// When a loop ends: whichever comes first.
struct LoopEnd {
    double seconds = 1e9;
    std::uint64_t calls = UINT64_MAX;
};

struct LoopResult {
    std::uint64_t calls = 0;
    double seconds = 0;
    std::vector<double> latencies_us;

    [[nodiscard]] double rate() const {
        return seconds > 0 ? static_cast<double>(calls) / seconds : 0;
    }
    void add(const LoopResult& more) {
        calls += more.calls;
        seconds += more.seconds;
        latencies_us.insert(latencies_us.end(), more.latencies_us.begin(), more.latencies_us.end());
    }
};

/// A lean gRPC client for measuring: raw bytes over one channel, one completion queue, the calling
/// thread alone.
class RpcClient {
  public:
    /// Writes the request of a slot's next call.
    using MakeRequest = std::function<void(std::size_t slot, std::string& request)>;
    using OnAnswer = std::function<Status(std::size_t slot, std::string_view answer)>;
    /// False ends the stream.
    using OnMessage = std::function<Result<bool>(std::string_view message)>;

    explicit RpcClient(const std::string& address);
    RpcClient(const RpcClient&) = delete;
    RpcClient& operator=(const RpcClient&) = delete;
    ~RpcClient();

    [[nodiscard]] const std::string& address() const;
    /// Waits until the server can be reached.
    Status connect(double seconds_max);
    /// Keeps `in_flight` calls under way, each slot one after the other. The first error ends it.
    Result<LoopResult> loop(
        const char* method,
        std::size_t in_flight,
        LoopEnd end,
        const MakeRequest& make,
        const OnAnswer& on_answer
    );
    /// One call.
    Result<std::string> call(const char* method, const std::string& request);
    /// Reads a server stream until its end or until `on_message` has enough.
    Status stream(const char* method, const std::string& request, const OnMessage& on_message);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

inline constexpr const char* kAppend = "/annals.v1.EventStore/Append";
inline constexpr const char* kRead = "/annals.v1.EventStore/Read";
inline constexpr const char* kSubscribe = "/annals.v1.EventStore/Subscribe";
inline constexpr const char* kGetInfo = "/annals.v1.EventStore/GetInfo";

}  // namespace annals::bench_kit
