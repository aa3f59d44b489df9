// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// The websocket's words, one connection at a time, on a real store (docs/reference/http.md).
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "annals/http_door/http_door.hpp"
#include "annals/http_door/testing/described_frames.hpp"
#include "annals/http_door/testing/http_connection.hpp"

#include "direct_host.hpp"

namespace annals::http_door {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using Json = nlohmann::json;
using ::testing::HasSubstr;

constexpr auto kPatience = std::chrono::seconds(30);

/// A client that waits for each message, not longer than kPatience.
class Socket {
  public:
    explicit Socket(int port, const std::string& origin = "")
        : stream_(io_), described_(testing::Connection(port).get("/asyncapi.json").body) {
        beast::get_lowest_layer(stream_).connect(
            {asio::ip::address_v4::loopback(), static_cast<asio::ip::port_type>(port)}
        );
        stream_.set_option(websocket::stream_base::decorator([&](websocket::request_type& request) {
            request.set(beast::http::field::sec_websocket_protocol, "annals.v1");
            if (!origin.empty()) request.set(beast::http::field::origin, origin);
        }));
        stream_.handshake(
            response_, "127.0.0.1:" + std::to_string(port), "/v1/ws", handshake_error_
        );
    }

    [[nodiscard]] bool is_open() const { return !handshake_error_; }
    [[nodiscard]] int status() const { return static_cast<int>(response_.result_int()); }

    void say(const std::string& message) { stream_.write(asio::buffer(message)); }
    /// What is said must be as /asyncapi.json has it.
    void say_well(const std::string& message) {
        const std::string op = Json::parse(message)["op"];
        EXPECT_EQ(described_.fault("client." + op, message), "");
        say(message);
    }
    /// The next message, or null when the server closed (see close_code()) or nothing came.
    Json hear() {
        beast::flat_buffer buffer;
        beast::error_code failed;
        bool is_over = false;
        beast::get_lowest_layer(stream_).expires_after(kPatience);
        stream_.async_read(buffer, [&](beast::error_code error, std::size_t) {
            failed = error;
            is_over = true;
        });
        io_.restart();
        while (!is_over) io_.run_one();
        if (failed) return nullptr;
        const std::string text = beast::buffers_to_string(buffer.data());
        Json message = Json::parse(text);
        EXPECT_EQ(described_.fault("server." + message["op"].get<std::string>(), text), "");
        return message;
    }
    /// Messages are skipped up to one with this `op`.
    Json hear(const std::string& op) {
        Json message = hear();
        while (!message.is_null() && message["op"] != op) message = hear();
        return message;
    }
    /// After hear() was null.
    [[nodiscard]] int close_code() const { return stream_.reason().code; }

  private:
    asio::io_context io_;
    websocket::stream<beast::tcp_stream> stream_;
    websocket::response_type response_;
    beast::error_code handshake_error_;
    testing::DescribedFrames described_;
};

class SocketTest : public ::testing::Test {
  protected:
    SocketTest() {
        HttpHandlers handlers;
        handlers.readiness = [] { return Readiness{true, "serving", ""}; };
        handlers.metrics_text = [] { return ""; };
        HttpDoorOptions options;
        options.origins = {"https://shop.example"};
        door_ = std::move(HttpDoor::start(std::move(options), std::move(handlers)).value());
        door_->open_store(store_.store());
    }

    void append(const std::string& stream, int count) {
        testing::Connection connection(door_->port());
        for (int i = 0; i < count; ++i) {
            EXPECT_EQ(
                connection
                    .ask(
                        "POST",
                        "/v1/streams/" + stream,
                        R"({"type":"t"})",
                        "Content-Type: application/json\r\n"
                    )
                    .status(),
                201
            );
        }
    }
    [[nodiscard]] int port() const { return door_->port(); }

