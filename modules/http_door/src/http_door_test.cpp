// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/http_door/http_door.hpp"

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "annals/base/testing/comes_true.hpp"
#include "annals/http_door/testing/http_connection.hpp"

namespace annals::http_door {
namespace {

using http_door::testing::Answer;
using http_door::testing::Connection;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Door : public ::testing::Test {
  protected:
    void start(HttpDoorOptions options = {}) {
        HttpHandlers handlers;
        handlers.readiness = [this] {
            if (on_readiness_) on_readiness_();
            return Readiness{is_ready_, state_, reason_};
        };
        handlers.metrics_text = [] { return "annals_x 1\n"; };
        handlers.version = {"9.8.7", "abc", "clang"};
        options.metrics = &metrics_;
        door_ = std::move(HttpDoor::start(std::move(options), std::move(handlers)).value());
    }

    Answer get(const std::string& path) { return Connection(door_->port()).get(path); }
    Answer ask(const std::string& bytes) {
        Connection connection(door_->port());
        connection.send(bytes);
        return connection.receive();
    }

    telemetry::Metrics metrics_;
    std::atomic<bool> is_ready_ = true;
    std::string state_ = "serving";
    std::string reason_;
    std::function<void()> on_readiness_;
    std::unique_ptr<HttpDoor> door_;
};

using HttpDoorTest = Door;

TEST_F(HttpDoorTest, IsLiveAsLongAsItRuns) {
    is_ready_ = false;
    start();
    const Answer answer = get("/health/live");
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.json()["status"], "live");
    EXPECT_THAT(answer.head, HasSubstr("Server: annals/9.8.7\r\n"));
    EXPECT_THAT(answer.head, HasSubstr(" GMT\r\n"));
}

/// An EventSource gives up for good at 503; one that was there before must find its server again.
TEST_F(HttpDoorTest, TellsAFeedThatComesBackTooEarlyToComeAgain) {
    start();
    const std::string accept = "Accept: text/event-stream\r\n";
    Connection fresh(door_->port());
    EXPECT_EQ(fresh.get("/v1/events", accept).status(), 503);
    Connection resuming(door_->port());
    const Answer answer = resuming.get("/v1/events", accept + "Last-Event-ID: x\r\n");
    EXPECT_EQ(answer.status(), 200) << answer.head;
    EXPECT_EQ(answer.header("Content-Type"), "text/event-stream");
    const std::string feed = resuming.read_until("0\r\n\r\n");
    EXPECT_THAT(feed, HasSubstr("retry: 1000\n\nevent: error\ndata: {"));
    EXPECT_THAT(feed, HasSubstr("\"code\":\"unavailable\""));
    EXPECT_TRUE(resuming.is_closed());
}

TEST_F(HttpDoorTest, IsReadyOnlyWhenTheServerSaysSo) {
    is_ready_ = false;
    state_ = "recovering";
    reason_ = "the log is being recovered: 40 %";
    start();
    Connection connection(door_->port());
    const Answer before = connection.get("/health/ready");
    EXPECT_EQ(before.status(), 503);
    EXPECT_THAT(before.head, HasSubstr("Content-Type: application/problem+json\r\n"));
    EXPECT_EQ(before.json()["type"], "urn:annals:error:unavailable");
    EXPECT_EQ(before.json()["status"], 503);
    EXPECT_EQ(before.json()["detail"], reason_);
    EXPECT_EQ(before.json()["state"], "recovering");
    EXPECT_EQ(before.json()["retryable"], true);
    is_ready_ = true;
    const Answer after = connection.get("/health/ready");
    EXPECT_EQ(after.status(), 200);
    EXPECT_EQ(after.json()["state"], "recovering");
}

TEST_F(HttpDoorTest, IsReadyWhenItCanOnlyRead) {
    state_ = "read-only";
    reason_ = "segment 3 is damaged at byte 17";
    start();
    const Answer answer = get("/health/ready");
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.json()["state"], "read-only");
    EXPECT_EQ(answer.json()["reason"], reason_);
}

TEST_F(HttpDoorTest, AnswersHealtzAsTheGatewayOfEskit) {
    start();
    const Answer answer = get("/v1/healtz");
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.body, R"({"message":"OK"})");
    EXPECT_THAT(answer.head, HasSubstr("Content-Type: application/json\r\n"));
    EXPECT_THAT(answer.head, HasSubstr("Grpc-Metadata-Content-Type: application/grpc\r\n"));
    const Answer posted = ask("POST /v1/healtz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(posted.status(), 405);
    EXPECT_EQ(posted.body, "Method Not Allowed\n");
    EXPECT_THAT(posted.head, HasSubstr("Content-Type: text/plain"));
    is_ready_ = false;
    reason_ = "starting";
    const Answer down = get("/v1/healtz");
    EXPECT_EQ(down.status(), 503);
    EXPECT_EQ(down.body, R"({"error":"starting","code":14,"message":"starting"})");
}

