// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/http_door/http_door.hpp"

#include <pthread.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "annals/telemetry/logging.hpp"

#include "operations.hpp"
#include "router.hpp"
#include "session.hpp"

namespace annals::http_door {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using detail::Session;

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
/// After an accept that failed for want of files or memory.
constexpr std::chrono::milliseconds kAcceptPause{100};

Error cannot_listen(const HttpDoorOptions& options, const std::string& reason) {
    const std::string address = options.host + ":" + std::to_string(options.port);
    return Error(
               ErrorCode::kIoError,
               "HTTP cannot listen on " + address + ": " + reason +
                   "; stop what listens there, or choose another address with --http"
    )
        .with("address", address)
        .with("reason", reason);
}

/// What /metrics says about the door itself.
class DoorMetrics {
  public:
    explicit DoorMetrics(telemetry::Metrics* metrics) {
        if (metrics == nullptr) return;
        for (std::size_t i = 0; i < answers_.size(); ++i) {
            answers_[i] = metrics->counter(
                "annals_http_answers_total",
                "Answers by class of status.",
                {{"code", std::to_string(i + 1) + "xx"}}
            );
        }
        connections_ = metrics->gauge("annals_http_connections", "Connections that are open.");
        refused_ = metrics->counter(
            "annals_http_connections_refused_total", "Connections that were more than allowed."
        );
    }

    void count_answer(int status) const {
        const auto index = static_cast<std::size_t>(std::clamp(status / 100, 1, 5) - 1);
        answers_[index].add();
    }
    void count_refused() const { refused_.add(); }
    void set_connections(std::size_t count) const { connections_.set(static_cast<double>(count)); }

  private:
    std::array<telemetry::Counter, 5> answers_;
    telemetry::Gauge connections_;
    telemetry::Counter refused_;
};

}  // namespace

class HttpDoor::Server {
  public:
    Server(HttpDoorOptions options, HttpHandlers handlers)
        : options_(std::move(options)),
          handlers_(std::move(handlers)),
          metrics_(options_.metrics),
          context_{
              options_,
              router_,
              "annals/" + handlers_.version.version,
              [this](int status) { metrics_.count_answer(status); }
          },
          acceptor_(asio::make_strand(io_)) {
        detail::add_operations_routes(router_, handlers_);
    }

    Status listen() {
        boost::system::error_code error;
        tcp::resolver resolver(io_);
        const auto found = resolver.resolve(
            options_.host, std::to_string(options_.port), tcp::resolver::passive, error
        );
        if (error) return cannot_listen(options_, error.message());
        for (const auto& entry : found) {
            error = open(entry.endpoint());
            if (!error) break;
        }
        if (error) return cannot_listen(options_, error.message());
        port_ = acceptor_.local_endpoint(error).port();
        return ok();
    }

    void run() {
        asio::co_spawn(acceptor_.get_executor(), accept(), [](const std::exception_ptr& error) {
            if (error) telemetry::log_error("http accept ended", {{"why", "exception"}});
        });
        for (std::size_t i = 0; i < std::max<std::size_t>(1, options_.threads); ++i) {
            threads_.emplace_back([this] { io_.run(); });
            const std::string name = "http-" + std::to_string(i);
            ::pthread_setname_np(threads_.back().native_handle(), name.c_str());
        }
    }

    [[nodiscard]] int port() const { return port_; }

    Status stop(std::chrono::milliseconds timeout) {
        if (threads_.empty()) return ok();
        is_stopping_ = true;
        asio::post(acceptor_.get_executor(), [this] {
            boost::system::error_code ignored;
            acceptor_.close(ignored);
        });
        for (const auto& session : sessions()) session->drain();
        const bool is_drained = wait_until_empty(timeout);
        if (!is_drained) {
            for (const auto& session : sessions()) session->close();
            wait_until_empty(std::chrono::seconds(1));
        }
        work_.reset();
        io_.stop();
        for (std::thread& thread : threads_) thread.join();
        threads_.clear();
        if (is_drained) return ok();
        return Error(
            ErrorCode::kDeadlineExceeded, "HTTP connections were cut: they took too long to end"
        );
    }

