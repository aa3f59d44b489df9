// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/http_door/http_door.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <future>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "annals/runtime/thread.hpp"
#include "annals/telemetry/logging.hpp"

#include "append_routes.hpp"
#include "consumer_routes.hpp"
#include "description.hpp"
#include "desk.hpp"
#include "entity_routes.hpp"
#include "entity_type_routes.hpp"
#include "group_member_routes.hpp"
#include "group_routes.hpp"
#include "life_routes.hpp"
#include "list_routes.hpp"
#include "namespace_routes.hpp"
#include "operations.hpp"
#include "read_routes.hpp"
#include "request_guard.hpp"
#include "router.hpp"
#include "session.hpp"
#include "snapshot_routes.hpp"
#include "socket_route.hpp"

namespace annals::http_door {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using detail::Session;

/// After an accept that failed for want of files or memory.
constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr std::chrono::milliseconds kTickMin{5};
constexpr std::chrono::milliseconds kTickMax{500};

std::string_view remedy_of(std::string_view reason) {
    return reason == "Address already in use"
               ? "Stop what listens there, or choose another address with --http."
               : "Give an address of this machine with --http.";
}

Error cannot_listen(const HttpDoorOptions& options, const std::string& reason) {
    const std::string address = options.host + ":" + std::to_string(options.port);
    return Error(ErrorCode::kIoError, "HTTP cannot listen on " + address + ": " + reason)
        .with("remedy", remedy_of(reason))
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
        duration_ = metrics->histogram(
            "annals_http_duration_seconds",
            "From a request to the beginning of its answer; what waits on purpose (`wait`) "
            "included.",
            telemetry::duration_bounds()
        );
        connections_ = metrics->gauge("annals_http_connections", "Connections that are open.");
        refused_ = metrics->counter(
            "annals_http_connections_refused_total", "Connections that were more than allowed."
        );
    }

    void count_answer(int status, double seconds) const {
        duration_.observe(seconds);
        const auto index = static_cast<std::size_t>(std::clamp(status / 100, 1, 5) - 1);
        answers_[index].add();
    }
    void count_refused() const { refused_.add(); }
    void set_connections(std::size_t count) const { connections_.set(static_cast<double>(count)); }

  private:
    std::array<telemetry::Counter, 5> answers_;
    telemetry::Histogram duration_;
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
          desk_(io_, options_),
          context_{
              options_,
              router_,
              desk_.mailbox,
              "annals/" + handlers_.version.version,
              [this](int status, double seconds) { metrics_.count_answer(status, seconds); },
              [this](Session& session) { remove(session); },
              [this] { return std::this_thread::get_id() == thread_id_; },
          },
          acceptor_(io_),
          ticker_(io_) {
        router_.set_guard([this](const detail::Request& request) {
            return detail::refused_at_the_door(request, options_.origins);
        });
        detail::add_operations_routes(router_, desk_, handlers_);
        detail::add_append_routes(router_, desk_);
        detail::add_read_routes(router_, desk_);
        detail::add_list_routes(router_, desk_);
        detail::add_life_routes(router_, desk_);
        detail::add_snapshot_routes(router_, desk_);
        detail::add_namespace_routes(router_, desk_);
        detail::add_entity_routes(router_, desk_);
        detail::add_entity_type_routes(router_, desk_);
        detail::add_consumer_routes(router_, desk_);
        detail::add_group_routes(router_, desk_);
        detail::add_group_member_routes(router_, desk_);
        detail::add_socket_route(router_, desk_);
        detail::add_description_routes(router_, handlers_.version.version);
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
        accept();
        tick();
        std::promise<void> is_running;
        thread_ = runtime::Thread("http", [this, &is_running] {
            thread_id_ = std::this_thread::get_id();
            is_running.set_value();
            io_.run();
        });
        is_running.get_future().wait();
    }

    [[nodiscard]] int port() const { return port_; }

    void open_store(
        api::EventStore& store,
        api::ConsumerStore* consumers,
        api::ConsumerGroups* groups,
        api::EntityStore* entities
    ) {
        desk_.gate.open(store, consumers, groups, entities);
    }

    void close_store() {
        desk_.gate.close();
        desk_.mailbox.call([this] {
            for (const auto& session : snapshot()) session->end_feed();
            const std::set<detail::Drainable*> waiting = desk_.waiting;
            for (detail::Drainable* one : waiting) one->drain();
        });
        desk_.gate.wait_until_empty();
        desk_.members.end_all();
    }