TEST_F(HttpDoorTest, ServesMetricsVersionAndAPageOfWhatThereIs) {
    start();
    const Answer metrics = get("/metrics");
    EXPECT_EQ(metrics.body, "annals_x 1\n");
    EXPECT_THAT(
        metrics.head, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n")
    );
    const Answer version = get("/version?x=1");
    EXPECT_EQ(version.json()["version"], "9.8.7");
    EXPECT_EQ(version.json()["commit"], "abc");
    const Answer page = get("http://somewhere/");
    EXPECT_THAT(page.head, HasSubstr("text/html"));
    for (const char* path :
         {"/health/live", "/health/ready", "/metrics", "/version", "/v1/healtz"}) {
        EXPECT_THAT(page.body, HasSubstr(path));
    }
}

TEST_F(HttpDoorTest, AnswersUnknownPathsAndMethodsWithProblems) {
    start();
    const Answer nowhere = get("/no%20where");
    EXPECT_EQ(nowhere.status(), 404);
    EXPECT_EQ(nowhere.json()["title"], "Not Found");
    EXPECT_EQ(nowhere.json()["instance"], "/no%20where") << "as it was sent";
    const Answer deleted = ask("DELETE /version HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(deleted.status(), 405);
    EXPECT_THAT(deleted.head, HasSubstr("Allow: GET, HEAD\r\n"));
    EXPECT_EQ(ask("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n").status(), 400);
    EXPECT_EQ(ask("GET /version HTTP/1.1\r\n\r\n").status(), 400);
}

TEST_F(HttpDoorTest, AnswersHeadWithTheLengthAndWithoutTheContent) {
    start();
    Connection connection(door_->port());
    connection.send(
        "HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
    );
    const Answer head = connection.receive(false);
    EXPECT_EQ(head.status(), 200);
    EXPECT_THAT(head.head, HasSubstr("Content-Length: 11\r\n"));
    EXPECT_EQ(connection.receive().body, "annals_x 1\n");
}

TEST_F(HttpDoorTest, AnswersPipelinedRequestsInOrder) {
    start();
    Connection connection(door_->port());
    std::string requests;
    for (int i = 0; i < 20; ++i) {
        requests += "GET /none/" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
    }
    connection.send(requests);
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(connection.receive().json()["instance"], "/none/" + std::to_string(i));
    }
}

TEST_F(HttpDoorTest, TakesARequestInSmallPieces) {
    start();
    Connection connection(door_->port());
    for (const char c : std::string("GET /version HTTP/1.1\r\nHost: x\r\n\r\n")) {
        connection.send(std::string(1, c));
    }
    EXPECT_EQ(connection.receive().status(), 200);
}

