// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "annals/base/result.hpp"
#include "annals/telemetry/metrics.hpp"

namespace annals::http_door {

struct HttpDoorOptions {
    std::string host = "127.0.0.1";  ///< a name or an address; IPv6 without brackets
    std::uint16_t port = 0;          ///< 0 takes a free one
    std::size_t threads = 1;
    std::size_t connections_max = 1'024;  ///< one more hears 503 and is closed
    std::size_t header_bytes_max = 16u << 10u;
    std::size_t body_bytes_max = 1u << 20u;
    std::chrono::milliseconds idle_timeout{60'000};     ///< between requests of a connection
    std::chrono::milliseconds request_timeout{10'000};  ///< from a request's first byte to its last
    std::chrono::milliseconds write_timeout{10'000};    ///< for one answer
    telemetry::Metrics* metrics = nullptr;              ///< counts there; outlives the door
};

/// Whether the server can do its work: reads at least.
struct Readiness {
    bool is_ready = false;
    std::string state;   ///< "recovering", "serving", "read-only", "draining"
    std::string reason;  ///< why it is not simply serving; a sentence
};

struct VersionInfo {
    std::string version;   ///< "0.1.0"
    std::string commit;    ///< may be empty
    std::string compiler;  ///< may be empty
};

/// What the door asks at each request. Called on the door's threads: quick, and never throws.
struct HttpHandlers {
    std::function<Readiness()> readiness;
    std::function<std::string()> metrics_text;  ///< Prometheus text format
    VersionInfo version;
};

/// The plain HTTP door of operations: health, metrics, version; HTTP/1.1 with keep-alive and
/// pipelining. Errors are application/problem+json (RFC 9457).
///
///     GET /health/live    200 as long as the process runs
///     GET /health/ready   200 when reads work (the state is in the body, also "read-only"), else
///     503 GET /v1/healtz      {"message":"OK"}, as the gateway of eskit answers GET /metrics GET
///     /version        GET /
///
/// A connection that sends too slowly, too much or no HTTP is told so and closed; none can hold a
/// thread.
class HttpDoor {
  public:
    /// Listens and answers. io_error with the fields `address` and `reason` when it cannot listen.
    static Result<std::unique_ptr<HttpDoor>> start(HttpDoorOptions options, HttpHandlers handlers);
    HttpDoor(const HttpDoor&) = delete;
    HttpDoor& operator=(const HttpDoor&) = delete;
    /// stop() with a second's patience, when it was not called.
    ~HttpDoor();

    /// The one it listens on.
    [[nodiscard]] int port() const;

    /// Takes no new connections, closes idle ones, lets requests under way be answered until the
    /// timeout, then closes everything: deadline_exceeded when some were cut. Not from a handler.
    Status stop(std::chrono::milliseconds timeout);

  private:
    class Server;
    explicit HttpDoor(std::unique_ptr<Server> server);
    std::unique_ptr<Server> server_;
};

}  // namespace annals::http_door
