// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <functional>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

namespace annals::http_door::detail {

/// What every connection is made of: a socket whose executor is known at compile time.
using Socket = boost::asio::ip::tcp::socket;

/// A conversation that takes a connection over (websocket). Everything on its lane's thread.
class Upgrade {
  public:
    using HttpRequest = boost::beast::http::request<boost::beast::http::string_body>;

    Upgrade() = default;
    Upgrade(const Upgrade&) = delete;
    Upgrade& operator=(const Upgrade&) = delete;
    virtual ~Upgrade() = default;

    /// Accepts the handshake and talks until either side ends; then `is_over` is called once.
    virtual void start(Socket socket, HttpRequest request, std::function<void()> is_over) = 0;
    /// A few times a second: time-outs.
    virtual void tick(std::chrono::steady_clock::time_point now) = 0;
    /// The door closes: say goodbye.
    virtual void drain() = 0;
    /// At once.
    virtual void close() = 0;
};

}  // namespace annals::http_door::detail
