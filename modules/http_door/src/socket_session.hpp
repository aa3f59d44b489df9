// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "annals/json_events/socket_message.hpp"

#include "desk.hpp"
#include "frame_kinds.hpp"
#include "subscription_pump.hpp"
#include "upgrade.hpp"

namespace annals::http_door::detail {

/// One websocket: many subscriptions, each with its credit. docs/reference/http.md has the
/// sub-protocol. Everything on its lane's thread.
///
/// What waits to be written is bounded: one fetch of each subscription, and a hundred answers; who
/// asks more without reading is closed with 4003, and who takes longer for a message than an answer
/// may take is cut.
class SocketSession final : public Upgrade, public std::enable_shared_from_this<SocketSession> {
  public:
    static constexpr std::string_view kProtocol = "annals.v1";
    static constexpr std::size_t kMessageBytesMax = 64u << 10u;
    static constexpr std::size_t kAnswersMax = 100;

    /// Why the server closes; documented.
    enum class CloseCode : std::uint16_t {
        kShuttingDown = 4000,
        kNotUnderstood = 4001,  ///< no text, or no JSON with an `id`
        kTooMany = 4002,        ///< subscriptions
        kTooSlow = 4003,        ///< answers are not read
    };

    SocketSession(Desk& desk, std::string name_space, std::string trace_id, bool names_protocol);
    ~SocketSession() override;

    void start(Socket socket, HttpRequest request, std::function<void()> is_over) override;
    void tick(std::chrono::steady_clock::time_point now) override;
    void drain() override;
    void close() override;

  private:
    using Stream = boost::beast::websocket::stream<Socket>;

    struct Subscription {
        std::shared_ptr<SubscriptionPump> pump;
        std::uint64_t credit = 0;
        bool is_fetching = true;  ///< what it fetches is not there, or not written
    };
    struct Outgoing {
        std::string text;
        std::string fetched_for;  ///< the subscription that may fetch again afterwards
        bool is_answer = false;
    };

    void read();
    void on_message();
    void handle(json_events::SocketMessage message);
    void subscribe(const std::string& id, json_events::SubscribeMessage message);
    void add_credit(const std::string& id, std::uint64_t events);
    void unsubscribe(const std::string& id);
    void on_fetched(const std::string& id, Fetched fetched);
    void let_fetch(Subscription& subscription);
    void end(const std::string& id);

    void answer(SocketOp op, const std::string& id);
    void answer_error(const std::string& id, const Error& error);
    void send(Outgoing outgoing);
    void write();
    void close_with(CloseCode code, std::string_view reason);
    void say_goodbye();
    void over();

    Desk& desk_;
    const std::string name_space_;
    const std::string trace_id_;  ///< of the handshake
    const bool names_protocol_;
    HttpRequest request_;
    std::optional<Stream> stream_;
    std::function<void()> is_over_;
    boost::beast::flat_buffer buffer_;
    std::map<std::string, Subscription, std::less<>> subscriptions_;
    std::deque<Outgoing> outgoing_;
    std::size_t answers_ = 0;  ///< of outgoing_
    std::optional<boost::beast::websocket::close_reason> goodbye_;
    bool is_writing_ = false;
    std::chrono::steady_clock::time_point write_until_{};  ///< while it writes
    bool is_open_ = false;
    bool is_closing_ = false;
};

}  // namespace annals::http_door::detail