  private:
    boost::system::error_code open(const tcp::endpoint& endpoint) {
        boost::system::error_code error;
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        acceptor_.open(endpoint.protocol(), error);
        if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
        if (!error) acceptor_.bind(endpoint, error);
        if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
        return error;
    }

    asio::awaitable<void> accept() {
        asio::steady_timer pause(acceptor_.get_executor());
        while (!is_stopping_) {
            // each connection has its own strand
            const auto strand = asio::make_strand(io_);
            auto [error, socket] = co_await acceptor_.async_accept(strand, kAsTuple);
            if (is_stopping_) break;
            if (error) {
                telemetry::log_warning("http accept failed", {{"reason", error.message()}});
                pause.expires_after(kAcceptPause);
                (void)co_await pause.async_wait(kAsTuple);
                continue;
            }
            serve(std::move(socket));
        }
    }

    void serve(tcp::socket socket) {
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        const asio::any_io_executor strand = socket.get_executor();
        const auto session = std::make_shared<Session>(std::move(socket), context_);
        const bool is_one_too_many = add(session) > options_.connections_max;
        if (is_one_too_many) metrics_.count_refused();
        if (is_stopping_) session->drain();  // stop() may have looked before it was added
        asio::co_spawn(
            strand,
            is_one_too_many ? session->refuse() : session->run(),
            [this, session](const std::exception_ptr& error) {
                if (error) telemetry::log_error("http connection ended", {{"why", "exception"}});
                remove(session);
            }
        );
    }

    std::size_t add(const std::shared_ptr<Session>& session) {
        const std::lock_guard lock(mutex_);
        sessions_.insert(session);
        metrics_.set_connections(sessions_.size());
        return sessions_.size();
    }

    void remove(const std::shared_ptr<Session>& session) {
        const std::lock_guard lock(mutex_);
        sessions_.erase(session);
        metrics_.set_connections(sessions_.size());
        if (sessions_.empty()) emptied_.notify_all();
    }

    std::vector<std::shared_ptr<Session>> sessions() {
        const std::lock_guard lock(mutex_);
        return {sessions_.begin(), sessions_.end()};
    }

    bool wait_until_empty(std::chrono::milliseconds timeout) {
        std::unique_lock lock(mutex_);
        return emptied_.wait_for(lock, timeout, [this] { return sessions_.empty(); });
    }

    const HttpDoorOptions options_;
    const HttpHandlers handlers_;
    const DoorMetrics metrics_;
    detail::Router router_;
    const detail::SessionContext context_;
    asio::io_context io_;
    asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(io_);
    tcp::acceptor acceptor_;
    std::atomic<bool> is_stopping_ = false;
    int port_ = 0;
    std::vector<std::thread> threads_;

    std::mutex mutex_;
    std::condition_variable emptied_;
    /// Shared with the coroutines that serve them.
    std::set<std::shared_ptr<Session>> sessions_;
};

Result<std::unique_ptr<HttpDoor>> HttpDoor::start(HttpDoorOptions options, HttpHandlers handlers) {
    auto server = std::make_unique<Server>(std::move(options), std::move(handlers));
    ANNALS_CHECK(server->listen());
    server->run();
    return std::unique_ptr<HttpDoor>(new HttpDoor(std::move(server)));
}

HttpDoor::HttpDoor(std::unique_ptr<Server> server) : server_(std::move(server)) {}

HttpDoor::~HttpDoor() { (void)stop(std::chrono::seconds(1)); }

int HttpDoor::port() const { return server_->port(); }

Status HttpDoor::stop(std::chrono::milliseconds timeout) { return server_->stop(timeout); }

}  // namespace annals::http_door
