// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Connections on which nothing is said for long: feeds and websockets say that they live, and who
// does not answer is given up.
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "annals/http_door/http_door.hpp"
#include "annals/http_door/testing/http_connection.hpp"

#include "direct_host.hpp"
#include "socket_frames.hpp"

namespace annals::http_door {
namespace {

using testing::Connection;

constexpr char kText = 0x1;
constexpr char kPong = 0xA;

class Silence : public ::testing::Test {
  public:
    ~Silence() override { door_->close_store(); }

  protected:
    Silence() : Silence(std::chrono::milliseconds(20), std::chrono::milliseconds(400)) {}
    Silence(std::chrono::milliseconds heartbeat, std::chrono::milliseconds socket_idle_timeout) {
        HttpHandlers handlers;
        handlers.readiness = [] { return Readiness{true, "serving", ""}; };
        handlers.metrics_text = [] { return ""; };
        HttpDoorOptions options;
        options.heartbeat = heartbeat;
        options.socket_idle_timeout = socket_idle_timeout;
        options.write_timeout = std::chrono::minutes(5);  // of slow machines, too
        door_ = std::move(HttpDoor::start(std::move(options), std::move(handlers)).value());
        door_->open_store(store_.store());
    }

    [[nodiscard]] int port() const { return door_->port(); }

    conformance::DirectHost store_;
    std::unique_ptr<HttpDoor> door_;
};

TEST_F(Silence, AFeedWithNothingToSaySendsComments) {
    Connection feed(port());
    feed.send("GET /v1/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n");
    ASSERT_EQ(feed.receive(false).status(), 200);
    EXPECT_NE(feed.read_until("event: caught-up").find("event: caught-up"), std::string::npos);
    // Until the chunk of the mark is over.
    (void)feed.read_until("\n\n\r\n");
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(feed.read_until("\r\n"), "3\r\n") << "the size of a chunk";
        EXPECT_EQ(feed.read_until("\r\n"), ":\n\n\r\n") << "a comment and no event";
    }
    Connection writer(port());
    const int status =
        writer
            .ask("POST", "/v1/streams/a-1", R"({"type":"t"})", "Content-Type: application/json\r\n")
            .status();
    EXPECT_EQ(status, 201);
    EXPECT_NE(feed.read_until(R"("stream":"a-1")").find(R"("stream":"a-1")"), std::string::npos)
        << "it goes on";
}

/// Of the server: without a mask, without content.
const std::string kPing{'\x89', '\0'};

TEST_F(Silence, AClientOfAWebsocketIsAskedForASignOfLifeAndGivenUpWithoutOne) {
    Connection client(port());
    client.send(kOpening);
    ASSERT_EQ(client.receive(false).status(), 101);
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < 5; ++i) {
        ASSERT_EQ(client.read_until(kPing), kPing) << i;
        client.send(frame_of(kPong, ""));
    }
    EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(400))
        << "who answers may be silent for longer than the time-out";
    EXPECT_EQ(client.read_until(kPing), kPing);
    EXPECT_TRUE(client.is_closed()) << "this ping is not answered";
}

class SilenceOfUsualLength : public Silence {
  protected:
    SilenceOfUsualLength()
        : Silence(HttpDoorOptions().heartbeat, HttpDoorOptions().socket_idle_timeout) {}
};

TEST_F(SilenceOfUsualLength, WhoAsksAndReadsNoAnswersIsToldWhyItEnds) {
    Connection client(port(), 4'096);
    client.send(kOpening);
    ASSERT_EQ(client.receive(false).status(), 101);
    // Each is refused in some hundred bytes. These are more questions than the system keeps for the
    // server: so many were read, and their answers are more than it keeps for the client.
    const std::string ask = frame_of(
        kText, R"({"op":"credit","id":"nobody","events":1)" + std::string(4'000, ' ') + "}"
    );
    for (int i = 0; i < 24'000; ++i) client.send(ask);
    const std::string reason = "answers are not read";
    const std::string told = client.read_until(reason);
    // A close frame: so many bytes, 4003, the reason.
    const std::string goodbye = std::string{'\x88', '\x16', '\x0f', '\xa3'} + reason;
    EXPECT_TRUE(told.ends_with(goodbye)) << told.substr(told.size() > 60 ? told.size() - 60 : 0);
}

}  // namespace
}  // namespace annals::http_door
