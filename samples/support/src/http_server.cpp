// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "samples/http_server.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <spdlog/spdlog.h>

namespace samples {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

/// How long an answer may take to go out.
constexpr std::chrono::seconds kWriteMax{30};
/// How long a client may go on sending after an answer that ends its connection.
constexpr std::chrono::seconds kDrainMax{2};
constexpr std::size_t kDrainBytes = 16'384;

std::string lower_case(beast::string_view text) {
    std::string lower(text.data(), text.size());
    for (char& sign : lower) {
        if (sign >= 'A' && sign <= 'Z') sign = static_cast<char>(sign - 'A' + 'a');
    }
    return lower;
}

/// Nothing: the target cannot be read.
std::optional<HttpRequest> request_of(http::request<http::string_body>&& from) {
    const auto target = from.target();
    auto parsed = parse_target({target.data(), target.size()});
    if (!parsed) return std::nullopt;
    HttpRequest request;
    const auto method = from.method_string();
    request.method.assign(method.data(), method.size());
    request.target = std::move(*parsed);
    for (const auto& field : from) {
        const auto value = field.value();
        request.fields.emplace(
            lower_case(field.name_string()), std::string(value.data(), value.size())
        );
    }
    request.body = std::move(from.body());
    return request;
}

template <typename Message>
void fill(Message& message, const HttpAnswer& answer) {
    message.set(http::field::server, "annals-sample");
    message.set(http::field::content_type, answer.content_type);
    for (const auto& [name, value] : answer.fields) message.set(name, value);
}

}  // namespace

/// One thread for all sockets; handlers run in a pool. Sessions and their set belong to the thread.
class HttpServer::Impl {
  public:
    Impl(const Address& address, Handle handle, const HttpLimits& limits)
        : handle_(std::move(handle)),
          limits_(limits),
          acceptor_(acceptor_at(sockets_, address)),
          handlers_(limits.threads) {
        accept();
        thread_ = std::jthread([this] { sockets_.run(); });
    }
    ~Impl() { stop({}); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    [[nodiscard]] std::uint16_t port() const { return acceptor_port_; }

    void stop(std::chrono::milliseconds patience) {
        if (!thread_.joinable()) return;
        asio::post(sockets_, [this] { begin_to_stop(); });
        {
            std::unique_lock lock(mutex_);
            emptied_.wait_for(lock, patience, [this] { return is_empty_; });
        }
        sockets_.stop();
        thread_.join();
        handlers_.join();
        sessions_.clear();
    }

  private:
    class Session;

    /// Listens; where it cannot, says on which address and why, without Boost's places.
    static tcp::acceptor acceptor_at(asio::io_context& sockets, const Address& address) {
        try {
            return tcp::acceptor(sockets, endpoint_of(sockets, address));
        } catch (const boost::system::system_error& error) {
            throw std::system_error(
                std::error_code(error.code()),
                "cannot listen for HTTP on " + address.to_string() +
                    " (--http; another port, or 0 for a free one)"
            );
        }
    }

    static tcp::endpoint endpoint_of(asio::io_context& sockets, const Address& address) {
        tcp::resolver resolver(sockets);
        return *resolver.resolve(address.host, std::to_string(address.port)).begin();
    }

    void accept();
    void begin_to_stop();
    void forget(const std::shared_ptr<Session>& session);

    const Handle handle_;
    const HttpLimits limits_;
    asio::io_context sockets_{1};
    // requests that handlers have are no work of the sockets: without it the thread could end first
    const asio::executor_work_guard<asio::io_context::executor_type> keeps_running_{
        sockets_.get_executor()
    };
    tcp::acceptor acceptor_;
    const std::uint16_t acceptor_port_ = acceptor_.local_endpoint().port();
    asio::thread_pool handlers_;
    std::set<std::shared_ptr<Session>> sessions_;
    bool is_stopping_ = false;
    std::mutex mutex_;
    std::condition_variable emptied_;
    bool is_empty_ = false;
    std::jthread thread_;
};

/// One connection: read, handle, write, and again.
class HttpServer::Impl::Session : public std::enable_shared_from_this<Session> {
  public:
    Session(Impl& server, tcp::socket socket) : server_(server), stream_(std::move(socket)) {}

    void read() {
        is_idle_ = true;
        parser_.emplace();
        parser_->header_limit(server_.limits_.header_bytes_max);
        parser_->body_limit(server_.limits_.body_bytes_max);
        stream_.expires_after(server_.limits_.idle_max);
        http::async_read(
            stream_,
            buffer_,
            *parser_,
            [self = shared_from_this()](const beast::error_code& error, std::size_t) {
                self->take(error);
            }
        );
    }

    /// Closes the connection unless a request was read and waits for its answer.
    void end_if_idle() {
        if (is_idle_) close();
    }

