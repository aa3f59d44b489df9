// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "samples/address.hpp"
#include "samples/http.hpp"

namespace samples {

/// What an HttpServer holds at most. A connection has one request at a time, so requests that wait
/// for a thread are bounded by connections.
struct HttpLimits {
    unsigned threads = 16;                ///< handlers at once; they may block
    std::size_t connections_max = 1'024;  ///< more are closed as they come
    std::uint32_t header_bytes_max = 16'384;
    std::uint64_t body_bytes_max = 1u << 20u;
    std::chrono::seconds idle_max{60};  ///< without a whole request
};

/// An HTTP/1.1 door: reads requests, gives them to `handle` in threads of its own, writes answers;
/// keeps connections. What cannot be read is refused with 400, 413 or 431. Serves from the
/// constructor, which throws std::system_error where it cannot listen, until stop().
class HttpServer {
  public:
    using Handle = std::function<HttpAnswer(const HttpRequest&)>;
    HttpServer(const Address& address, Handle handle, const HttpLimits& limits = {});
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// The port it listens on.
    [[nodiscard]] std::uint16_t port() const;
    /// Takes no more connections, closes idle ones, lets requests that were read be answered for
    /// at most `patience`. Once.
    void stop(std::chrono::milliseconds patience);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace samples