TEST_F(HttpDoorTest, ClosesWhenTheCallerWantsItAndSpeaksHttp10) {
    start();
    Connection connection(door_->port());
    connection.send("GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(connection.receive().head, HasSubstr("Connection: close\r\n"));
    EXPECT_TRUE(connection.is_closed());
    Connection old(door_->port());
    old.send("GET /version HTTP/1.0\r\n\r\n");
    EXPECT_THAT(old.receive().head, StartsWith("HTTP/1.0 200"));
    EXPECT_TRUE(old.is_closed());
}

TEST_F(HttpDoorTest, RefusesGarbageAndGoesOnWithOthers) {
    start();
    for (const std::string& garbage : {
             std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 garbage\r\n\r\n", 23),
             std::string("GET\r\n\r\n"),
             std::string("GET / HTTP/9.9\r\n\r\n"),
             std::string("GET / HTTP/1.1\r\nbad header\r\n\r\n"),
             std::string("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n"),
             std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
         }) {
        Connection connection(door_->port());
        connection.send(garbage);
        const Answer answer = connection.receive();
        EXPECT_THAT(answer.status(), ::testing::AnyOf(400, 505)) << garbage;
        EXPECT_THAT(answer.head, HasSubstr("Connection: close\r\n"));
        EXPECT_TRUE(connection.is_closed());
    }
    EXPECT_EQ(get("/version").status(), 200);
}

TEST_F(HttpDoorTest, RefusesTransferCodingsAndTakesNothingBehindThemForARequest) {
    start();
    const std::string hidden = "GET /version HTTP/1.1\r\nHost: x\r\n\r\n";
    const std::string chunked = "2\r\n{}\r\n0\r\n\r\n";
    const auto expect_end = [&](const std::string& codings, int status) {
        Connection connection(door_->port());
        connection.send("POST /version HTTP/1.1\r\nHost: x\r\n" + codings + "\r\n");
        connection.send(chunked + hidden);
        const Answer answer = connection.receive();
        EXPECT_EQ(answer.status(), status) << codings;
        EXPECT_THAT(answer.head, HasSubstr("Content-Type: application/problem+json\r\n"));
        EXPECT_THAT(answer.head, HasSubstr("Connection: close\r\n"));
        EXPECT_TRUE(connection.is_closed()) << codings;
    };
    expect_end("Transfer-Encoding: gzip\r\n", 501);
    expect_end("Transfer-Encoding: gzip, chunked\r\n", 501);
    expect_end("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", 501);
    expect_end("Transfer-Encoding: chunked, chunked\r\n", 400);
    expect_end("Transfer-Encoding:\r\n", 400);
    Connection plain(door_->port());
    plain.send("GET /version HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked);
    EXPECT_EQ(plain.receive().status(), 200);
    EXPECT_EQ(plain.get("/version").status(), 200);
}

TEST_F(HttpDoorTest, RefusesRequestsLargerThanItsLimits) {
    HttpDoorOptions options;
    options.header_bytes_max = 8'192;
    options.body_bytes_max = 1'000;
    start(options);
    const std::string start_line = "GET /version HTTP/1.1\r\nHost: x\r\n";
    EXPECT_EQ(ask(start_line + "A: " + std::string(20'000, 'a') + "\r\n\r\n").status(), 431);
    EXPECT_EQ(ask(start_line + "A: " + std::string(8'000, 'a') + "\r\n\r\n").status(), 200);
    EXPECT_EQ(
        ask("GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n").status(), 431
    );
    EXPECT_EQ(ask(start_line + "Content-Length: 1001\r\n\r\n").status(), 413);
    const std::string chunk = "3e9\r\n" + std::string(1'001, 'a') + "\r\n0\r\n\r\n";
    EXPECT_EQ(ask(start_line + "Transfer-Encoding: chunked\r\n\r\n" + chunk).status(), 413);
    EXPECT_EQ(
        ask(start_line + "Content-Length: 1000\r\n\r\n" + std::string(1'000, 'a')).status(), 200
    );
}

TEST_F(HttpDoorTest, ClosesConnectionsThatAreTooSlow) {
    HttpDoorOptions options;
    options.request_timeout = std::chrono::milliseconds(50);
    options.idle_timeout = std::chrono::milliseconds(50);
    start(options);
    Connection slow(door_->port());
    slow.send("GET /version HT");
    EXPECT_EQ(slow.receive().status(), 408);
    EXPECT_TRUE(slow.is_closed());
    Connection idle(door_->port());
    EXPECT_EQ(idle.get("/version").status(), 200);
    EXPECT_TRUE(idle.is_closed());
}

TEST_F(HttpDoorTest, RefusesOneConnectionTooMany) {
    HttpDoorOptions options;
    options.connections_max = 2;
    start(options);
    Connection one(door_->port());
    Connection two(door_->port());
    EXPECT_EQ(one.get("/version").status(), 200);
    EXPECT_EQ(two.get("/version").status(), 200);
    EXPECT_EQ(get("/version").status(), 503);
    EXPECT_EQ(one.get("/version").status(), 200);
    EXPECT_THAT(metrics_.expose(), HasSubstr("annals_http_connections_refused_total 1\n"));
}

TEST_F(HttpDoorTest, DealsConnectionsOutToLanesThatDoNotHoldEachOther) {
    std::promise<void> is_inside;
    std::promise<void> may_go_on;
    on_readiness_ = [&] {
        is_inside.set_value();
        may_go_on.get_future().wait();
    };
    HttpDoorOptions options;
    options.polling_threads = 3;
    start(options);
    std::vector<std::unique_ptr<Connection>> all;
    // One after the other: each goes to the lane that has the fewest.
    for (int i = 0; i < 6; ++i) {
        all.push_back(std::make_unique<Connection>(door_->port()));
        ASSERT_EQ(all.back()->get("/version").status(), 200);
    }
    EXPECT_THAT(metrics_.expose(), HasSubstr("annals_http_connections 6\n"));
    all[1]->send("GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n");
    is_inside.get_future().wait();
    for (const std::size_t free : {0u, 2u, 3u, 5u})
        EXPECT_EQ(all[free]->get("/version").status(), 200);
    all[4]->send("GET /version HTTP/1.1\r\nHost: x\r\n\r\n");
    may_go_on.set_value();
    for (const std::size_t held : {1u, 4u}) EXPECT_EQ(all[held]->receive().status(), 200);
    all.resize(2);
    EXPECT_TRUE(base::testing::comes_true([&] {
        return metrics_.expose().find("annals_http_connections 2\n") != std::string::npos;
    }));
}

TEST_F(HttpDoorTest, StopsWhileConnectionsComeToAllLanes) {
    for (int round = 0; round < 10; ++round) {
        HttpDoorOptions options;
        options.polling_threads = 4;
        start(options);
        const int port = door_->port();
        std::atomic<bool> is_over = false;
        std::vector<std::thread> callers;
        callers.reserve(4);
        for (int i = 0; i < 4; ++i) {
            callers.emplace_back([&is_over, port] {
                while (!is_over) {
                    try {
                        Connection connection(port);
                        connection.send("GET /version HTTP/1.1\r\nHost: x\r\n\r\n");
                        connection.receive();
                    } catch (const std::exception&) {
                        // The door has closed: who comes too late hears nothing.
                        continue;
                    }
                }
            });
        }
        EXPECT_TRUE(base::testing::comes_true([&] {
            return metrics_.expose().find("code=\"2xx\"} 0\n") == std::string::npos;
        }));
        EXPECT_TRUE(door_->stop(std::chrono::seconds(10)).has_value());
        is_over = true;
        for (std::thread& caller : callers) caller.join();
        EXPECT_THAT(metrics_.expose(), HasSubstr("annals_http_connections 0\n"));
    }
}

TEST_F(HttpDoorTest, LetsARequestUnderWayEndWhenItStops) {
    std::promise<void> is_inside;
    std::promise<void> may_go_on;
    on_readiness_ = [&] {
        is_inside.set_value();
        may_go_on.get_future().wait();
    };
    start();
    Connection idle(door_->port());
    EXPECT_EQ(idle.get("/version").status(), 200);
    Connection busy(door_->port());
    busy.send("GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n");
    is_inside.get_future().wait();
    auto stopped = std::async(std::launch::async, [&] {
        return door_->stop(std::chrono::seconds(20));
    });
    may_go_on.set_value();
    EXPECT_EQ(busy.receive().status(), 200);
    EXPECT_TRUE(idle.is_closed());
    EXPECT_TRUE(busy.is_closed());
    EXPECT_TRUE(stopped.get());
}

TEST_F(HttpDoorTest, CutsWhatTakesTooLongWhenItStops) {
    start();
    Connection half(door_->port());
    EXPECT_EQ(half.get("/version").status(), 200);
    half.send("GET /ver");
    EXPECT_EQ(get("/version").status(), 200);  // the half request has arrived by now
    const Status stopped = door_->stop(std::chrono::milliseconds(20));
    if (!stopped) {
        EXPECT_EQ(stopped.error().code(), ErrorCode::kDeadlineExceeded);
    }
    EXPECT_TRUE(half.is_closed());
    EXPECT_TRUE(door_->stop(std::chrono::milliseconds(20)));
}

TEST_F(HttpDoorTest, SaysWhyItCannotListen) {
    start();
    HttpDoorOptions options;
    options.port = static_cast<std::uint16_t>(door_->port());
    const auto second = HttpDoor::start(options, {});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code(), ErrorCode::kIoError);
    EXPECT_EQ(second.error().field("address"), "127.0.0.1:" + std::to_string(door_->port()));
    EXPECT_FALSE(second.error().field("reason").empty());
    options.host = "256.1.1.1";
    EXPECT_FALSE(HttpDoor::start(options, {}));
}

TEST_F(HttpDoorTest, AnswersManyCallersAtOnce) {
    HttpDoorOptions options;
    start(options);
    std::vector<std::thread> callers;
    std::atomic<int> answers = 0;
    callers.reserve(8);
    for (int t = 0; t < 8; ++t) {
        callers.emplace_back([&] {
            Connection connection(door_->port());
            for (int i = 0; i < 50; ++i) {
                if (connection.get("/health/live").status() == 200) ++answers;
            }
        });
    }
    for (std::thread& caller : callers) caller.join();
    EXPECT_EQ(answers, 400);
    EXPECT_THAT(metrics_.expose(), HasSubstr("annals_http_answers_total{code=\"2xx\"} 400\n"));
}

TEST_F(HttpDoorTest, ARouteThatThrowsIsAnAnswer) {
    on_readiness_ = [] { throw std::runtime_error("broken"); };
    start();
    const Answer answer = get("/health/ready");
    EXPECT_EQ(answer.status(), 500);
    EXPECT_EQ(answer.json()["title"], "Internal Server Error");
    EXPECT_EQ(get("/version").status(), 200);
}

}  // namespace
}  // namespace annals::http_door
