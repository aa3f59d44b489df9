// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "annals/api/testing/fake_event_store.hpp"
#include "annals/http_door/http_door.hpp"
#include "annals/http_door/testing/described_answers.hpp"
#include "annals/http_door/testing/http_connection.hpp"
#include "annals/model/token.hpp"

namespace annals::http_door {
namespace {

using http_door::testing::Answer;
using http_door::testing::Connection;
using ::testing::HasSubstr;

constexpr const char* kJson = "Content-Type: application/json\r\n";

class StoreRoutesTest : public ::testing::Test {
  protected:
    StoreRoutesTest() {
        HttpHandlers handlers;
        handlers.readiness = [] { return Readiness{true, "serving", ""}; };
        handlers.metrics_text = [] { return ""; };
        door_ = std::move(HttpDoor::start({}, std::move(handlers)).value());
        door_->open_store(store_);
        described_.emplace(door_->port());
    }

    Answer ask(
        const std::string& method,
        const std::string& path,
        const std::string& body = "",
        const std::string& header_lines = ""
    ) {
        const Answer answer = Connection(door_->port()).ask(method, path, body, header_lines);
        EXPECT_EQ(described_->fault(method, path, answer.status()), "");
        return answer;
    }
    Answer get(const std::string& path, const std::string& header_lines = "") {
        const Answer answer = Connection(door_->port()).get(path, header_lines);
        EXPECT_EQ(described_->fault("GET", path, answer.status()), "");
        return answer;
    }
    Answer append(
        const std::string& stream, const std::string& body, const std::string& lines = kJson
    ) {
        return ask("POST", "/v1/streams/" + stream, body, lines);
    }
    void append_many(int count) {
        for (int i = 0; i < count; ++i) {
            EXPECT_EQ(append("order-1", R"({"type":"placed"})").status(), 201);
        }
    }

