// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "annals/http_door/http_door.hpp"
#include "annals/http_door/testing/http_connection.hpp"

#include "direct_host.hpp"

namespace annals::http_door {
namespace {

using http_door::testing::Answer;
using http_door::testing::Connection;
using ::testing::HasSubstr;

constexpr const char* kJson = "Content-Type: application/json\r\n";

class HttpRoutesTest : public ::testing::Test {
  protected:
    HttpRoutesTest() {
        HttpHandlers handlers;
        handlers.readiness = [] { return Readiness{true, "serving", ""}; };
        handlers.metrics_text = [] { return ""; };
        door_ = std::move(HttpDoor::start({}, std::move(handlers)).value());
        door_->open_store(store_.store());
    }

    Answer ask(
        const std::string& method,
        const std::string& path,
        const std::string& body = "",
        const std::string& header_lines = ""
    ) {
        return Connection(door_->port()).ask(method, path, body, header_lines);
    }
    Answer get(const std::string& path, const std::string& header_lines = "") {
        return Connection(door_->port()).get(path, header_lines);
    }
    Answer append(const std::string& stream, const std::string& body, std::string lines = kJson) {
        return ask("POST", "/v1/streams/" + stream, body, lines);
    }
    void append_many(int count) {
        for (int i = 0; i < count; ++i) {
            EXPECT_EQ(append("order-1", R"({"type":"placed"})").status(), 201);
        }
    }

    conformance::DirectHost store_;
    std::unique_ptr<HttpDoor> door_;
};

TEST_F(HttpRoutesTest, AppendsAndReads) {
    const Answer created = append("order-1", R"({"type":"placed","data":{"total":1.50}})");
    EXPECT_EQ(created.status(), 201) << created.body;
    EXPECT_EQ(created.header("ETag"), "\"r0\"");
    EXPECT_EQ(created.header("Location"), "/v1/streams/order-1?from=0&limit=1");
    EXPECT_EQ(created.header("Position"), created.json()["position"].get<std::string>());
    EXPECT_EQ(created.json()["streams"][0]["last_revision"], 0);
    const Answer read = get(created.header("Location"));
    EXPECT_EQ(read.status(), 200);
    EXPECT_THAT(read.body, HasSubstr(R"("data":{"total":1.50})")) << "as it was written";
    EXPECT_EQ(read.header("ETag"), "\"r0\"");
    EXPECT_EQ(read.json()["is_end"], true);
}

TEST_F(HttpRoutesTest, TakesNamesWithAnySigns) {
    EXPECT_EQ(append("a%2Fb%20c-1%3F", R"({"type":"placed"})").status(), 201);
    const Answer read = get("/v1/streams/a%2Fb%20c-1%3F");
    EXPECT_EQ(read.json()["events"][0]["stream"], "a/b c-1?");
    EXPECT_EQ(get("/v1/streams/a/b").status(), 404);
}

TEST_F(HttpRoutesTest, AnswersConditionsOfHeadersWith412AndOfTheBodyWith409) {
    EXPECT_EQ(append("a-1", R"({"type":"t"})", "If-None-Match: *\r\n").status(), 201);
    const Answer exists = append("a-1", R"({"type":"t"})", "If-None-Match: *\r\n");
    EXPECT_EQ(exists.status(), 412);
    EXPECT_EQ(exists.json()["code"], "conflict");
    EXPECT_EQ(exists.json()["current_revision"], 0);
    EXPECT_EQ(append("a-1", R"({"type":"t"})", "If-Match: \"r0\"\r\n").status(), 201);
    const Answer stale = append("a-1", R"({"type":"t"})", "If-Match: \"r0\"\r\n");
    EXPECT_EQ(stale.status(), 412);
    EXPECT_EQ(stale.json()["failed_checks"][0]["expected"], 0);
    const Answer body = append("a-1", R"({"expected":0,"events":[{"type":"t"}]})");
    EXPECT_EQ(body.status(), 409);
    EXPECT_EQ(body.json()["status"], 409);
    EXPECT_EQ(body.json()["failed_checks"][0]["current_revision"], 1);
    const Answer wrong = append("a-1", R"({"type":"t"})", "If-Match: 0\r\n");
    EXPECT_EQ(wrong.status(), 400);
    EXPECT_EQ(wrong.json()["fields"]["field"], "If-Match");
}

TEST_F(HttpRoutesTest, AnswersARepeatedIdempotencyKeyWithTheFirstAnswer) {
    const std::string key = "Idempotency-Key: \"order-7\"\r\n";
    const Answer first = append("a-1", R"({"type":"t"})", key);
    EXPECT_EQ(first.header("Idempotency-Replayed"), "");
    const Answer again = append("a-1", R"({"type":"t"})", "Idempotency-Key: order-7\r\n");
    EXPECT_EQ(again.status(), 201);
    EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
    EXPECT_EQ(again.header("Position"), first.header("Position"));
}

TEST_F(HttpRoutesTest, AppendsOverManyStreamsWithChecks) {
    const Answer both = ask(
        "POST",
        "/v1/append",
        R"({"events":[{"stream":"a-1","type":"t"},{"stream":"b-1","type":"t"}],
            "checks":[{"stream":"c-1","expected":"no_stream"}]})",
        kJson
    );
    EXPECT_EQ(both.status(), 201) << both.body;
    EXPECT_EQ(both.header("ETag"), "");
    EXPECT_EQ(both.header("Location"), "/v1/events?from=1&limit=2");
    const Answer refused = ask(
        "POST", "/v1/append", R"({"events":[{"stream":"a-1","type":"t"}]})", "If-Match: *\r\n"
    );
    EXPECT_EQ(refused.status(), 400);
}