    Status stop(std::chrono::milliseconds timeout) {
        if (!thread_.is_running()) return ok();
        desk_.mailbox.call([this] {
            is_stopping_ = true;
            boost::system::error_code ignored;
            acceptor_.close(ignored);
            for (const auto& session : snapshot()) session->drain();
            tell_if_empty();
        });
        const auto until = std::chrono::steady_clock::now() + timeout;
        close_store();
        bool is_drained = wait_until_empty(until);
        if (!is_drained) {
            std::promise<bool> is_none_cut;
            desk_.mailbox.call([this, &is_none_cut] {
                const auto sessions = snapshot();
                is_none_cut.set_value(std::none_of(
                    sessions.begin(),
                    sessions.end(),
                    [](const auto& session) { return session->is_busy(); }
                ));
                for (const auto& session : sessions) session->close();
            });
            is_drained = is_none_cut.get_future().get();
            wait_until_empty(std::chrono::steady_clock::now() + std::chrono::seconds(1));
        }
        desk_.readers.stop();
        desk_.waiters.stop();
        desk_.streamers.stop();
        desk_.mailbox.call([this] { work_.reset(); });
        desk_.mailbox.call([this] { io_.stop(); });
        thread_.join();
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

    void accept() {
        acceptor_.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
            if (is_stopping_) return;
            if (!error) {
                serve(std::move(socket));
                accept();
                return;
            }
            telemetry::log_warning("http accept failed", {{"reason", error.message()}});
            pause_.expires_after(kAcceptPause);
            pause_.async_wait([this](const boost::system::error_code&) {
                if (!is_stopping_) accept();
            });
        });
    }

    void serve(tcp::socket socket) {
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        const auto session = std::make_shared<Session>(std::move(socket), context_);
        sessions_.emplace(session.get(), session);
        metrics_.set_connections(sessions_.size());
        if (sessions_.size() > options_.connections_max) {
            metrics_.count_refused();
            session->refuse();
        } else {
            session->start();
        }
    }

    void remove(Session& session) {
        sessions_.erase(&session);
        metrics_.set_connections(sessions_.size());
        tell_if_empty();
    }

    void tell_if_empty() {
        if (!is_stopping_ || !sessions_.empty()) return;
        const std::lock_guard lock(mutex_);
        is_empty_ = true;
        emptied_.notify_all();
    }

    bool wait_until_empty(std::chrono::steady_clock::time_point until) {
        std::unique_lock lock(mutex_);
        return emptied_.wait_until(lock, until, [this] { return is_empty_; });
    }

    std::vector<std::shared_ptr<Session>> snapshot() const {
        std::vector<std::shared_ptr<Session>> all;
        all.reserve(sessions_.size());
        for (const auto& [key, session] : sessions_) all.push_back(session);
        return all;
    }

    /// Looks after time-outs: one timer for all connections instead of one for each operation.
    void tick() {
        ticker_.expires_after(tick_interval());
        ticker_.async_wait([this](const boost::system::error_code& error) {
            if (error) return;
            const auto now = std::chrono::steady_clock::now();
            for (const auto& session : snapshot()) session->tick(now);
            tick();
        });
    }

    std::chrono::milliseconds tick_interval() const {
        const auto shortest = std::min(
            {options_.idle_timeout,
             options_.request_timeout,
             options_.write_timeout,
             options_.heartbeat}
        );
        return std::clamp(shortest / 4, kTickMin, kTickMax);
    }

    const HttpDoorOptions options_;
    const HttpHandlers handlers_;
    const DoorMetrics metrics_;
    detail::Router router_;
    asio::io_context io_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(io_);
    detail::Desk desk_;
    detail::SessionContext context_;
    tcp::acceptor acceptor_;
    asio::steady_timer ticker_;
    asio::steady_timer pause_{io_};
    int port_ = 0;
    std::thread::id thread_id_;
    bool is_stopping_ = false;  ///< the door's thread only, as the next
    /// Shared with the operations that are under way.
    std::unordered_map<Session*, std::shared_ptr<Session>> sessions_;
    runtime::Thread thread_;

    std::mutex mutex_;
    std::condition_variable emptied_;
    bool is_empty_ = false;
};

Result<std::unique_ptr<HttpDoor>> HttpDoor::start(HttpDoorOptions options, HttpHandlers handlers) {
    auto server = std::make_unique<Server>(std::move(options), std::move(handlers));
    ANNALS_CHECK(server->listen());
    server->run();
    return std::unique_ptr<HttpDoor>(new HttpDoor(std::move(server)));
}

HttpDoor::HttpDoor(std::unique_ptr<Server> server) : server_(std::move(server)) {}

void HttpDoor::open_store(
    api::EventStore& store,
    api::ConsumerStore* consumers,
    api::ConsumerGroups* groups,
    api::EntityStore* entities
) {
    server_->open_store(store, consumers, groups, entities);
}

void HttpDoor::close_store() { server_->close_store(); }

HttpDoor::~HttpDoor() { (void)stop(std::chrono::seconds(1)); }

int HttpDoor::port() const { return server_->port(); }

Status HttpDoor::stop(std::chrono::milliseconds timeout) { return server_->stop(timeout); }

}  // namespace annals::http_door