    conformance::DirectHost store_;
    std::unique_ptr<HttpDoor> door_;
};

TEST_F(SocketTest, CarriesSeveralSubscriptionsUnderTheirNames) {
    append("a-1", 2);
    append("b-1", 1);
    Socket socket(port());
    socket.say_well(R"({"op":"subscribe","id":"one","credit":100,"stream":"a-1","from":"start"})");
    socket.say_well(R"({"op":"subscribe","id":"two","credit":100,"stream":"b-1","from":"start"})");
    std::map<std::string, std::size_t> events;
    std::set<std::string> caught_up;
    while (caught_up.size() < 2) {
        const Json message = socket.hear();
        ASSERT_FALSE(message.is_null());
        const std::string id = message["id"];
        if (message["op"] == "events") {
            for (const Json& event : message["events"]) {
                EXPECT_EQ(event["stream"], id == "one" ? "a-1" : "b-1");
                ++events[id];
            }
        }
        if (message["op"] == "mark" && message["mark"] == "caught-up") caught_up.insert(id);
    }
    EXPECT_EQ(events["one"], 2u);
    EXPECT_EQ(events["two"], 1u);
    socket.say_well(R"({"op":"unsubscribe","id":"one"})");
    EXPECT_EQ(socket.hear("unsubscribed")["id"], "one");
    append("a-1", 1);
    append("b-1", 1);
    const Json next = socket.hear("events");
    ASSERT_FALSE(next.is_null());
    EXPECT_EQ(next["id"], "two") << "nothing comes of what is over";
}

TEST_F(SocketTest, AnswersPings) {
    Socket socket(port());
    socket.say_well(R"({"op":"ping","id":"x"})");
    const Json pong = socket.hear();
    EXPECT_EQ(pong["op"], "pong");
    EXPECT_EQ(pong["id"], "x");
}

TEST_F(SocketTest, SendsNoMoreThanThereIsCreditFor) {
    append("a-1", 6);
    Socket socket(port());
    socket.say_well(R"({"op":"subscribe","id":"a","credit":2,"stream":"a-1","from":"start",)"
                    R"("batch_events_max":2})");
    const Json first = socket.hear("events");
    ASSERT_FALSE(first.is_null());
    EXPECT_EQ(first["events"].size(), 2u);
    // Whatever else was to come without credit would come before the answer to this.
    socket.say_well(R"({"op":"ping","id":"a"})");
    Json message = socket.hear();
    for (; !message.is_null() && message["op"] != "pong"; message = socket.hear()) {
        EXPECT_NE(message["op"], "events");
    }
    ASSERT_FALSE(message.is_null());
    socket.say_well(R"({"op":"credit","id":"a","events":100})");
    std::size_t more = 0;
    while (more < 4) {
        message = socket.hear("events");
        ASSERT_FALSE(message.is_null());
        more += message["events"].size();
    }
    EXPECT_EQ(more, 4u);
    EXPECT_EQ(message["events"].back()["revision"], 5);
}

TEST_F(SocketTest, GoesOnBehindThePositionOfAMessage) {
    append("a-1", 4);
    std::string position;
    {
        Socket socket(port());
        socket.say_well(R"({"op":"subscribe","id":"a","credit":2,"stream":"a-1","from":"start",)"
                        R"("batch_events_max":2})");
        position = socket.hear("events")["position"];
    }
    Socket socket(port());
    socket.say(
        R"({"op":"subscribe","id":"a","credit":100,"stream":"a-1","after":")" + position + "\"}"
    );
    EXPECT_EQ(socket.hear("events")["events"][0]["revision"], 2);
}

