// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <memory_resource>
#include <optional>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "annals/http_door/http_door.hpp"

#include "byte_budget.hpp"
#include "exchange.hpp"
#include "feed.hpp"
#include "mailbox.hpp"
#include "router.hpp"
#include "upgrade.hpp"

namespace annals::http_door::detail {

class Session;

/// What the connections of a lane share. Outlives them; used on the lane's thread.
struct SessionContext {
    const HttpDoorOptions& options;
    const Router& router;
    Mailbox& mailbox;
    ByteBudget& bodies;                                         ///< of large requests under way
    std::string server_name;                                    ///< for the header Server
    std::function<void(int status, double seconds)> on_answer;  ///< counts
    std::function<void(Session&)> on_over;                      ///< the connection has ended
    std::function<bool()> is_own_thread;                        ///< the lane's
};

/// One connection: request, answer, next request. Everything runs on its lane's thread,
/// except answer(). Shared by the lane and by the operations that are under way.
///
/// Reads and writes are tried at once and waited for only when the operating system says so: a
/// request that is answered at once costs one turn of the loop.
class Session final : public std::enable_shared_from_this<Session>,
                      public Exchange,
                      private runtime::Task,
                      private HeaderFields,
                      private FeedSink {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    Session(Socket socket, SessionContext& context);
    ~Session() override = default;

    /// Serves until the connection ends. Never throws for what the other side does.
    void start();
    /// Tells 503 and closes: the door has enough connections.
    void refuse();

    /// No further request after the present one; an idle connection is closed, a feed ends.
    void drain();
    /// Ends what comes from the store: feeds and conversations.
    void end_feed();
    /// Closes at once.
    void close();
    /// Whether closing it now would cut something: all but the wait for the other side's goodbye.
    [[nodiscard]] bool is_busy() const {
        return state_ != State::kLingering && state_ != State::kUpgraded &&
               state_ != State::kClosed;
    }
    /// A few times a second: time-outs and heartbeats.
    void tick(TimePoint now);

    [[nodiscard]] Request& request() override { return request_; }
    void answer(Response response) override;

  private:
    using FieldAllocator = std::pmr::polymorphic_allocator<char>;
    using Parser =
        boost::beast::http::request_parser<boost::beast::http::string_body, FieldAllocator>;
    using ErrorCodeOf = boost::system::error_code;

    enum class State : std::uint8_t {
        kIdle,       ///< between requests
        kReceiving,  ///< a request has begun
        kAnswering,  ///< a route has the request
        kWriting,
        kFeeding,
        kLingering,
        kUpgraded,
        kClosed,
    };
    enum class Parsed : std::uint8_t { kRequest, kNeedsMore, kAnswered, kEnd };

    // Reading
    void pump();
    void read_more();
    void on_read(const ErrorCodeOf& error, std::size_t bytes);
    Parsed parse();
    Parsed on_header();
    Parsed refuse_request(Response response);
    void dispatch();

    // Answering
    void run() override;
    bool send(Response response);
    void compose_head(const Response& response);
    bool write();
    void on_written(const ErrorCodeOf& error, std::size_t bytes);
    bool after_write();
    void linger();
    void read_to_end();
    void start_upgrade();

    // Feeding
    void start_feed();
    void watch_peer();
    void write(std::string piece, bool is_last) override;

    // HeaderFields
    [[nodiscard]] std::string_view find(std::string_view name) const override;
    void for_each(VisitField visit) const override;

    void set_deadline(std::chrono::milliseconds after);

    Socket socket_;
    SessionContext& context_;
    boost::beast::flat_buffer buffer_;
    /// Of most requests, so that their header fields cost no allocation each.
    static constexpr std::size_t kFieldBytes = 512;
    std::array<std::byte, kFieldBytes> field_bytes_;
    std::pmr::monotonic_buffer_resource fields_{field_bytes_.data(), field_bytes_.size()};
    std::optional<Parser> parser_;
    Request request_;
    Response response_;  ///< set by answer()
    std::string head_;
    std::array<boost::asio::const_buffer, 2> unwritten_;
    std::shared_ptr<Feed> feed_;
    std::shared_ptr<Upgrade> upgrade_;
    std::string piece_;
    TimePoint deadline_ = TimePoint::max();
    TimePoint dispatched_ = std::chrono::steady_clock::now();  ///< the request that is answered
    ByteLease body_bytes_;                                     ///< of a large request
    std::size_t lingered_bytes_ = 0;
    State state_ = State::kIdle;
    unsigned version_ = 11;
    bool is_header_checked_ = false;
    bool is_dispatching_ = false;
    bool is_answered_at_once_ = false;
    bool is_head_ = false;
    bool keeps_alive_ = true;
    bool is_last_piece_ = false;
    bool is_too_late_ = false;
    bool is_draining_ = false;
};

}  // namespace annals::http_door::detail
