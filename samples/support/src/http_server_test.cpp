// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "samples/http_server.hpp"

#include <future>
#include <string>
#include <system_error>
#include <thread>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "samples/router.hpp"

namespace samples {
namespace {

using boost::asio::ip::tcp;

constexpr std::chrono::minutes kPatience{1};

/// Bytes there and, until the server closes, back.
class Socket {
  public:
    explicit Socket(std::uint16_t port) {
        socket_.connect({boost::asio::ip::make_address("127.0.0.1"), port});
    }
    Socket& send(const std::string& bytes) {
        boost::asio::write(socket_, boost::asio::buffer(bytes));
        return *this;
    }
    std::string receive() {
        std::string bytes;
        boost::system::error_code ended;
        boost::asio::read(socket_, boost::asio::dynamic_buffer(bytes), ended);
        return bytes;
    }

  private:
    boost::asio::io_context context_;
    tcp::socket socket_{context_};
};

struct Door {
    Router router;
    HttpServer server;

    explicit Door(const HttpLimits& limits = {})
        : server(
              {"127.0.0.1", 0},
              [this](const HttpRequest& request) { return router.answer(request); },
              limits
          ) {
        router.add("GET", "/echo", [](const HttpRequest& request) {
            return HttpAnswer{.body = std::string(request.parameter("text"))};
        });
        router.add("POST", "/echo", [](const HttpRequest& request) {
            return HttpAnswer{.status = 201, .body = request.body};
        });
        router.add("GET", "/thrown", [](const HttpRequest&) -> HttpAnswer {
            throw std::runtime_error("secret");
        });
    }
    std::string ask(const std::string& bytes) const {
        return Socket(server.port()).send(bytes).receive();
    }
};

std::string last_request(const std::string& line, const std::string& body = "") {
    return line + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST(HttpServer, NamesTheAddressThatItCannotListenOn) {
    const Door door;
    const std::uint16_t port = door.server.port();
    try {
        const HttpServer second({"127.0.0.1", port}, [](const HttpRequest&) {
            return HttpAnswer();
        });
        FAIL() << "two listen on one port";
    } catch (const std::system_error& error) {
        const std::string text = error.what();
        EXPECT_TRUE(text.find("127.0.0.1:" + std::to_string(port)) != std::string::npos) << text;
        EXPECT_NE(text.find("--http"), std::string::npos) << text;
        EXPECT_EQ(text.find("boost"), std::string::npos) << text;
    }
}

TEST(HttpServer, AnswersRequestsOfAConnectionOneAfterTheOther) {
    Door door;
    const std::string answers = door.ask(
        "GET /echo?text=one HTTP/1.1\r\nHost: a\r\n\r\n" + last_request("POST /echo", "two")
    );
    EXPECT_EQ(answers.find("HTTP/1.1 200 OK"), 0u) << answers;
    EXPECT_NE(answers.find("\r\n\r\none"), std::string::npos) << answers;
    EXPECT_NE(answers.find("HTTP/1.1 201 Created"), std::string::npos) << answers;
    EXPECT_TRUE(answers.ends_with("\r\n\r\ntwo")) << answers;
}

TEST(HttpServer, AnswersHeadWithoutABody) {
    Door door;
    const std::string answer = door.ask(last_request("HEAD /echo?text=four"));
    EXPECT_NE(answer.find("Content-Length: 4\r\n"), std::string::npos) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST(HttpServer, RefusesWhatItHasNotAndWhatItCannotRead) {
    Door door({.header_bytes_max = 512, .body_bytes_max = 8});
    EXPECT_EQ(door.ask(last_request("GET /none")).find("HTTP/1.1 404"), 0u);
    const std::string not_allowed = door.ask(last_request("DELETE /echo"));
    EXPECT_EQ(not_allowed.find("HTTP/1.1 405"), 0u);
    EXPECT_NE(not_allowed.find("Allow: GET, HEAD, POST\r\n"), std::string::npos) << not_allowed;
    EXPECT_EQ(door.ask(last_request("GET /echo?text=%0")).find("HTTP/1.1 400"), 0u);
    EXPECT_EQ(door.ask("nonsense\r\n\r\n").find("HTTP/1.1 400"), 0u);
    EXPECT_EQ(door.ask(last_request("POST /echo", "123456789")).find("HTTP/1.1 413"), 0u);
    EXPECT_EQ(
        door.ask("GET /echo HTTP/1.1\r\nLong: " + std::string(600, 'x') + "\r\n\r\n")
            .find("HTTP/1.1 431"),
        0u
    );
}

TEST(HttpServer, KeepsWhatAHandlerThrewToItself) {
    Door door;
    const std::string answer = door.ask(last_request("GET /thrown"));
    EXPECT_EQ(answer.find("HTTP/1.1 500"), 0u);
    EXPECT_EQ(answer.find("secret"), std::string::npos);
}

TEST(HttpServer, AnswersWhatItHasReadBeforeItStops) {
    Door door;
    std::promise<void> begun;
    std::promise<void> may_end;
    door.router.add("GET", "/slow", [&](const HttpRequest&) {
        begun.set_value();
        may_end.get_future().wait();
        return HttpAnswer{.body = "done"};
    });
    Socket idle(door.server.port());
    Socket waiting(door.server.port());
    waiting.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    begun.get_future().wait();
    std::jthread stopper([&] { door.server.stop(kPatience); });
    EXPECT_EQ(idle.receive(), "");  // closed while the other one waits
    may_end.set_value();
    const std::string answer = waiting.receive();
    EXPECT_TRUE(answer.ends_with("\r\n\r\ndone")) << answer;
    EXPECT_NE(answer.find("Connection: close"), std::string::npos) << answer;
}

TEST(HttpServer, ClosesConnectionsBeyondItsLimit) {
    Door door({.connections_max = 1});
    Socket first(door.server.port());
    EXPECT_EQ(Socket(door.server.port()).receive(), "");
    EXPECT_TRUE(first.send(last_request("GET /echo?text=a")).receive().ends_with("\r\n\r\na"));
}

}  // namespace
}  // namespace samples
