// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "annals/api/event_store.hpp"
#include "annals/base/result.hpp"
#include "annals/grpc_door/rpc_service.hpp"

namespace annals::grpc_door {

/// Hears of every call that ended. Called on the door's thread: count, nothing else.
class RpcObserver {
  public:
    RpcObserver() = default;
    RpcObserver(const RpcObserver&) = delete;
    RpcObserver& operator=(const RpcObserver&) = delete;
    virtual ~RpcObserver() = default;

    /// `service` "annals.v1.EventStore", `method` "Append", `code` that of gRPC. Names of services
    /// and methods are those that exist, never the caller's invention.
    virtual void on_call(
        std::string_view service, std::string_view method, int code, double seconds
    ) = 0;
};

struct GrpcDoorOptions {
    std::string address = "127.0.0.1:2400";  ///< host:port; port 0 takes a free one
    RpcObserver* observer = nullptr;         ///< must outlive the door
    /// Threads for reads that must wait for the disk, and for streams.
    std::size_t worker_threads = 2;
    /// Unary calls of one method that run at the same time; more wait in gRPC's own queues.
    std::size_t hot_calls_max = 1'024;
    /// Bulk appends (AppendStream) of one call that wait for their answers, and their bytes.
    std::size_t bulk_appends_max = 64;
    std::size_t bulk_bytes_max = 32u << 20u;
    /// Clients may ping this often without data; more often is answered by GOAWAY.
    std::chrono::milliseconds client_ping_interval_min{4'000};
    /// The server's own pings, which find dead peers.
    std::chrono::milliseconds keepalive_interval{30'000};
    std::chrono::milliseconds keepalive_timeout{10'000};
};

/// annals.v1.EventStore over gRPC, with health, reflection and the services of other dialects, on
/// one port.
///
/// One thread polls gRPC and does everything that does not wait; workers do what reads the disk;
/// answers of appends come back from the store's thread in groups, one wake-up each.
class GrpcDoor {
  public:
    /// Listens and answers; health says NOT_SERVING until set_serving(true). The store and the
    /// services must outlive the door. unavailable when the address cannot be listened on, with
    /// the fields `address` and `reason`.
    static Result<std::unique_ptr<GrpcDoor>> start(
        api::EventStore& store,
        const GrpcDoorOptions& options,
        const std::vector<RpcService*>& services = {}
    );
    GrpcDoor(const GrpcDoor&) = delete;
    GrpcDoor& operator=(const GrpcDoor&) = delete;
    /// stop() with a second's deadline, when it was not called.
    ~GrpcDoor();

    [[nodiscard]] int port() const;
    /// What health answers for the server and for each of its services.
    void set_serving(bool is_serving);

    /// Ends streams with shutting_down, takes no new calls, lets the running ones finish until the
    /// deadline, then cancels them. deadline_exceeded when some had to be cancelled. Waits for the
    /// store's answers of appends under way, whatever the deadline. Not from a door's thread.
    Status stop(std::chrono::milliseconds deadline);

  private:
    struct Parts;
    explicit GrpcDoor(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace annals::grpc_door