TEST_F(HttpRoutesTest, TakesCloudEventsInAllModes) {
    const std::string event =
        R"({"specversion":"1.0","id":"1","source":"/shop","type":"t","subject":"a-1","data":[1]})";
    const std::string structured = "Content-Type: application/cloudevents+json; charset=utf-8\r\n";
    const std::string batch = "Content-Type: application/cloudevents-batch+json\r\n";
    EXPECT_EQ(append("a-1", event, structured).status(), 201);
    EXPECT_EQ(ask("POST", "/v1/append", "[" + event + "]", batch).json()["is_replay"], true);
    const Answer binary = append(
        "a-1",
        "plain \xFF",
        "Content-Type: text/plain\r\nce-specversion: 1.0\r\nCE-Id: 2\r\nce-source: /shop\r\n"
        "ce-type: gr%C3%BC%C3%9Fe\r\n"
    );
    EXPECT_EQ(binary.status(), 201) << binary.body;
    const Answer read = get("/v1/streams/a-1", "Accept: application/cloudevents-batch+json\r\n");
    EXPECT_EQ(read.header("Content-Type"), "application/cloudevents-batch+json");
    ASSERT_EQ(read.json().size(), 2u);
    EXPECT_EQ(read.json()[0]["id"], "1");
    EXPECT_EQ(read.json()[0]["source"], "/shop");
    EXPECT_EQ(read.json()[1]["type"], "grüße");
    EXPECT_EQ(read.json()[1]["data_base64"], "cGxhaW4g/w==");
    EXPECT_EQ(append("a-1", "a=b", "Content-Type: text/csv\r\n").status(), 415);
}

TEST_F(HttpRoutesTest, PagesByLinks) {
    append_many(5);
    std::string url = "/v1/streams/order-1?limit=2&direction=backwards";
    std::string revisions;
    int pages = 0;
    while (!url.empty()) {
        const Answer page = get(url);
        ASSERT_EQ(page.status(), 200) << page.body;
        const nlohmann::json content = page.json();
        for (const auto& event : content["events"]) {
            revisions += std::to_string(event["revision"].get<int>());
        }
        const std::string link = page.header("Link");
        url = link.empty() ? "" : link.substr(1, link.find('>') - 1);
        ++pages;
    }
    EXPECT_EQ(revisions, "43210");
    EXPECT_EQ(pages, 3);
}

TEST_F(HttpRoutesTest, NamesTheParameterThatIsWrong) {
    append_many(1);
    const auto field_of = [&](const std::string& query) {
        const Answer answer = get("/v1/streams/order-1?" + query);
        EXPECT_EQ(answer.status(), 400) << query << answer.body;
        return answer.status() == 400 ? answer.json()["fields"]["field"].get<std::string>() : "";
    };
    EXPECT_EQ(field_of("limt=5"), "limt");
    EXPECT_EQ(field_of("limit=0"), "limit");
    EXPECT_EQ(field_of("limit=x"), "limit");
    EXPECT_EQ(field_of("limit=5&limit=6"), "limit");
    EXPECT_EQ(field_of("from=yesterday"), "from");
    EXPECT_EQ(field_of("from=1&after=x"), "after");
    EXPECT_EQ(field_of("direction=up"), "direction");
    EXPECT_EQ(field_of("wait=5h"), "wait");
    EXPECT_EQ(field_of("from=end"), "from");
    EXPECT_EQ(field_of("prefix=%zz"), "query");
    const Answer unknown = get("/v1/streams/none-1");
    EXPECT_EQ(unknown.status(), 404);
    EXPECT_EQ(unknown.json()["code"], "stream_not_found");
    EXPECT_EQ(unknown.json()["instance"], "/v1/streams/none-1");
}

TEST_F(HttpRoutesTest, ListsDescribesAndManagesNamespaces) {
    append_many(2);
    EXPECT_EQ(append("cart-1", R"({"type":"opened"})").status(), 201);
    const Answer streams = get("/v1/streams?limit=1");
    EXPECT_EQ(streams.json()["streams"][0]["name"], "cart-1");
    EXPECT_EQ(streams.header("Link"), "</v1/streams?limit=1&after=cart-1>; rel=\"next\"");
    EXPECT_EQ(get("/v1/categories").status(), 200);
    EXPECT_EQ(get("/v1/types?prefix=p").json()["types"][0]["events"], 2);
    EXPECT_EQ(get("/v1/streams/order-1/info").json()["last_revision"], 1);
    EXPECT_EQ(get("/v1/info").status(), 200);
    EXPECT_EQ(get("/v1/events/nonsense").status(), 400);
    const Answer made = ask("POST", "/v1/namespaces", R"({"name":"tenant-a"})");
    EXPECT_EQ(made.status(), 201) << made.body;
    EXPECT_EQ(made.header("Location"), "/v1/ns/tenant-a/info");
    EXPECT_EQ(get("/v1/namespaces").status(), 200);
    EXPECT_EQ(ask("POST", "/v1/namespaces", "{}").status(), 400);
    EXPECT_EQ(ask("DELETE", "/v1/namespaces/tenant-a").status(), 400);
    Connection deleting(door_->port());
    EXPECT_EQ(deleting.ask("DELETE", "/v1/namespaces/tenant-a?confirm=tenant-a").status(), 204);
    EXPECT_EQ(deleting.get("/v1/info").status(), 200) << "204 has no content: the next one comes";
}

}  // namespace
}  // namespace annals::http_door
