// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "annals/http_door/http_door.hpp"

#include "router.hpp"

namespace annals::http_door::detail {

/// What all connections share. Outlives them.
struct SessionContext {
    const HttpDoorOptions& options;
    const Router& router;
    std::string server_name;                    ///< for the header Server
    std::function<void(int status)> on_answer;  ///< counts
};

/// One connection: request, answer, next request. Everything runs on the socket's strand; shared by
/// the coroutine that serves it and the door that may close it.
class Session : public std::enable_shared_from_this<Session> {
  public:
    Session(boost::asio::ip::tcp::socket socket, const SessionContext& context);

    /// Serves until the connection ends. Never throws for what the other side does.
    boost::asio::awaitable<void> run();
    /// Tells 503 and closes: the door has enough connections.
    boost::asio::awaitable<void> refuse();

    /// No further request after the present one; an idle connection is closed. Any thread.
    void drain();
    /// Closes at once. Any thread.
    void close();

  private:
    using Answer = boost::beast::http::response<boost::beast::http::string_body>;

    enum class Step : std::uint8_t { kGoOn, kEnd };

    /// Cancels the reading of this request when it takes too long, so that 408 can still be sent (a
    /// time-out of tcp_stream closes the socket).
    void start_request_timer();
    /// Waits for the first byte of the next request.
    boost::asio::awaitable<Step> wait_for_request();
    boost::asio::awaitable<Step> serve_one();
    boost::asio::awaitable<Step> send(
        Response response, bool is_head, bool keeps_alive, unsigned version
    );
    /// Lets the other side read the last answer before the connection goes.
    boost::asio::awaitable<void> linger();

    boost::beast::tcp_stream stream_;
    boost::beast::flat_buffer buffer_;
    const SessionContext& context_;
    boost::asio::steady_timer request_timer_;
    std::uint64_t requests_ = 0;  ///< tells a late timer that its request is over
    bool is_too_late_ = false;
    bool is_idle_ = false;
    bool is_draining_ = false;
};

}  // namespace annals::http_door::detail
