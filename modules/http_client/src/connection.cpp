// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <array>

#include <boost/asio/connect.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "annals/model/names.hpp"

namespace annals::http_client {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::size_t kPieceBytes = 16u << 10u;

/// A machine that is gone without a word is noticed within a minute, also by who only waits.
void watch_peer(asio::ip::tcp::socket& socket) {
    using Idle = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPIDLE>;
    using Between = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPINTVL>;
    using Tries = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPCNT>;
    using Unheard = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_USER_TIMEOUT>;
    boost::system::error_code ignored;
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
    socket.set_option(Idle(30), ignored);
    socket.set_option(Between(10), ignored);
    socket.set_option(Tries(3), ignored);
    socket.set_option(Unheard(60'000), ignored);
}

}  // namespace

Status check_header(std::string_view value, std::string_view field) {
    const bool is_plain = std::none_of(value.begin(), value.end(), [](char c) {
        return c == '\r' || c == '\n' || c == '\0';
    });
    if (is_plain) return ok();
    const std::string_view rule = "without line breaks and NUL: it is sent as a header field";
    return Error(
               ErrorCode::kInvalidArgument,
               std::string(field) + " is not acceptable: it must be " + std::string(rule)
    )
        .with("field", field)
        .with("value", model::shown(value))
        .with("rule", rule);
}

Error Connection::broken(ErrorCode code, const std::string& reason) const {
    const std::string address = options_.host + ":" + std::to_string(options_.port);
    return Error(
               code,
               "the connection to " + address + " failed: " + reason +
                   "; check that the server runs, and try again"
    )
        .with("address", address)
        .with("reason", reason);
}

Status Connection::connect() {
    boost::system::error_code error;
    asio::ip::tcp::resolver resolver(io_);
    const auto found = resolver.resolve(options_.host, std::to_string(options_.port), error);
    if (!error) asio::connect(socket_, found, error);
    if (error) return broken(ErrorCode::kUnavailable, error.message());
    socket_.set_option(asio::ip::tcp::no_delay(true), error);
    watch_peer(socket_);
    return ok();
}

Status Connection::send(const HttpRequest& request) {
    for (const auto& [name, value] : request.headers) ANNALS_CHECK(check_header(value, name));
    http::request<http::string_body> message;
    message.version(11);
    message.method_string(request.method);
    message.target(request.target);
    message.set(http::field::host, options_.host);
    for (const auto& [name, value] : request.headers) message.set(name, value);
    message.body() = request.body;
    message.prepare_payload();
    boost::system::error_code error;
    http::write(socket_, message, error);
    if (!error) return ok();
    close();
    return broken(ErrorCode::kUnavailable, error.message());
}

Result<HttpAnswer> Connection::ask(const HttpRequest& request) {
    ANNALS_CHECK(send(request));
    http::response_parser<http::string_body> parser;
    parser.body_limit(boost::none);
    boost::system::error_code error;
    http::read(socket_, buffer_, parser, error);
    if (error) {
        close();
        return broken(ErrorCode::kOutcomeUnknown, error.message());
    }
    if (!parser.get().keep_alive()) close();
    auto message = parser.release();
    return HttpAnswer{
        static_cast<int>(message.result_int()), std::move(message.body()), std::move(message.base())
    };
}

Result<int> Connection::open_stream(const HttpRequest& request) {
    ANNALS_CHECK(send(request));
    parser_.emplace();
    parser_->body_limit(boost::none);
    boost::system::error_code error;
    http::read_header(socket_, buffer_, *parser_, error);
    if (error) return broken(ErrorCode::kUnavailable, error.message());
    return static_cast<int>(parser_->get().result_int());
}

Result<std::string> Connection::read_piece() {
    std::array<char, kPieceBytes> piece{};
    std::size_t size = 0;
    while (size == 0 && !parser_->is_done()) {
        parser_->get().body().data = piece.data();
        parser_->get().body().size = piece.size();
        boost::system::error_code error;
        http::read_some(socket_, buffer_, *parser_, error);
        size = piece.size() - parser_->get().body().size;
        if (error && error != http::error::need_buffer)
            return broken(ErrorCode::kUnavailable, error.message());
    }
    return std::string(piece.data(), size);
}

Result<std::string> Connection::read_rest() {
    std::string all;
    while (true) {
        ANNALS_TRY(const std::string piece, read_piece());
        if (piece.empty()) return all;
        all += piece;
    }
}

void Connection::close() {
    const std::lock_guard lock(ending_);
    boost::system::error_code ignored;
    socket_.close(ignored);
}

void Connection::shut_down() {
    const std::lock_guard lock(ending_);
    boost::system::error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
}

}  // namespace annals::http_client
