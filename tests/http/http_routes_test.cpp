// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <array>
#include <chrono>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "annals/http_door/http_door.hpp"
#include "annals/http_door/testing/described_answers.hpp"
#include "annals/http_door/testing/http_connection.hpp"
#include "annals/model/token.hpp"

#include "direct_host.hpp"

namespace annals::http_door {
namespace {

using http_door::testing::Answer;
using http_door::testing::Connection;
using ::testing::HasSubstr;

constexpr const char* kJson = "Content-Type: application/json\r\n";
constexpr const char* kJsonType = "application/json";

std::string joined(std::initializer_list<std::string_view> texts) {
    std::string all;
    for (const std::string_view text : texts) all += text;
    return all;
}

class HttpRoutesTest : public ::testing::Test {
  protected:
    HttpRoutesTest() {
        HttpHandlers handlers;
        handlers.readiness = [] { return Readiness{true, "serving", ""}; };
        handlers.metrics_text = [] { return ""; };
        door_ = std::move(HttpDoor::start({}, std::move(handlers)).value());
        door_->open_store(store_.store());
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

    conformance::DirectHost store_;
    std::unique_ptr<HttpDoor> door_;
    std::optional<testing::DescribedAnswers> described_;
};

TEST_F(HttpRoutesTest, WaitsForAStreamThatIsNotThereYet) {
    EXPECT_EQ(get("/v1/streams/order-1?wait=10ms").status(), 404);
    Connection waiting(door_->port());
    waiting.send("GET /v1/streams/order-1?wait=60s HTTP/1.1\r\nHost: x\r\n\r\n");
    append_many(1);
    const Answer came = waiting.receive();
    EXPECT_EQ(came.status(), 200);
    EXPECT_EQ(came.json()["events"][0]["revision"], 0);
}

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

TEST_F(HttpRoutesTest, NamesWhatIsWrongAsItStoodInTheContent) {
    const auto field = [&](const std::string& body, const std::string& headers = "") {
        const Answer refused = append("a-1", body, headers);
        EXPECT_EQ(refused.status(), 400) << refused.body;
        const std::string name = refused.json()["fields"]["field"];
        EXPECT_THAT(refused.json()["detail"], ::testing::StartsWith(name + " ")) << refused.body;
        return name;
    };
    // what the parser refuses, and what the store does
    EXPECT_EQ(field(R"({"type":"t","id":"7"})"), "id");
    EXPECT_EQ(field(R"({"type":""})"), "type");
    EXPECT_EQ(field(R"({"type":"t","tags":["a:1",""]})"), "tags[1]");
    EXPECT_EQ(field(R"([{"type":"t"},{"type":"t","id":"7"}])"), "[1].id");
    EXPECT_EQ(field(R"([{"type":"t"},{"type":""}])"), "[1].type");
    EXPECT_EQ(field(R"({"events":[{"type":"t"},{"type":""}]})"), "events[1].type");
    // An event's own, though there is a header field of that name.
    EXPECT_EQ(field(R"({"type":"t","actor":"\u0007"})", "Actor: ann\r\n"), "actor");
    const std::string cloud = R"("specversion":"1.0","id":"1","source":"/x","type":"t")";
    const std::string one = "Content-Type: application/cloudevents+json\r\n";
    const std::string many = "Content-Type: application/cloudevents-batch+json\r\n";
    EXPECT_EQ(field("{" + cloud + R"(,"correlationid":"\u0007"})", one), "correlationid");
    EXPECT_EQ(field("[{" + cloud + R"(,"correlationid":"\u0007"}])", many), "[0].correlationid");
    const std::string binary =
        "Content-Type: application/json\r\nce-specversion: 1.0\r\nce-id: 1\r\nce-source: /x\r\n"
        "ce-type: t\r\n";
    EXPECT_EQ(field("{}", binary + "ce-correlationid: %07\r\n"), "ce-correlationid");
    EXPECT_EQ(field("{}", binary + "ce-schemaid: x\r\n"), "ce-schemaid");
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

TEST_F(HttpRoutesTest, AKeyThatComesWithOtherContentIsRefusedByItsName) {
    const std::string key = "Idempotency-Key: \"order-7\"\r\n";
    EXPECT_EQ(append("a-1", R"({"type":"t"})", key).status(), 201);
    const auto expect_refused = [](const Answer& refused) {
        EXPECT_EQ(refused.status(), 422) << refused.body;
        EXPECT_EQ(refused.json()["code"], "id_conflict");
        EXPECT_EQ(refused.json()["fields"]["field"], "Idempotency-Key");
        EXPECT_EQ(refused.json()["fields"]["value"], "\"order-7\"") << "as it was sent";
        const std::string detail = refused.json()["detail"];
        EXPECT_THAT(detail, ::testing::StartsWith("Idempotency-Key was used before: "));
        EXPECT_THAT(detail, ::testing::EndsWith("or take a new key"));
    };
    expect_refused(append("a-1", R"({"type":"u"})", key));
    expect_refused(append("a-1", R"([{"type":"t"},{"type":"t"}])", key));
    const std::string both =
        R"({"events":[{"stream":"a-1","type":"t"},{"stream":"b-1","type":"t"}]})";
    expect_refused(ask("POST", "/v1/append", both, key));
    EXPECT_EQ(append("a-1", R"({"type":"t"})", key).header("Idempotency-Replayed"), "true");
    const Answer elsewhere = append("b-1", R"({"type":"u"})", key);
    EXPECT_EQ(elsewhere.status(), 201) << "a key stands within its streams";
    EXPECT_EQ(elsewhere.header("Idempotency-Replayed"), "");
}

TEST_F(HttpRoutesTest, AHeaderFieldThatSaysOneThingIsThereOnce) {
    append_many(1);
    for (const auto& [name, one, other] : std::vector<std::array<std::string, 3>>{
             {"Idempotency-Key", "k-1", "k-2"},
             {"If-Match", "\"r0\"", "\"r1\""},
             {"If-None-Match", "*", "*"},
         }) {
        const std::string lines = joined({name, ": ", one, "\r\n", name, ": ", other, "\r\n"});
        for (const auto& [method, path, body] : std::vector<std::array<std::string, 3>>{
                 {"POST", "/v1/streams/order-1", R"({"type":"t"})"},
                 {"PUT", "/v1/streams/order-1/metadata", "{}"},
                 {"DELETE", "/v1/streams/order-1", ""},
             }) {
            const Answer refused = ask(method, path, body, lines);
            EXPECT_EQ(refused.status(), 400) << name << method << refused.body;
            EXPECT_EQ(refused.json()["fields"]["field"], name);
            EXPECT_EQ(refused.json()["fields"]["value"], other);
        }
    }
    EXPECT_EQ(get("/v1/events").json()["events"].size(), 1u);
}

/// The position behind that of a token: nothing lies there yet.
std::string next_of(const std::string& token) {
    model::PositionToken parsed = model::parse_token(token).value();
    parsed.position = parsed.position.plus(1);
    return model::format_token(parsed);
}

TEST_F(HttpRoutesTest, MinPositionInAHeaderFieldWaitsLikeTheParameter) {
    append_many(1);
    const std::string written = append("order-1", R"({"type":"paid"})").header("Position");
    for (const std::string path : {"/v1/events", "/v1/streams/order-1"}) {
        const Answer seen = get(path, "Min-Position: " + written + "\r\n");
        EXPECT_EQ(seen.status(), 200) << seen.body;
        EXPECT_EQ(seen.json()["events"].size(), 2u);
        const std::string later = "Min-Position: " + next_of(written) + "\r\n";
        const Answer late = get(path + "?wait=10ms", later);
        EXPECT_EQ(late.status(), 504) << late.body;
        EXPECT_EQ(late.json()["code"], "position_not_reached");
        EXPECT_EQ(get(joined({path, "?wait=10ms&min_position=", written}), later).status(), 200)
            << "the parameter goes before it";
    }
}

TEST_F(HttpRoutesTest, ThePastDoesNotLieBeyondTheEndHoweverItIsSaid) {
    append_many(2);
    const std::string end = get("/v1/events").json()["position"];
    for (const std::string path : {"/v1/events", "/v1/streams/order-1"}) {
        for (const std::string& as_of : {std::string("3"), std::string("99"), next_of(end)}) {
            const Answer refused = get(joined({path, "?as_of=", as_of}));
            EXPECT_EQ(refused.status(), 409) << refused.body;
            EXPECT_EQ(refused.json()["code"], "token_beyond_end");
            EXPECT_EQ(refused.json()["fields"]["field"], "as_of");
            EXPECT_EQ(refused.json()["fields"]["value"], as_of);
            EXPECT_THAT(refused.json()["detail"].get<std::string>(), HasSubstr(": "));
        }
        EXPECT_EQ(get(path + "?as_of=2").json()["events"].size(), 2u);
        EXPECT_EQ(get(path + "?as_of=1").json()["events"].size(), 1u);
        EXPECT_EQ(get(joined({path, "?as_of=", end})).json()["events"].size(), 2u);
    }
}

TEST_F(HttpRoutesTest, TheEventsOfAnIdAreReadLikeOthers) {
    const std::string id = "01900000-0000-7000-8000-000000000001";
    const std::string path = "/v1/events/" + id;
    std::vector<std::string> tokens;
    for (const auto& [stream, type] : std::vector<std::array<std::string, 2>>{
             {"a-1", "opened"}, {"b-1", "closed"}, {"c-1", "opened"}
         }) {
        const std::string event = joined(
            {R"({"type":")", type, R"(","id":")", id, R"(","tags":["of:)", stream, R"("]})"}
        );
        tokens.push_back(append(stream, event).header("Position"));
    }
    append_many(1);
    const auto streams = [&](const std::string& query) {
        const Answer page = get(path + query);
        EXPECT_EQ(page.status(), 200) << query << page.body;
        std::string names;
        const nlohmann::json content = page.json();
        for (const auto& event : content["events"]) {
            names += event["stream"].get<std::string>().front();
        }
        return names;
    };
    EXPECT_EQ(streams(""), "abc");
    EXPECT_EQ(streams("?direction=backwards"), "cba");
    EXPECT_EQ(streams("?from=2"), "bc");
    EXPECT_EQ(streams("?from=2&direction=backwards"), "ba");
    EXPECT_EQ(streams("?from=end&direction=backwards&limit=1"), "c");
    EXPECT_EQ(streams("?after=" + tokens[0]), "bc");
    EXPECT_EQ(streams("?as_of=2"), "ab");
    EXPECT_EQ(streams("?as_of=" + tokens[0]), "a");
    EXPECT_EQ(streams("?from_time=2000-01-01T00:00:00Z"), "abc");
    EXPECT_EQ(streams("?until=2000-01-01T00:00:00Z"), "");
    EXPECT_EQ(streams("?category=b&category=c"), "bc");
    EXPECT_EQ(streams("?type=opened"), "ac");
    EXPECT_EQ(streams("?tag=of:c-1"), "c");
    EXPECT_EQ(streams("?prefix=b"), "b");
    EXPECT_EQ(streams("?match=%5E%5Bab%5D"), "ab");
    EXPECT_EQ(streams("?match_type=clo"), "b");
    for (const std::string direction : {"forwards", "backwards"}) {
        std::string url = joined({path, "?limit=2&direction=", direction});
        std::string names;
        while (!url.empty()) {
            const Answer page = get(url);
            ASSERT_EQ(page.status(), 200) << page.body;
            EXPECT_EQ(page.json()["is_end"], page.header("Link").empty());
            const nlohmann::json content = page.json();
            for (const auto& event : content["events"]) {
                names += event["stream"].get<std::string>().front();
            }
            const std::string link = page.header("Link");
            url = link.empty() ? "" : link.substr(1, link.find('>') - 1);
        }
        EXPECT_EQ(names, direction == "forwards" ? "abc" : "cba");
    }
    EXPECT_EQ(get(path + "?as_of=99").status(), 409);
    for (const std::string query :
         {"from_revision=0", "limit=5000", "wait=1s", "from=end", "after=nonsense", "match=(("}) {
        const Answer refused = get(joined({path, "?", query}));
        EXPECT_EQ(refused.status(), 400) << query << refused.body;
        EXPECT_EQ(refused.json()["fields"]["field"], query.substr(0, query.find('=')));
    }
}

TEST_F(HttpRoutesTest, ErrorsTellTheValueThatWasSentAndWhatToDo) {
    append_many(1);
    const std::string feed = "Accept: text/event-stream\r\n";
    const auto value = [&](const std::string& target, const std::string& lines = "") {
        const Answer refused = get(target, lines);
        EXPECT_GE(refused.status(), 400) << target;
        return refused.json()["fields"].value("value", "none");
    };
    EXPECT_EQ(value("/v1/events?as_of=3", feed), "3");
    EXPECT_EQ(value("/v1/events?limit=5", feed), "5");
    EXPECT_EQ(value("/v1/events?wait=5s", feed), "5s");
    EXPECT_EQ(value("/v1/events", feed + "Min-Position: abc\r\n"), "abc");
    EXPECT_EQ(value("/v1/events?from=1&after=x%20y"), "x y");
    EXPECT_EQ(value("/v1/streams/order-1?from=0&from_revision=7"), "7");
    EXPECT_EQ(value("/v1/events?batch_events_max=9"), "9");
    EXPECT_EQ(value("/v1/events?wait=7s&direction=backwards"), "7s");
    const auto detail = [&](const std::string& method, const std::string& target) {
        const Answer refused = ask(method, target, method == "POST" ? R"({"type":"t"})" : "");
        EXPECT_GE(refused.status(), 400) << target;
        return refused.json()["detail"].get<std::string>();
    };
    const std::string none = "there are no parameters here";
    EXPECT_THAT(detail("GET", "/v1/info?x=1"), HasSubstr(none));
    EXPECT_THAT(detail("POST", "/v1/streams/a-1?expected=5"), HasSubstr(none));
    for (const std::string only : {"category=a", "prefix=a", "match=a", "include_system"}) {
        const std::string said = detail("GET", "/v1/streams/order-1?" + only);
        EXPECT_THAT(said, HasSubstr("the parameters here are from, after, from_revision, "));
        EXPECT_THAT(said, ::testing::Not(HasSubstr("prefix,")));
    }
    EXPECT_THAT(detail("PATCH", "/v1/streams"), HasSubstr("it takes GET, HEAD"));
    EXPECT_THAT(
        detail("GET", "/v1/events?as_of=2026-13-01T00:00:00Z"),
        HasSubstr("a position token, a position or a time")
    );
    EXPECT_THAT(
        detail("GET", "/v1/events?from=99999999999999999999"), HasSubstr("18446744073709551615")
    );
    EXPECT_THAT(detail("GET", "/v1/streams/$all"), ::testing::EndsWith("check the name"));
    EXPECT_THAT(detail("GET", "/v1/streams/none-1"), HasSubstr("append its first event"));
    const std::string made = R"({"name":"ta"})";
    EXPECT_EQ(ask("POST", "/v1/namespaces", made).status(), 201);
    EXPECT_THAT(ask("POST", "/v1/namespaces", made).body, HasSubstr("choose another name"));
    // Nothing was sent, so nothing is told.
    const Answer left_out = ask("POST", "/v1/streams/order-1/truncate");
    EXPECT_EQ(left_out.json()["fields"].count("value"), 0u);
}

TEST_F(HttpRoutesTest, AResyncNamesTheHeaderFieldThatWasSent) {
    const std::string end = append("a-1", R"({"type":"t"})").header("Position");
    Connection feed(door_->port());
    feed.send(
        "GET /v1/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nLast-Event-ID: " +
        next_of(end) + "\r\n\r\n"
    );
    const std::string said = feed.read_until("trace_id");
    EXPECT_THAT(said, HasSubstr("event: resync\n"));
    EXPECT_THAT(said, HasSubstr(R"("detail":"Last-Event-ID: the token says position 2)"));
    EXPECT_THAT(said, HasSubstr(R"("field":"Last-Event-ID")"));
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
    const Answer other = ask(
        "POST", "/v1/append", R"({"events":[{"stream":"a-1","type":"t"}]})", "If-None-Match: *\r\n"
    );
    EXPECT_EQ(other.json()["fields"]["field"], "If-None-Match");
    EXPECT_EQ(other.json()["fields"]["value"], "*");
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

TEST_F(HttpRoutesTest, MetadataAreReadAndReplacedOnTheirRevision) {
    append_many(3);
    const std::string path = "/v1/streams/order-1/metadata";
    const Answer before = get(path);
    EXPECT_EQ(before.status(), 200) << before.body;
    EXPECT_EQ(before.header("ETag"), "") << "nothing was said";
    EXPECT_EQ(before.json()["metadata"], nlohmann::json::object());
    const std::string content = R"({"max_count":2,"custom":{"owner" : 1.50}})";
    const Answer first = ask("PUT", path, content, "If-None-Match: *\r\n");
    EXPECT_EQ(first.status(), 200) << first.body;
    EXPECT_EQ(first.header("ETag"), "\"r0\"");
    EXPECT_EQ(first.header("Position"), first.json()["position"].get<std::string>());
    EXPECT_EQ(get("/v1/streams/order-1").json()["events"].size(), 2u);
    const Answer said = get(path);
    EXPECT_EQ(said.header("ETag"), "\"r0\"");
    EXPECT_THAT(said.body, HasSubstr(R"("custom":{"owner" : 1.50})")) << "as it was written";
    EXPECT_EQ(said.json()["revision"], 0);

    EXPECT_EQ(ask("PUT", path, "{}", "If-None-Match: *\r\n").status(), 412);
    EXPECT_EQ(ask("PUT", path, "{}", "If-Match: \"r1\"\r\n").status(), 412);
    const Answer conflict = ask("PUT", path + "?expected=1", "{}");
    EXPECT_EQ(conflict.status(), 409);
    EXPECT_EQ(conflict.json()["failed_checks"][0]["stream"], "$$order-1");
    EXPECT_EQ(conflict.json()["current_revision"], 0);
    EXPECT_EQ(ask("PUT", path, "{}", "If-Match: \"r0\"\r\n").header("ETag"), "\"r1\"");
    EXPECT_EQ(get("/v1/streams/order-1").json()["events"].size(), 3u);

    EXPECT_EQ(ask("PUT", "/v1/categories/order/metadata", R"({"max_count":1})").status(), 200);
    EXPECT_EQ(get("/v1/categories/order/metadata").json()["category"], "order");
    EXPECT_EQ(get("/v1/streams/order-1").json()["events"].size(), 1u);
}

TEST_F(HttpRoutesTest, DeletedIsNotFoundAndTombstonedIsGone) {
    append_many(2);
    const std::string path = "/v1/streams/order-1";
    EXPECT_EQ(ask("DELETE", path, "", "If-Match: \"r0\"\r\n").status(), 412);
    EXPECT_EQ(ask("DELETE", path + "?expected=0").status(), 409);
    EXPECT_EQ(ask("DELETE", path + "?expected=1", "", "If-Match: *\r\n").status(), 400);
    EXPECT_EQ(ask("DELETE", path + "?expected=soon").json()["fields"]["field"], "expected");
    EXPECT_EQ(ask("DELETE", path, "{\"expected\":0}").json()["fields"]["field"], "body")
        << "what is not looked at is refused";
    EXPECT_EQ(ask("DELETE", path, "", "If-Match: \"r1\"\r\nIdempotency-Key: k\r\n").status(), 200);
    const Answer again = ask("DELETE", path, "", "If-Match: \"r1\"\r\nIdempotency-Key: k\r\n");
    EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
    const Answer deleted = get(path);
    EXPECT_EQ(deleted.status(), 404);
    EXPECT_EQ(deleted.json()["fields"]["is_deleted"], "true");
    EXPECT_EQ(append("order-1", R"({"type":"placed"})").header("ETag"), "\"r2\"");
    EXPECT_EQ(get(path).json()["events"].size(), 1u);

    EXPECT_EQ(ask("POST", path + "/tombstone?expected=2").status(), 200);
    for (const auto& [method, where] : std::vector<std::pair<std::string, std::string>>{
             {"GET", path},
             {"DELETE", path},
             {"GET", path + "/metadata"},
             {"POST", path + "/tombstone"},
             {"POST", path + "/truncate?before=0"},
             {"GET", path + "/snapshots"},
         }) {
        const Answer gone = ask(method, where);
        EXPECT_EQ(gone.status(), 410) << method << " " << where << gone.body;
        EXPECT_EQ(gone.json()["code"], "stream_deleted");
    }
    EXPECT_EQ(append("order-1", R"({"type":"placed"})").status(), 410);
    EXPECT_EQ(ask("DELETE", "/v1/streams/$system-1").status(), 403);
}

/// Without a condition it is simply not there; with one, the condition fails.
TEST_F(HttpRoutesTest, DeletingWhatNeverWasIsNotFoundUnlessACheckWasAskedFor) {
    const std::string path = "/v1/streams/none-1";
    const Answer absent = ask("DELETE", path);
    EXPECT_EQ(absent.status(), 404) << absent.body;
    EXPECT_EQ(absent.json()["code"], "stream_not_found");
    EXPECT_EQ(absent.json()["fields"]["stream"], "none-1");
    EXPECT_EQ(ask("DELETE", path, "", "If-Match: *\r\n").status(), 412);
    EXPECT_EQ(ask("DELETE", path, "", "If-Match: \"r0\"\r\n").status(), 412);
    EXPECT_EQ(ask("DELETE", path + "?expected=0").status(), 409);
    EXPECT_EQ(ask("DELETE", path + "?expected=any").status(), 409) << "as the protocol has it";
    append_many(1);
    EXPECT_EQ(ask("DELETE", "/v1/streams/order-1").status(), 200);
    EXPECT_EQ(ask("DELETE", "/v1/streams/order-1").status(), 200) << "sent again: it is deleted";
}

TEST_F(HttpRoutesTest, WhatNeverWasIsNotDeletedWhateverIsExpected) {
    const std::string path = "/v1/streams/never-1";
    const Answer unsaid = ask("DELETE", path);
    EXPECT_EQ(unsaid.status(), 404);
    EXPECT_EQ(unsaid.json()["code"], "stream_not_found");
    for (const std::string expected : {"any", "no_stream", "exists"}) {
        const Answer said = ask("DELETE", joined({path, "?expected=", expected}));
        EXPECT_EQ(said.status(), 409) << expected;
        EXPECT_EQ(said.json()["code"], "conflict");
    }
    EXPECT_EQ(ask("DELETE", path, "", "If-Match: *\r\n").status(), 412);
    EXPECT_EQ(ask("POST", path + "/tombstone?expected=any").status(), 200);
}

TEST_F(HttpRoutesTest, AnEventByItsIdIsNoFeed) {
    const Answer created = append(
        "a-1", R"({"type":"t","id":"01900000-0000-7000-8000-000000000001"})"
    );
    ASSERT_EQ(created.status(), 201);
    const std::string path = "/v1/events/01900000-0000-7000-8000-000000000001";
    EXPECT_EQ(get(path, "Accept: text/event-stream\r\n").status(), 406);
    EXPECT_EQ(get(path, "Accept: text/event-stream, application/json\r\n").status(), 200);
    EXPECT_EQ(get(path, "Accept: */*\r\n").status(), 200);
}

TEST_F(HttpRoutesTest, WhatIsReadLooksAsAcceptWantsItMost) {
    const Answer created = append(
        "a-1", R"({"type":"t","id":"01900000-0000-7000-8000-000000000001"})"
    );
    ASSERT_EQ(created.status(), 201);
    const std::string batch = "application/cloudevents-batch+json";
    for (const std::string path :
         {"/v1/events/01900000-0000-7000-8000-000000000001", "/v1/streams/a-1", "/v1/events"}) {
        const auto type_for = [&](const std::string& accept) {
            return get(path, "Accept: " + accept + "\r\n").header("Content-Type");
        };
        EXPECT_EQ(type_for("application/json, application/cloudevents+json;q=0.5"), kJsonType);
        EXPECT_EQ(type_for("application/json, " + batch + ";q=0.5"), kJsonType);
        EXPECT_EQ(type_for("application/json;q=0.5, " + batch), batch);
        EXPECT_EQ(type_for("application/json;q=0.5\r\nAccept: " + batch), batch) << "two fields";
        EXPECT_EQ(type_for("text/event-stream;q=0.1, application/*"), kJsonType);
        const Answer refused = get(path, "Accept: text/html, */*;q=0\r\n");
        EXPECT_EQ(refused.status(), 406);
        EXPECT_EQ(refused.header("Content-Type"), "application/problem+json");
        EXPECT_THAT(
            refused.json()["detail"].get<std::string>(),
            ::testing::StartsWith(
                "Accept asks for nothing that there is here: application/json, " + batch
            )
        );
    }
    for (const std::string path : {"/v1/streams", "/v1/info", "/v1/namespaces"}) {
        EXPECT_EQ(get(path, "Accept: text/html\r\n").status(), 406) << path;
        EXPECT_EQ(get(path, "Accept: text/html, */*;q=0.1\r\n").status(), 200) << path;
    }
    EXPECT_EQ(ask("PUT", "/v1/streams/a-1/metadata", "{}", "Accept: text/html\r\n").status(), 200)
        << "what is done is told";
}

TEST_F(HttpRoutesTest, ProblemsTellTheTraceAndThePathAsTheyCame) {
    const std::string trace = "0af7651916cd43dd8448eb211c80319c";
    const Answer traced = get(
        "/v1/streams/no%20such%2Fone-1", "traceparent: 00-" + trace + "-b7ad6b7169203331-01\r\n"
    );
    EXPECT_EQ(traced.status(), 404);
    EXPECT_EQ(traced.json()["trace_id"], trace);
    EXPECT_EQ(traced.json()["instance"], "/v1/streams/no%20such%2Fone-1");
    const std::string first = get("/v1/streams/none-1").json()["trace_id"];
    EXPECT_EQ(first.size(), 32u);
    EXPECT_NE(get("/v1/streams/none-1").json()["trace_id"], first) << "made for each";
}

/// Not the store's words for it.
TEST_F(HttpRoutesTest, ErrorsOfTheStoreNameTheParameterToo) {
    append_many(1);
    const auto field_of = [&](const std::string& target, const std::string& lines = "") {
        const Answer answer = get(target, lines);
        EXPECT_GE(answer.status(), 400) << target << answer.body;
        const auto json = answer.json();
        return json["fields"].value("field", "none");
    };
    const std::string events = "/v1/events?";
    EXPECT_EQ(field_of(events + "match=(("), "match");
    EXPECT_THAT(
        get(events + "match=((").json()["detail"].get<std::string>(),
        ::testing::StartsWith("match \"((\"")
    );
    EXPECT_EQ(field_of(events + "match_type=(("), "match_type");
    EXPECT_EQ(field_of(events + "match=" + std::string(2'000, 'a')), "match");
    EXPECT_EQ(field_of(events + "prefix=" + std::string(2'000, 'a')), "prefix");
    EXPECT_EQ(field_of(events + "category=" + std::string(2'000, 'a')), "category");
    EXPECT_EQ(field_of(events + "type=" + std::string(2'000, 'a')), "type");
    EXPECT_EQ(field_of(events + "tag=no-colon"), "tag");
    EXPECT_EQ(field_of(events + "after=nonsense"), "after");
    EXPECT_EQ(field_of(events + "as_of=nonsense"), "as_of");
    EXPECT_EQ(field_of(events + "min_position=nonsense"), "min_position");
    EXPECT_EQ(field_of(events, "Min-Position: nonsense\r\n"), "Min-Position");
    EXPECT_EQ(field_of(events + "from=99"), "from");
    EXPECT_EQ(field_of(events + "from_position=99"), "from_position");
    EXPECT_EQ(field_of(events + "from_revision=0"), "from_revision");
    EXPECT_EQ(field_of(events + "limit=5000"), "limit");
    EXPECT_EQ(
        field_of(events, "Accept: text/event-stream\r\nLast-Event-ID: nonsense\r\n"),
        "Last-Event-ID"
    );
    EXPECT_EQ(field_of("/v1/streams/order-1/info?type=t"), "type") << "nowhere taken and not used";
    EXPECT_EQ(field_of(events + "batch_events_max=5"), "batch_events_max");
    EXPECT_EQ(field_of(events + "limit=5", "Accept: text/event-stream\r\n"), "limit");
    EXPECT_EQ(field_of(events + "wait=5s", "Accept: text/event-stream\r\n"), "wait");
    EXPECT_EQ(field_of(events, "Accept: text/event-stream\r\nMin-Position: x\r\n"), "Min-Position");
    EXPECT_EQ(field_of("/v1/namespaces?zz=1"), "zz");
    EXPECT_EQ(field_of("/v1/info?zz=1"), "zz");
    EXPECT_EQ(field_of("/v1/events/01900000-0000-7000-8000-000000000001?limit=0"), "limit");
    // Behind the frame that its token is of.
    const std::string token = get("/v1/events").json()["position"];
    for (const std::string number : {"99999999", "18446744073709551615"}) {
        const std::string header = joined({"Last-Event-ID: ", token, ".", number, "\r\n"});
        EXPECT_EQ(field_of(events, "Accept: text/event-stream\r\n" + header), "Last-Event-ID");
    }
}

TEST_F(HttpRoutesTest, ErrorsOfTheStoreNameTheMemberOfTheContentToo) {
    const auto field_of = [&](const std::string& path, const std::string& body) {
        const Answer answer = ask(path.ends_with("namespaces") ? "POST" : "PUT", path, body, kJson);
        EXPECT_GE(answer.status(), 400) << path << body << answer.body;
        return answer.json()["fields"].value("field", "none");
    };
    for (const std::string path : {"/v1/streams/a-1/metadata", "/v1/categories/a/metadata"}) {
        for (const std::string name : {"max_age_s", "max_count"}) {
            EXPECT_EQ(field_of(path, "{\"" + name + "\":0}"), name);
            EXPECT_EQ(field_of(path, "{\"" + name + "\":-1}"), name);
        }
        EXPECT_EQ(field_of(path, R"({"truncate_before":9223372036854775809})"), "truncate_before");
        EXPECT_EQ(field_of(path, R"({"compact_by":"a:b"})"), "compact_by");
        EXPECT_EQ(field_of(path, R"({"custom":5})"), "custom");
        EXPECT_EQ(field_of(path, R"({"max_cuont":5})"), "max_cuont");
        EXPECT_EQ(field_of(path, "[]"), "body");
    }
    EXPECT_EQ(field_of("/v1/namespaces", R"({"name":"A B"})"), "name");
    EXPECT_EQ(field_of("/v1/namespaces", R"({"name":5})"), "name");
    EXPECT_EQ(field_of("/v1/namespaces", R"({"nmae":"a"})"), "body");
}

TEST_F(HttpRoutesTest, NorDoesAnErrorNameAnotherParameterInTheStoresWords) {
    const Answer swapped = get("/v1/events?since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z");
    EXPECT_EQ(swapped.json()["fields"]["field"], "until");
    EXPECT_THAT(
        swapped.json()["detail"].get<std::string>(),
        ::testing::StartsWith("until is not later than since:")
    );
}

TEST_F(HttpRoutesTest, AWaitGoesOnWhenWhatCameLiesBeforeWhatWasAskedFor) {
    append_many(1);
    auto waiting = std::async(std::launch::async, [this] {
        http_door::testing::Connection other(door_->port());
        return other.get("/v1/streams/order-1?from=50&wait=30s").json()["events"].size();
    });
    // So many that it waits before they are all there.
    for (int i = 0; i < 50; ++i) append("order-1", R"({"type":"t"})");
    EXPECT_EQ(waiting.get(), 1u);
}

TEST_F(HttpRoutesTest, TruncatesBeforeARevision) {
    append_many(4);
    const std::string path = "/v1/streams/order-1/truncate";
    EXPECT_EQ(ask("POST", path).json()["fields"]["field"], "before");
    EXPECT_EQ(ask("POST", path, R"({"before":2})").json()["fields"]["field"], "body");
    EXPECT_EQ(ask("POST", path + "?before=9").json()["fields"]["field"], "before");
    EXPECT_EQ(ask("POST", path + "?before=2", "", "If-Match: \"r7\"\r\n").status(), 412);
    EXPECT_EQ(ask("POST", path + "?before=2&expected=3").status(), 200);
    EXPECT_EQ(get("/v1/streams/order-1").json()["events"][0]["revision"], 2);
    EXPECT_EQ(ask("POST", "/v1/streams/none-1/truncate?before=0").status(), 404);
}

TEST_F(HttpRoutesTest, APageTellsWhatItPassedOver) {
    append_many(4);
    EXPECT_EQ(append("other-1", R"({"type":"t"})").status(), 201);
    EXPECT_EQ(ask("POST", "/v1/streams/order-1/truncate?before=3").status(), 200);
    const std::string hidden = R"("removed":[{"first_position":1,"last_position":3,"events":3,)"
                               R"("first_revision":0,"last_revision":2}])";
    EXPECT_THAT(get("/v1/streams/order-1").body, HasSubstr(hidden));
    EXPECT_EQ(get("/v1/streams/order-1?from=3").json().count("removed"), 0u);
    EXPECT_EQ(get("/v1/events").json().count("removed"), 0u) << "only hidden so far";
    store_.free_space();
    const Answer all = get("/v1/events");
    EXPECT_EQ(all.json()["removed"][0]["events"], 3);
    EXPECT_EQ(all.json()["removed"].size(), 1u);
    EXPECT_THAT(all.json()["removed"][0]["removed_time"].get<std::string>(), HasSubstr("T"));
    EXPECT_EQ(get("/v1/events?prefix=other").json().count("removed"), 0u);

    const Answer batch = get("/v1/events", "Accept: application/cloudevents-batch+json\r\n");
    EXPECT_EQ(batch.header("Removed-Events"), "3");
    const Answer none = get("/v1/events?from=4", "Accept: application/cloudevents-batch+json\r\n");
    EXPECT_EQ(none.header("Removed-Events"), "");
}

TEST_F(HttpRoutesTest, ABatchOfCloudEventsTellsThatNobodyKnowsWhatIsGone) {
    append_many(3);
    EXPECT_EQ(ask("POST", "/v1/streams/order-1/truncate?before=2").status(), 200);
    const std::string path = "/v1/streams/order-1?type=placed";
    EXPECT_EQ(get(path).json()["removed"][0]["is_uncertain"], true);
    const Answer batch = get(path, "Accept: application/cloudevents-batch+json\r\n");
    EXPECT_EQ(batch.header("Removed-Events"), "0;uncertain");
}

TEST_F(HttpRoutesTest, ThePastTellsNothingOfWhatIsRemovedBehindIt) {
    append_many(2);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(append("gone-1", R"({"type":"t"})").status(), 201);
    append_many(1);
    EXPECT_EQ(ask("DELETE", "/v1/streams/gone-1").status(), 200);
    store_.free_space();
    EXPECT_EQ(get("/v1/events?as_of=2").json().count("removed"), 0u);
    EXPECT_EQ(get("/v1/events?as_of=6").json()["removed"][0]["events"], 3);
}

TEST_F(HttpRoutesTest, WhoWaitsIsToldAtOnceThatNothingIsLeft) {
    EXPECT_EQ(append("a-1", R"({"type":"t"})").status(), 201);
    EXPECT_EQ(ask("POST", "/v1/streams/a-1/truncate?before=1").status(), 200);
    const auto begun = std::chrono::steady_clock::now();
    const Answer told = get("/v1/streams/a-1?wait=60s");
    EXPECT_EQ(told.json()["removed"][0]["events"], 1);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(50));
}

TEST_F(HttpRoutesTest, SnapshotsAreKeptByTheirFoldAndVersions) {
    append_many(3);
    const std::string path = "/v1/streams/order-1/snapshots/totals%2Fnet";
    const Answer none = get(path);
    EXPECT_EQ(none.status(), 404);
    EXPECT_EQ(none.json()["code"], "snapshot_not_found");
    const std::string data("<b>\0\xFF", 5);
    const std::string html = "Content-Type: text/html\r\n";
    EXPECT_EQ(ask("PUT", path + "?reducer_version=2", data, html).status(), 400) << "no revision";
    EXPECT_EQ(ask("PUT", path + "?reducer_version=2&revision=3", data, html).status(), 400);
    EXPECT_EQ(ask("PUT", path + "?reducer_version=2&revision=1", data, html).status(), 204);
    EXPECT_EQ(ask("PUT", path + "?reducer_version=2&revision=2", "new").status(), 204);
    EXPECT_EQ(get(path).status(), 404) << "another version of the fold";
    const Answer old = get(path + "?reducer_version=2&max_revision=1");
    EXPECT_EQ(old.body, data);
    EXPECT_EQ(old.header("Content-Type"), "text/html");
    EXPECT_EQ(old.header("Snapshot-Revision"), "1");
    EXPECT_THAT(old.header("Snapshot-Time"), HasSubstr("T"));
    EXPECT_THAT(old.header("Content-Security-Policy"), HasSubstr("sandbox"))
        << "nobody's data run as a page of the server";
    EXPECT_EQ(get(path + "?reducer_version=2").header("Snapshot-Revision"), "2");

    const Answer list = get("/v1/streams/order-1/snapshots");
    ASSERT_EQ(list.json()["snapshots"].size(), 2u) << list.body;
    EXPECT_EQ(list.json()["snapshots"][0]["reducer"], "totals/net");
    EXPECT_EQ(list.json()["snapshots"][0]["bytes"], 3);
    EXPECT_EQ(get("/v1/streams/order-1/snapshots?revision=1").json()["snapshots"].size(), 1u);
    EXPECT_EQ(get("/v1/streams/order-1/snapshots?reducer=x").json()["snapshots"].size(), 0u);
    EXPECT_EQ(ask("DELETE", path + "?schema_version=1").status(), 400) << "not a choice";
    EXPECT_EQ(ask("DELETE", path + "?revision=2").json()["deleted"], 1);
    EXPECT_EQ(get(path + "?reducer_version=2").header("Snapshot-Revision"), "1");
    EXPECT_EQ(ask("DELETE", "/v1/streams/order-1/snapshots").json()["deleted"], 1);
    EXPECT_EQ(ask("DELETE", "/v1/streams/order-1/snapshots").json()["deleted"], 0);
}

}  // namespace
}  // namespace annals::http_door
