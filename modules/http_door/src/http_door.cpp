// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/http_door/http_door.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "annals/telemetry/logging.hpp"

#include "door_metrics.hpp"
#include "lane.hpp"

namespace annals::http_door {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using detail::Lane;

/// After an accept that failed for want of files or memory.
constexpr std::chrono::milliseconds kAcceptPause{100};
/// More would rarely have something to do: the log takes its own.
constexpr std::size_t kLanesMax = 4;

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

std::size_t lanes_of(const HttpDoorOptions& options) {
    if (options.polling_threads != 0) return options.polling_threads;
    return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kLanesMax);
}

}  // namespace

/// Listens, and deals connections out to the lanes. Accepting belongs to the first lane's thread.
class HttpDoor::Server {
  public:
    Server(HttpDoorOptions options, HttpHandlers handlers)
        : options_(std::move(options)),
          handlers_(std::move(handlers)),
          metrics_(options_.metrics),
          backroom_(options_),
          lanes_(make_lanes()),
          acceptor_(lanes_.front()->io()),
          pause_(lanes_.front()->io()) {}

    Status listen() {
        boost::system::error_code error;
        tcp::resolver resolver(lanes_.front()->io());
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
        // The first last: from then on connections are dealt out.
        for (std::size_t i = lanes_.size(); i > 0; --i) {
            lanes_[i - 1]->run("http-" + std::to_string(i - 1));
        }
        is_running_ = true;
    }

    [[nodiscard]] int port() const { return port_; }

    void open_store(
        api::EventStore& store,
        api::ConsumerStore* consumers,
        api::ConsumerGroups* groups,
        api::EntityStore* entities
    ) {
        backroom_.gate.open(store, consumers, groups, entities);
    }

    void close_store() {
        backroom_.gate.close();
        for (const auto& lane : lanes_) lane->end_feeds();
        backroom_.gate.wait_until_empty();
        backroom_.members.end_all();
    }

    Status stop(std::chrono::milliseconds timeout) {
        if (!std::exchange(is_running_, false)) return ok();
        asio::post(lanes_.front()->io(), [this] {
            is_stopping_ = true;
            boost::system::error_code ignored;
            acceptor_.close(ignored);
            pause_.cancel();
            // After this no lane is dealt any connection.
            for (const auto& lane : lanes_) lane->drain();
        });
        const auto until = std::chrono::steady_clock::now() + timeout;
        close_store();
        bool is_drained = wait_until_empty(until);
        if (!is_drained) {
            is_drained = true;
            for (const auto& lane : lanes_) is_drained = lane->close_all() && is_drained;
            wait_until_empty(std::chrono::steady_clock::now() + std::chrono::seconds(1));
        }
        backroom_.readers.stop();
        backroom_.waiters.stop();
        backroom_.streamers.stop();
        for (const auto& lane : lanes_) lane->stop();
        if (is_drained) return ok();
        return Error(
            ErrorCode::kDeadlineExceeded, "HTTP connections were cut: they took too long to end"
        );
    }

  private:
    std::vector<std::unique_ptr<Lane>> make_lanes() {
        std::vector<std::unique_ptr<Lane>> lanes;
        for (std::size_t i = lanes_of(options_); i > 0; --i) {
            lanes.push_back(std::make_unique<Lane>(options_, handlers_, metrics_, backroom_));
        }
        return lanes;
    }

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
        Lane& lane = idlest();
        acceptor_.async_accept(
            lane.io(),
            [this, &lane](const boost::system::error_code& error, tcp::socket socket) {
                if (is_stopping_) return;
                if (!error) {
                    serve(lane, std::move(socket));
                    accept();
                    return;
                }
                telemetry::log_warning("http accept failed", {{"reason", error.message()}});
                pause_.expires_after(kAcceptPause);
                pause_.async_wait([this](const boost::system::error_code&) {
                    if (!is_stopping_) accept();
                });
            }
        );
    }

    void serve(Lane& lane, tcp::socket socket) {
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        std::size_t connections = 1;
        for (const auto& one : lanes_) connections += one->connections();
        lane.serve(std::move(socket), connections > options_.connections_max);
    }

    /// The lane with the fewest connections.
    Lane& idlest() {
        return **std::min_element(lanes_.begin(), lanes_.end(), [](const auto& a, const auto& b) {
            return a->connections() < b->connections();
        });
    }

    bool wait_until_empty(std::chrono::steady_clock::time_point until) {
        return std::all_of(lanes_.begin(), lanes_.end(), [until](const auto& lane) {
            return lane->wait_until_empty(until);
        });
    }

    const HttpDoorOptions options_;
    const HttpHandlers handlers_;
    const detail::DoorMetrics metrics_;
    detail::Backroom backroom_;
    std::vector<std::unique_ptr<Lane>> lanes_;  ///< one or more
    tcp::acceptor acceptor_;
    asio::steady_timer pause_;
    int port_ = 0;
    bool is_running_ = false;
    bool is_stopping_ = false;  ///< the first lane's thread only
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
