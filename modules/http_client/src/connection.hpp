// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/parser.hpp>

#include "annals/base/result.hpp"
#include "annals/http_client/http_event_store.hpp"

namespace annals::http_client {

struct HttpRequest {
    std::string method;
    std::string target;
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
};

struct HttpAnswer {
    int status = 0;
    std::string body;
    boost::beast::http::fields fields = {};

    /// Value of the header field, or empty.
    [[nodiscard]] std::string header(std::string_view name) const {
        return std::string(fields[boost::beast::string_view(name.data(), name.size())]);
    }
};

/// invalid_argument with `field` for a value that would not stay one header field.
Status check_header(std::string_view value, std::string_view field);

/// One connection; one request at a time; waits. Not for several threads.
class Connection {
  public:
    explicit Connection(const ClientOptions& options) : options_(options), socket_(io_) {}

    /// unavailable when nobody listens.
    Status connect();
    /// unavailable when nothing was sent for sure, outcome_unknown when the answer did not come.
    Result<HttpAnswer> ask(const HttpRequest& request);
    [[nodiscard]] bool is_usable() const { return socket_.is_open(); }

    /// Sends a request whose answer is read piece by piece; its status.
    Result<int> open_stream(const HttpRequest& request);
    /// The next piece of it; empty at the end.
    Result<std::string> read_piece();
    /// Everything left of it.
    Result<std::string> read_rest();
    /// Any thread: a read that waits ends.
    void shut_down();

  private:
    Status send(const HttpRequest& request);
    void close();
    [[nodiscard]] Error broken(ErrorCode code, const std::string& reason) const;

    const ClientOptions& options_;
    boost::asio::io_context io_;
    boost::asio::ip::tcp::socket socket_;
    std::mutex ending_;  ///< of close() and shut_down()
    boost::beast::flat_buffer buffer_;
    std::optional<boost::beast::http::response_parser<boost::beast::http::buffer_body>> parser_;
};

}  // namespace annals::http_client