  private:
    void take(const beast::error_code& error) {
        is_idle_ = false;
        stream_.expires_never();
        if (!error) {
            const bool is_head = parser_->get().method() == http::verb::head;
            const bool keeps = parser_->get().keep_alive();
            auto request = request_of(parser_->release());
            if (!request) {
                write(problem(400, "invalid_request", "the target cannot be read"), false, false);
                return;
            }
            asio::post(
                server_.handlers_,
                [self = shared_from_this(), asked = std::move(*request), is_head, keeps] {
                    HttpAnswer answer = self->server_.handle_(asked);
                    asio::post(
                        self->server_.sockets_,
                        [self, given = std::move(answer), is_head, keeps] {
                            self->write(given, is_head, keeps);
                        }
                    );
                }
            );
            return;
        }
        if (error == http::error::body_limit) {
            const std::string limit = std::to_string(server_.limits_.body_bytes_max);
            write(
                problem(413, "too_large", "bodies have at most " + limit + " bytes"), false, false
            );
        } else if (error == http::error::header_limit) {
            write(problem(431, "too_large", "the header is too large"), false, false);
        } else if (error.category() == make_error_code(http::error::bad_target).category() &&
                   error != http::error::end_of_stream && error != http::error::partial_message) {
            write(problem(400, "invalid_request", error.message()), false, false);
        } else {
            close();
        }
    }

    void write(const HttpAnswer& answer, bool is_head, bool keeps) {
        const bool keeps_on = keeps && !server_.is_stopping_;
        const auto status = http::int_to_status(answer.status);
        if (is_head) {
            http::response<http::empty_body> message(status, 11);
            fill(message, answer);
            message.content_length(answer.body.size());
            message.keep_alive(keeps_on);
            send(std::move(message), keeps_on);
            return;
        }
        http::response<http::string_body> message(status, 11);
        fill(message, answer);
        message.body() = answer.body;
        message.prepare_payload();
        message.keep_alive(keeps_on);
        send(std::move(message), keeps_on);
    }

    template <typename Message>
    void send(Message message, bool keeps) {
        // lives until it is written
        const auto kept = std::make_shared<Message>(std::move(message));
        stream_.expires_after(kWriteMax);
        http::async_write(
            stream_,
            *kept,
            [self = shared_from_this(), kept, keeps](const beast::error_code& error, std::size_t) {
                if (error || self->server_.is_stopping_) {
                    self->close();
                } else if (keeps) {
                    self->read();
                } else {
                    beast::error_code ignored;
                    self->stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
                    self->buffer_.clear();
                    self->stream_.expires_after(kDrainMax);
                    self->drain();
                }
            }
        );
    }

    /// Reads what still comes and forgets it: closing with unread bytes would take the answer away
    /// from a client that is still sending.
    void drain() {
        is_idle_ = true;
        stream_.async_read_some(
            buffer_.prepare(kDrainBytes),
            [self = shared_from_this()](const beast::error_code& error, std::size_t) {
                if (error) {
                    self->close();
                } else {
                    self->drain();
                }
            }
        );
    }

    void close() {
        beast::error_code ignored;
        stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
        stream_.close();
        server_.forget(shared_from_this());
    }

    Impl& server_;
    beast::tcp_stream stream_;
    beast::flat_buffer buffer_;
    std::optional<http::request_parser<http::string_body>> parser_;
    bool is_idle_ = false;
};

void HttpServer::Impl::accept() {
    acceptor_.async_accept([this](const beast::error_code& error, tcp::socket socket) {
        if (error == asio::error::operation_aborted || is_stopping_) return;
        if (error) {
            spdlog::warn("a connection could not be taken: {}", error.message());
        } else if (sessions_.size() < limits_.connections_max) {
            beast::error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            auto session = std::make_shared<Session>(*this, std::move(socket));
            sessions_.insert(session);
            session->read();
        }
        accept();
    });
}

void HttpServer::Impl::begin_to_stop() {
    is_stopping_ = true;
    beast::error_code ignored;
    acceptor_.close(ignored);
    const auto open = sessions_;
    for (const auto& session : open) session->end_if_idle();
    forget(nullptr);
}

void HttpServer::Impl::forget(const std::shared_ptr<Session>& session) {
    sessions_.erase(session);
    if (!is_stopping_ || !sessions_.empty()) return;
    const std::lock_guard lock(mutex_);
    is_empty_ = true;
    emptied_.notify_all();
}

HttpServer::HttpServer(const Address& address, Handle handle, const HttpLimits& limits)
    : impl_(std::make_unique<Impl>(address, std::move(handle), limits)) {}
HttpServer::~HttpServer() = default;
std::uint16_t HttpServer::port() const { return impl_->port(); }
void HttpServer::stop(std::chrono::milliseconds patience) { impl_->stop(patience); }

}  // namespace samples