    api::testing::FakeEventStore store_;
    std::unique_ptr<HttpDoor> door_;
    std::optional<testing::DescribedAnswers> described_;
};

TEST_F(StoreRoutesTest, WaitsForWhatComes) {
    append_many(1);
    const Answer empty = get("/v1/streams/order-1?from=1&wait=10ms");
    EXPECT_EQ(empty.status(), 200);
    EXPECT_TRUE(empty.json()["events"].empty());
    Connection waiting(door_->port());
    waiting.send("GET /v1/streams/order-1?from=1&wait=60s HTTP/1.1\r\nHost: x\r\n\r\n");
    while (store_.open_subscriptions() == 0) std::this_thread::yield();
    append_many(1);
    EXPECT_EQ(waiting.receive().json()["events"][0]["revision"], 1);
}

TEST_F(StoreRoutesTest, HandsOnTheNamespaceAndTheTrace) {
    ask("POST", "/v1/namespaces", R"({"name":"tenant"})");
    EXPECT_EQ(
        ask("POST", "/v1/ns/tenant/streams/a-1", R"({"type":"t"})", "traceparent: 00-1-2-01\r\n")
            .status(),
        201
    );
    EXPECT_EQ(store_.seen().name_space, "tenant");
    EXPECT_EQ(store_.seen().traceparent, "00-1-2-01");
    const Answer read = get("/v1/ns/tenant/streams/a-1");
    EXPECT_EQ(read.json()["events"].size(), 1u);
}

TEST_F(StoreRoutesTest, CompressesWhatIsWorthIt) {
    append_many(40);
    const Answer plain = get("/v1/streams/order-1");
    const Answer small = get("/v1/streams/order-1", "Accept-Encoding: br, gzip\r\n");
    EXPECT_EQ(plain.header("Content-Encoding"), "");
    EXPECT_EQ(plain.header("Vary"), "Accept-Encoding");
    EXPECT_EQ(small.header("Content-Encoding"), "gzip");
    EXPECT_LT(small.body.size() * 4, plain.body.size());
    EXPECT_EQ(small.body.substr(0, 2), "\x1F\x8B");
    const Answer refused = get("/v1/streams/order-1", "Accept-Encoding: gzip;q=0\r\n");
    EXPECT_EQ(refused.header("Content-Encoding"), "");
}

TEST_F(StoreRoutesTest, LetsPagesOfOtherOriginsReadAndNotWrite) {
    const std::string evil = "Origin: http://evil.example\r\n";
    const Answer refused = ask("POST", "/v1/streams/a-1", R"({"type":"t"})", kJson + evil);
    EXPECT_EQ(refused.status(), 403);
    EXPECT_EQ(refused.json()["fields"]["field"], "Origin");
    EXPECT_EQ(refused.json()["fields"]["value"], "http://evil.example");
    EXPECT_EQ(ask("POST", "/v1/streams/a-1/tombstone", "", evil).status(), 403);
    EXPECT_EQ(ask("POST", "/v1/streams/a-1/truncate?before=1", "", evil).status(), 403);
    EXPECT_EQ(ask("DELETE", "/v1/streams/a-1", "", evil).status(), 403);
    EXPECT_EQ(ask("PUT", "/v1/streams/a-1/metadata", "{}", kJson + evil).status(), 403);
    EXPECT_EQ(ask("POST", "/v1/namespaces", R"({"name":"t"})", kJson + evil).status(), 403);
    EXPECT_EQ(append("a-1", R"({"type":"t"})").status(), 201);
    EXPECT_EQ(get("/v1/streams/a-1", evil).json()["events"].size(), 1u);
    EXPECT_EQ(
        get("/v1/ws",
            evil + "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
            .status(),
        403
    );
}

TEST_F(StoreRoutesTest, RefusesConditionsAndKeysThatAreEmpty) {
    append_many(1);
    for (const std::string name : {"If-Match", "If-None-Match", "Idempotency-Key"}) {
        const Answer refused = append("order-1", R"({"type":"t"})", kJson + name + ":\r\n");
        EXPECT_EQ(refused.status(), 400) << name;
        EXPECT_EQ(refused.json()["fields"]["field"], name);
    }
    EXPECT_EQ(ask("DELETE", "/v1/streams/order-1", "", "If-Match: \r\n").status(), 400);
    EXPECT_EQ(get("/v1/streams/order-1").json()["events"].size(), 1u);
}

TEST_F(StoreRoutesTest, TakesNoPackedBodies) {
    const Answer refused = append(
        "order-1", R"({"type":"t"})", std::string(kJson) + "Content-Encoding: gzip\r\n"
    );
    EXPECT_EQ(refused.status(), 415);
    EXPECT_EQ(refused.header("Accept-Encoding"), "identity");
    EXPECT_EQ(
        append("order-1", R"({"type":"t"})", std::string(kJson) + "Content-Encoding: identity\r\n")
            .status(),
        201
    );
}

TEST_F(StoreRoutesTest, TakesNoEventsOfOtherStreamsThanThePath) {
    const Answer refused = append("a-1", R"([{"type":"t"},{"type":"t","stream":"b-1"}])");
    EXPECT_EQ(refused.status(), 400);
    EXPECT_EQ(refused.json()["fields"]["field"], "[1].stream");
    EXPECT_EQ(append("a-1", R"({"type":"t","stream":"b-1"})").status(), 400);
    EXPECT_EQ(append("a-1", R"({"type":"t","stream":"a-1"})").status(), 201);
    EXPECT_EQ(append("a-1", R"({"events":[{"type":"t","stream":"b-1"}]})").status(), 400);
}

TEST_F(StoreRoutesTest, FeedsEventsThatGoOnFromAnyId) {
    append_many(3);
    const std::string sse = "Accept: text/event-stream\r\n";
    std::vector<std::string> ids;
    {
        Connection feed(door_->port());
        feed.send("GET /v1/events HTTP/1.1\r\nHost: x\r\n" + sse + "\r\n");
        const std::string history = feed.read_until("event: caught-up\n");
        EXPECT_THAT(history, HasSubstr("HTTP/1.1 200 OK\r\n"));
        EXPECT_THAT(history, HasSubstr("Content-Type: text/event-stream\r\n"));
        EXPECT_THAT(history, HasSubstr("X-Accel-Buffering: no\r\n"));
        for (std::size_t at = history.find("\nid: "); at != std::string::npos;
             at = history.find("\nid: ", at + 1)) {
            ids.push_back(history.substr(at + 5, history.find('\n', at + 1) - at - 5));
        }
        append_many(1);
        EXPECT_THAT(feed.read_until("\"revision\":3"), HasSubstr("data: {\"stream\":\"order-1\""));
    }
    ASSERT_EQ(ids.size(), 3u);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        Connection feed(door_->port());
        feed.send(
            "GET /v1/events HTTP/1.1\r\nHost: x\r\n" + sse + "Last-Event-ID: " + ids[i] + "\r\n\r\n"
        );
        const std::string first = feed.read_until("\"revision\":");
        const std::string rest = feed.read_until(",");
        EXPECT_EQ(rest, std::to_string(i + 1) + ",") << first;
    }
    while (store_.open_subscriptions() > 0) std::this_thread::yield();
}

TEST_F(StoreRoutesTest, TellsAFeedThatItsPlaceIsGone) {
    append_many(1);
    const std::string token = "Last-Event-ID: " + model::format_token({1, 1, 0, Position(1), 1}) +
                              "\r\n";
    Connection feed(door_->port());
    feed.send(
        "GET /v1/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n" + token + "\r\n"
    );
    EXPECT_THAT(feed.read_until("\r\n0\r\n"), HasSubstr("event: resync\nid:\n"));
    const Answer problem = get("/v1/events?after=nonsense", "Accept: text/event-stream\r\n");
    EXPECT_EQ(problem.status(), 400);
}

TEST_F(StoreRoutesTest, EndsFeedsAndLongPollsWhenTheStoreCloses) {
    append_many(1);
    Connection feed(door_->port());
    feed.send("GET /v1/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n");
    feed.read_until("event: caught-up\n");
    Connection waiting(door_->port());
    waiting.send("GET /v1/streams/order-1?from=1&wait=60s HTTP/1.1\r\nHost: x\r\n\r\n");
    while (store_.open_subscriptions() < 2) std::this_thread::yield();
    door_->close_store();
    EXPECT_EQ(store_.open_subscriptions(), 0u);
    EXPECT_THAT(feed.read_until("\"retryable\":true"), HasSubstr("shutting_down"));
    EXPECT_EQ(waiting.receive().status(), 503);
    const Answer refused = append("a-1", R"({"type":"t"})");
    EXPECT_EQ(refused.status(), 503);
    EXPECT_EQ(refused.json()["code"], "shutting_down");
    EXPECT_EQ(refused.header("Retry-After"), "1");
    EXPECT_EQ(get("/health/live").status(), 200);
}

TEST_F(StoreRoutesTest, LetsAnAppendUnderWayEndWhenTheStoreCloses) {
    store_.hold_answers(true);
    Connection writer(door_->port());
    writer.send(
        "POST /v1/streams/a-1 HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n{\"type\":\"t\"}"
    );
    while (store_.seen().name_space.empty()) std::this_thread::yield();
    auto closed = std::async(std::launch::async, [&] { door_->close_store(); });
    store_.hold_answers(false);
    EXPECT_EQ(writer.receive().status(), 201);
    closed.get();
}

TEST_F(StoreRoutesTest, LimitsWhatIsReceivedAtATime) {
    HttpDoorOptions options;
    options.bodies_bytes_max = 100'000;
    auto small = std::move(HttpDoor::start(options, {}).value());
    small->open_store(store_);
    Connection first(small->port());
    first.send("POST /v1/streams/a-1 HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n");
    Connection second(small->port());
    Answer refused;
    do {  // until the head of the first has arrived
        refused = Connection(small->port())
                      .ask("POST", "/v1/streams/a-1", std::string(90'000, ' '), "X: y\r\n");
    } while (refused.status() == 400);
    EXPECT_EQ(refused.status(), 429);
    first.send(std::string(90'000, ' '));
    EXPECT_EQ(first.receive().status(), 400) << "blanks are no JSON, but they were taken";
}

}  // namespace
}  // namespace annals::http_door
