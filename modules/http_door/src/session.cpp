// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "session.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <string>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

namespace annals::http_door::detail {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

using Parser = http::request_parser<http::string_body>;
using ErrorCodeOf = boost::system::error_code;

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kReadBytes = 4'096;
constexpr std::size_t kLingerBytesMax = 256u << 10u;
constexpr std::chrono::milliseconds kLingerTimeout{1'000};

/// "Fri, 21 Nov 2025 13:00:00 GMT"
std::string http_date() {
    std::array<char, 32> text{};
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    const std::size_t size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %T GMT", &utc);
    return {text.data(), size};
}

/// What the other side is told about bytes that are no request; nothing when nobody listens any
/// more.
std::optional<Response> answer_to(const ErrorCodeOf& error, const HttpDoorOptions& options) {
    if (error == http::error::end_of_stream || error == http::error::partial_message) return {};
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        const std::string max = std::to_string(options.header_bytes_max);
        return problem(
            431, "a request's line and header fields have at most " + max + " bytes", ""
        );
    }
    if (error == http::error::body_limit) {
        const std::string max = std::to_string(options.body_bytes_max);
        return problem(413, "a request's content has at most " + max + " bytes", "");
    }
    if (error == http::error::bad_version) return problem(505, "this door speaks HTTP/1.1", "");
    if (error.category() == make_error_code(http::error::bad_method).category()) {
        return problem(400, "this is not an HTTP/1.1 request: " + error.message(), "");
    }
    return {};
}

Response answer_request(const Parser::value_type& message, const Router& router) {
    if (message.version() >= 11 && message[http::field::host].empty()) {
        return problem(400, "HTTP/1.1 requires the header field Host", "");
    }
    auto target = parse_target(message.target());
    if (!target) return problem(400, "the request's target is not a path", "");
    Request request;
    request.method = message.method_string();
    request.path = std::move(target->path);
    request.query = std::move(target->query);
    request.body = message.body();
    return router.answer(request);
}

template <typename Body>
http::response<Body> make_message(const Response& response, bool keeps_alive, unsigned version) {
    http::response<Body> message;
    message.version(version);
    message.result(static_cast<unsigned>(response.status));
    message.reason(status_phrase(response.status));
    message.set(http::field::date, http_date());
    message.set(http::field::content_type, response.content_type);
    message.set(http::field::cache_control, "no-store");
    message.set("X-Content-Type-Options", "nosniff");
    for (const Header& header : response.headers) message.insert(header.name, header.value);
    message.keep_alive(keeps_alive);
    message.content_length(response.body.size());
    return message;
}

}  // namespace

Session::Session(asio::ip::tcp::socket socket, const SessionContext& context)
    : stream_(std::move(socket)),
      buffer_(std::max(context.options.header_bytes_max, kReadBytes) + kReadBytes),
      context_(context),
      request_timer_(stream_.get_executor()) {}

asio::awaitable<void> Session::run() {
    while (!is_draining_) {
        if (buffer_.size() == 0) {
            const Step waited = co_await wait_for_request();
            if (waited == Step::kEnd) break;
        }
        const Step served = co_await serve_one();
        if (served == Step::kEnd) break;
    }
    ErrorCodeOf ignored;
    stream_.socket().close(ignored);
}

asio::awaitable<void> Session::refuse() {
    Response response = problem(503, "the door has as many connections as it takes", "");
    response.headers.push_back({"Retry-After", "1"});
    (void)co_await send(std::move(response), false, false, 11);
    ErrorCodeOf ignored;
    stream_.socket().close(ignored);
}

void Session::drain() {
    asio::post(stream_.get_executor(), [self = shared_from_this()] {
        self->is_draining_ = true;
        if (self->is_idle_) self->stream_.cancel();
    });
}

void Session::close() {
    asio::post(stream_.get_executor(), [self = shared_from_this()] {
        self->is_draining_ = true;
        self->stream_.close();
    });
}

asio::awaitable<Session::Step> Session::wait_for_request() {
    is_idle_ = true;
    stream_.expires_after(context_.options.idle_timeout);
    const auto space = buffer_.prepare(kReadBytes);
    const auto [error, bytes] = co_await stream_.async_read_some(space, kAsTuple);
    is_idle_ = false;
    if (error) co_return Step::kEnd;
    buffer_.commit(bytes);
    co_return Step::kGoOn;
}

void Session::start_request_timer() {
    request_timer_.expires_after(context_.options.request_timeout);
    request_timer_.async_wait([self = shared_from_this(), request = requests_](ErrorCodeOf error) {
        if (error || request != self->requests_) return;
        self->is_too_late_ = true;
        self->stream_.cancel();
    });
}

asio::awaitable<Session::Step> Session::serve_one() {
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(context_.options.header_bytes_max));
    parser.body_limit(context_.options.body_bytes_max);
    stream_.expires_never();
    start_request_timer();
    const auto [error, bytes] = co_await http::async_read(stream_, buffer_, parser, kAsTuple);
    ++requests_;
    request_timer_.cancel();
    if (error) {
        auto answer = answer_to(error, context_.options);
        if (is_too_late_) answer = problem(408, "the request did not arrive in time", "");
        if (!answer) co_return Step::kEnd;
        (void)co_await send(std::move(*answer), false, false, 11);
        co_return Step::kEnd;
    }
    const auto& message = parser.get();
    const bool is_head = message.method() == http::verb::head;
    const bool keeps_alive = message.keep_alive() && !is_draining_;
    const unsigned version = message.version() >= 11 ? 11 : 10;
    Response response = answer_request(message, context_.router);
    co_return co_await send(std::move(response), is_head, keeps_alive, version);
}

asio::awaitable<Session::Step> Session::send(
    Response response, bool is_head, bool keeps_alive, unsigned version
) {
    context_.on_answer(response.status);
    stream_.expires_after(context_.options.write_timeout);
    ErrorCodeOf failed;
    if (is_head) {
        auto message = make_message<http::empty_body>(response, keeps_alive, version);
        message.set(http::field::server, context_.server_name);
        const auto [error, bytes] = co_await http::async_write(stream_, message, kAsTuple);
        failed = error;
    } else {
        auto message = make_message<http::string_body>(response, keeps_alive, version);
        message.set(http::field::server, context_.server_name);
        message.body() = std::move(response.body);
        const auto [error, bytes] = co_await http::async_write(stream_, message, kAsTuple);
        failed = error;
    }
    if (failed) co_return Step::kEnd;
    if (keeps_alive) co_return Step::kGoOn;
    co_await linger();
    co_return Step::kEnd;
}

asio::awaitable<void> Session::linger() {
    ErrorCodeOf failed;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, failed);
    if (failed) co_return;
    // Unread bytes would make the system reset the connection, which can overtake the answer.
    stream_.expires_after(kLingerTimeout);
    std::array<char, kReadBytes> ignored{};
    const auto space = asio::buffer(ignored);
    for (std::size_t total = 0; total < kLingerBytesMax;) {
        const auto [error, bytes] = co_await stream_.async_read_some(space, kAsTuple);
        if (error) break;
        total += bytes;
    }
}

}  // namespace annals::http_door::detail
