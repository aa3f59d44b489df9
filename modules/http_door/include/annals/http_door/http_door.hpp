// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "annals/api/consumer_groups.hpp"
#include "annals/api/consumer_store.hpp"
#include "annals/api/event_store.hpp"
#include "annals/base/result.hpp"
#include "annals/entity_api/entity_store.hpp"
#include "annals/telemetry/metrics.hpp"

namespace annals::entities {
class ReadModel;
}

namespace annals::http_door {

struct HttpDoorOptions {
    std::string host = "127.0.0.1";  ///< a name or an address; IPv6 without brackets
    std::uint16_t port = 0;          ///< 0 takes a free one
    /// Threads that poll connections, each some of them; 0: one for each processor, four at most.
    std::size_t polling_threads = 0;
    /// Threads for reads that need the disk, and as many for subscriptions that read history.
    std::size_t worker_threads = 2;
    std::size_t connections_max = 4'096;  ///< one more hears 503 and is closed
    std::size_t header_bytes_max = 16u << 10u;
    std::size_t body_bytes_max = 24u << 20u;     ///< an event of 16 MiB in base64
    std::size_t bodies_bytes_max = 256u << 20u;  ///< of all that is received at a time; then 429
    std::chrono::milliseconds idle_timeout{60'000};     ///< between requests of a connection
    std::chrono::milliseconds request_timeout{10'000};  ///< from a request's first byte to its last
    std::chrono::milliseconds write_timeout{10'000};    ///< for one answer, or one piece of a feed
    std::chrono::milliseconds heartbeat{15'000};        ///< of subscriptions with nothing to say
    /// Of a websocket whose client says nothing: after half of it a ping, after all of it the end.
    std::chrono::milliseconds socket_idle_timeout{60'000};
    /// Origins, like "https://shop.example", whose pages may open websockets beside the server's
    /// own.
    std::vector<std::string> origins;
    std::size_t socket_subscriptions_max = 256;  ///< of one websocket
    telemetry::Metrics* metrics = nullptr;       ///< counts there; outlives the door
};

/// Whether the server can do its work: reads at least.
struct Readiness {
    bool is_ready = false;
    std::string state;   ///< "recovering", "serving", "read-only", "damaged", "late", "draining"
    std::string reason;  ///< why it is not simply serving; a sentence
};

struct VersionInfo {
    std::string version;   ///< "0.1.0"
    std::string commit;    ///< may be empty
    std::string compiler;  ///< may be empty
};

/// What the door asks at each request. Called on several threads: quick, and never throws.
struct HttpHandlers {
    std::function<Readiness()> readiness;
    std::function<std::string()> metrics_text;  ///< Prometheus text format
    VersionInfo version;
};

/// The HTTP door: health, metrics and version from its start on, the event store (`/v1/…`) between
/// open_store() and close_store(). HTTP/1.1 with keep-alive and pipelining. Errors are
/// application/problem+json (RFC 9457). docs/reference/http.md describes all routes.
///
/// A connection that sends too slowly, too much or no HTTP is told so and closed; none can hold a
/// thread. Few threads poll the connections and never wait; workers do what reads the disk.
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

    /// Until then, routes of the store answer 503 (unavailable). All of them must live
    /// until close_store() or stop() has returned; without one of the others its routes answer
    /// not_supported. Once.
    void open_store(
        api::EventStore& store,
        api::ConsumerStore* consumers = nullptr,
        api::ConsumerGroups* groups = nullptr,
        api::EntityStore* entities = nullptr
    );
    /// Ends subscriptions and members of groups, answers 503 (shutting_down) to what comes from now
    /// on, and waits for the calls under way, whatever they take: the store may go afterwards. Not
    /// from a handler.
    void close_store();

    /// Takes no new connections, closes idle ones, lets requests under way be answered until the
    /// timeout, then closes everything: deadline_exceeded when some were cut. Closes the store
    /// first. Not from a handler.
    Status stop(std::chrono::milliseconds timeout);

  private:
    class Server;
    explicit HttpDoor(std::unique_ptr<Server> server);
    std::unique_ptr<Server> server_;
};

}  // namespace annals::http_door