TEST_F(SocketTest, TellsWhatIsWrongWithASubscriptionAndGoesOn) {
    Socket socket(port());
    for (const std::string wrong :
         {R"({"op":"subscribe","id":"a","credit":1,"filter":{"match":"(("}})",
          R"({"op":"subscribe","id":"a","credit":1,"after":"nonsense"})",
          R"({"op":"subscribe","id":"a","credit":1,"namespace":"nowhere"})",
          R"({"op":"subscribe","id":"a","credit":1,"stream":"a-1","unknown":1})",
          R"({"op":"dance","id":"a"})"}) {
        socket.say(wrong);
        const Json error = socket.hear("error");
        ASSERT_FALSE(error.is_null()) << wrong;
        EXPECT_EQ(error["id"], "a");
        EXPECT_GE(error["problem"]["status"], 400) << wrong;
        EXPECT_NE(error["problem"]["code"], "") << wrong;
    }
    socket.say_well(R"({"op":"ping","id":"still there"})");
    EXPECT_EQ(socket.hear("pong")["id"], "still there");
}

TEST_F(SocketTest, ClosesOnWhatIsNoMessage) {
    for (const std::string wrong : {"nonsense", "[]", "{}", R"({"op":"ping"})"}) {
        Socket socket(port());
        socket.say(wrong);
        while (!socket.hear().is_null()) {
        }
        EXPECT_EQ(socket.close_code(), 4001) << wrong;
    }
}

TEST_F(SocketTest, ClosesOnTooManySubscriptions) {
    Socket socket(port());
    const auto subscribe = [&](int id) {
        socket.say(
            R"({"op":"subscribe","id":")" + std::to_string(id) +
            R"(","credit":1,"stream":"a-1","from":"end"})"
        );
    };
    for (int i = 0; i < 256; ++i) {
        subscribe(i);
        ASSERT_FALSE(socket.hear("subscribed").is_null()) << i;
    }
    subscribe(256);
    while (!socket.hear().is_null()) {
    }
    EXPECT_EQ(socket.close_code(), 4002);
}

TEST_F(SocketTest, ClosesWhenTheServerStops) {
    Socket socket(port());
    socket.say_well(R"({"op":"ping","id":"x"})");
    ASSERT_FALSE(socket.hear("pong").is_null());
    door_->close_store();
    while (!socket.hear().is_null()) {
    }
    EXPECT_EQ(socket.close_code(), 4000);
}

TEST_F(SocketTest, IsOpenToPagesOfItsOwnOriginAndOfThoseThatAreNamed) {
    EXPECT_TRUE(Socket(port()).is_open());
    EXPECT_TRUE(Socket(port(), "http://127.0.0.1:" + std::to_string(port())).is_open());
    EXPECT_TRUE(Socket(port(), "https://shop.example").is_open());
    const Socket evil(port(), "https://shop.example.evil");
    EXPECT_FALSE(evil.is_open());
    EXPECT_EQ(evil.status(), 403);
}

TEST_F(SocketTest, AnswersAHandshakeThatIsNoneWithAProblem) {
    const std::string upgrade = "Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
    const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    const std::string version = "Sec-WebSocket-Version: 13\r\n";
    const auto answer_to = [&](const std::string& protocol, const std::string& lines) {
        testing::Connection connection(port());
        connection.send("GET /v1/ws " + protocol + "\r\n" + upgrade + lines + "\r\n");
        testing::Answer answer = connection.receive();
        EXPECT_EQ(answer.header("Content-Type"), "application/problem+json") << answer.head;
        return answer;
    };
    const testing::Answer no_key = answer_to("HTTP/1.1", version);
    EXPECT_EQ(no_key.status(), 400);
    EXPECT_EQ(no_key.json()["fields"]["field"], "Sec-WebSocket-Key");
    EXPECT_EQ(answer_to("HTTP/1.1", version + "Sec-WebSocket-Key: abc\r\n").status(), 400);
    for (const std::string& other : {std::string(), std::string("Sec-WebSocket-Version: 8\r\n")}) {
        const testing::Answer refused = answer_to("HTTP/1.1", key + other);
        EXPECT_EQ(refused.status(), 426);
        EXPECT_EQ(refused.header("Sec-WebSocket-Version"), "13");
        EXPECT_EQ(refused.header("Upgrade"), "websocket");
    }
    const testing::Answer old = answer_to("HTTP/1.0", key + version);
    EXPECT_EQ(old.status(), 426);
    EXPECT_EQ(old.header("Upgrade"), "websocket");
}

TEST_F(SocketTest, ShowsEventsAsCloudEventsWhenAsked) {
    append("a-1", 1);
    Socket socket(port());
    socket.say_well(R"({"op":"subscribe","id":"a","credit":1,"stream":"a-1","from":"start",)"
                    R"("format":"cloudevents"})");
    const Json events = socket.hear("events")["events"];
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0]["specversion"], "1.0");
    EXPECT_EQ(events[0]["subject"], "a-1");
}

}  // namespace
}  // namespace annals::http_door
