// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/parsed_append.hpp"

#include <string>

#include <gtest/gtest.h>

#include "annals/json_events/event_json.hpp"

namespace annals::json_events {
namespace {

constexpr auto kPlain = AppendFormat::kPlain;
constexpr auto kCloud = AppendFormat::kCloudEvent;
constexpr auto kBatch = AppendFormat::kCloudBatch;

ParsedAppend must(Result<ParsedAppend> parsed) {
    EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().to_string());
    return std::move(*parsed);
}

std::string refused_append(
    std::string body, AppendFormat format = kPlain, std::string stream = "order-1"
) {
    const auto parsed = ParsedAppend::parse(std::move(body), format, std::move(stream));
    EXPECT_FALSE(parsed);
    if (parsed) return "";
    EXPECT_EQ(parsed.error().code(), ErrorCode::kInvalidArgument);
    return std::string(parsed.error().field("field"));
}

TEST(ParsedAppend, TakesOneEvent) {
    ParsedAppend parsed = must(ParsedAppend::parse(
        R"({"type":"placed","data": {"a" : [1, 2.50]} ,"tags":["a:1","\u00fc:2"],
            "id":"01900000-0000-7000-8000-000000000001","metadata":{"m":1},
            "valid_time":"2026-01-01T01:00:00+01:00","dialect":{"x":"y","z":{"base64":"AA=="}}})",
        kPlain,
        "order-1"
    ));
    const model::AppendRequest& request = parsed.request();
    EXPECT_EQ(request.stream, "order-1");
    ASSERT_EQ(request.events.size(), 1u);
    const model::NewEvent& event = request.events.front();
    EXPECT_EQ(event.type, "placed");
    EXPECT_EQ(event.data, R"({"a" : [1, 2.50]})") << "byte for byte";
    EXPECT_EQ(event.metadata, R"({"m":1})");
    ASSERT_EQ(event.tags.size(), 2u);
    EXPECT_EQ(event.tags[1], "ü:2");
    EXPECT_EQ(event.valid_time->offset_minutes, 60);
    EXPECT_EQ(event.valid_time->at, TimeNs(1'767'225'600'000'000'000));
    ASSERT_EQ(event.dialect.size(), 2u);
    EXPECT_EQ(event.dialect[1].value, std::string_view("\0", 1));
}

TEST(ParsedAppend, TakesManyEventsWithOrWithoutAnEnvelope) {
    EXPECT_EQ(
        must(ParsedAppend::parse(R"([{"type":"a"},{"type":"b"}])", kPlain, "s"))
            .request()
            .events.size(),
        2u
    );
    ParsedAppend parsed = must(ParsedAppend::parse(
        R"({"expected":3,"events":[{"type":"a","data":"text","content_type":"text/plain"}],
            "checks":[{"stream":"b-1","expected":"no_stream"},
                      {"query":{"items":[{"types":["t"],"tags":["k:v"]}]},"after":"tok"}],
            "tracking":{"source":"s","consumer":"c","key":"k","position":9}})",
        kPlain,
        "a-1"
    ));
    const model::AppendRequest& request = parsed.request();
    ASSERT_EQ(request.checks.size(), 3u);
    const auto& own = std::get<model::StreamCheck>(request.checks[0]);
    EXPECT_EQ(own.stream, "a-1");
    EXPECT_EQ(own.expected, model::ExpectedRevision::exactly(Revision(3)));
    EXPECT_EQ(
        std::get<model::StreamCheck>(request.checks[1]).expected,
        model::ExpectedRevision::no_stream()
    );
    const auto& query = std::get<model::QueryCheck>(request.checks[2]);
    EXPECT_EQ(query.after, "tok");
    EXPECT_EQ(query.query, (model::Query{{{{"t"}, {"k:v"}}}}));
    EXPECT_EQ(request.tracking->position, 9u);
    EXPECT_EQ(request.events.front().data, "text")
        << "text of another type comes out of its quotes";
}

TEST(ParsedAppend, NamesTheMemberThatIsWrong) {
    EXPECT_EQ(refused_append("{"), "body");
    EXPECT_EQ(refused_append(""), "body");
    EXPECT_EQ(refused_append("7"), "body");
    EXPECT_EQ(refused_append(R"({"typ":"a"})"), "typ");
    EXPECT_EQ(refused_append(R"([{"type":"a"},{"type":7}])"), "[1].type");
    EXPECT_EQ(refused_append(R"([{"type":"a","tags":["a:1",{}]}])"), "[0].tags[1]");
    EXPECT_EQ(refused_append(R"([{"type":"a","id":"7"}])"), "[0].id");
    EXPECT_EQ(refused_append(R"([{"type":"a","valid_time":"now"}])"), "[0].valid_time");
    EXPECT_EQ(refused_append(R"([{"type":"a","schema_id":4294967296}])"), "[0].schema_id");
    EXPECT_EQ(refused_append(R"([{"type":"a","data_base64":"-"}])"), "[0].data_base64");
    EXPECT_EQ(refused_append(R"([{"type":"a","position":7}])"), "[0].position");
    EXPECT_EQ(refused_append(R"({"events":[7]})"), "events[0]");
    EXPECT_EQ(refused_append(R"({"events":[],"more":1})"), "more");
    EXPECT_EQ(refused_append(R"({"events":[],"expected":-1})"), "expected");
    EXPECT_EQ(refused_append(R"({"events":[],"checks":[{"stream":"a"}]})"), "checks[0]");
    EXPECT_EQ(
        refused_append(R"({"events":[],"checks":[{"query":{"items":[{"tag":[]}]}}]})"),
        "checks[0].query.items[0].tag"
    );
    EXPECT_EQ(refused_append(R"({"events":[],"expected":1})", kPlain, ""), "expected");
    EXPECT_EQ(refused_append(R"({"type":"a"})", kPlain, ""), "type");
}

TEST(ParsedAppend, TakesCloudEvents) {
    ParsedAppend parsed = must(ParsedAppend::parse(
        R"([{"specversion":"1.0","id":"7","source":"https://shop.example/orders","type":"placed",
             "subject":"order-1","time":"2026-01-01T00:00:00Z","datacontenttype":"application/json",
             "dataschema":"https://schema.example/1","tags":"a:1,b:x%2Cy","myext":5,"flag":true,"size":"5","other":null,
             "correlationid":"c","data":{"a":1}},
            {"specversion":"1.0","id":"01900000-0000-7000-8000-000000000001","type":"t",
             "source":"/annals/default/order-2","subject":"order-2","sequence":"01",
             "datacontenttype":"text/plain","data":"hi"}])",
        kBatch,
        ""
    ));
    ASSERT_EQ(parsed.request().events.size(), 2u);
    const model::NewEvent& first = parsed.request().events[0];
    EXPECT_EQ(first.stream, "order-1");
    EXPECT_EQ(first.type, "placed");
    EXPECT_EQ(first.content_type, "");
    EXPECT_EQ(first.correlation_id, "c");
    EXPECT_EQ(first.data, R"({"a":1})");
    EXPECT_EQ(first.id.bytes[6] >> 4u, 5) << "a UUIDv5 of source and id";
    ASSERT_EQ(first.tags.size(), 2u);
    EXPECT_EQ(first.tags[1], "b:x,y");
    const model::NewEvent& second = parsed.request().events[1];
    EXPECT_EQ(second.id.to_string(), "01900000-0000-7000-8000-000000000001");
    EXPECT_TRUE(second.dialect.empty()) << "nothing of it is foreign";
    EXPECT_EQ(second.data, "hi");

    model::RecordedEvent stored;
    static_cast<model::NewEvent&>(stored) = first;
    std::string written;
    append_cloud_event(written, stored, "default");
    EXPECT_NE(written.find(R"("myext":5)"), std::string::npos) << written;
    EXPECT_NE(written.find(R"("flag":true)"), std::string::npos) << "a boolean stays one";
    EXPECT_NE(written.find(R"("size":"5")"), std::string::npos) << "and a text a text";
    ParsedAppend again = must(ParsedAppend::parse(written, kCloud, ""));
    const model::NewEvent& back = again.request().events.front();
    EXPECT_EQ(back.id, first.id);
    EXPECT_EQ(back.dialect, first.dialect) << "id, source, schema and extensions come back";
    EXPECT_EQ(back.tags, first.tags);
    EXPECT_EQ(back.valid_time, first.valid_time);
}

TEST(ParsedAppend, NamesTheAttributeThatIsWrong) {
    const auto event = [](const std::string& rest) {
        return R"({"specversion":"1.0","id":"1","source":"/x","type":"t")" + rest + "}";
    };
    must(ParsedAppend::parse(event(""), kCloud, "s-1"));
    EXPECT_EQ(refused_append(event(R"(,"specversion":"0.3")"), kCloud), "specversion");
    EXPECT_EQ(refused_append(R"({"id":"1"})", kCloud), "specversion");
    EXPECT_EQ(refused_append(R"([{"specversion":"1.0"}])", kBatch), "[0].id");
    EXPECT_EQ(refused_append(event(R"(,"time":"now")"), kCloud), "time");
    EXPECT_EQ(refused_append(event(R"(,"my_ext":"a")"), kCloud), "my_ext");
    EXPECT_EQ(refused_append(event(R"(,"myext":[])"), kCloud), "myext");
    EXPECT_EQ(refused_append(event(R"(,"schemaid":"x")"), kCloud), "schemaid");
    EXPECT_EQ(refused_append(event(R"(,"data_base64":"x")"), kCloud), "data_base64");
    // Whichever comes first: neither may be dropped.
    const std::string both[] = {
        R"(,"data":1,"data_base64":"YQ==")", R"(,"data_base64":"YQ==","data":1)"
    };
    for (const std::string& rest : both) {
        EXPECT_EQ(refused_append(event(rest), kCloud), "data_base64");
        EXPECT_EQ(
            refused_append("[" + event("") + "," + event(rest) + "]", kBatch), "[1].data_base64"
        );
    }
    EXPECT_EQ(refused_append(event(R"(,"data_base64":"","data":null)"), kCloud), "data_base64");
}

/// What is told as the value is what was sent, or nothing where nothing was.
TEST(ParsedAppend, TellsTheValueThatWasSent) {
    const auto value = [](std::string body, AppendFormat format = kPlain) {
        const auto parsed = ParsedAppend::parse(std::move(body), format, "order-1");
        EXPECT_FALSE(parsed);
        return parsed ? "" : std::string(parsed.error().field("value"));
    };
    EXPECT_EQ(value(R"({"type":"a","more":[1, 2]})"), "[1, 2]");
    EXPECT_EQ(value(R"({"type":"a","type":"b"})"), R"("b")");
    EXPECT_EQ(value(R"({"type":{"a":1}})"), R"({"a":1})");
    EXPECT_EQ(value(R"({"type":"a","position":7})"), "7");
    EXPECT_EQ(value(R"({"type":"a","data":1,"data_base64":"YQ=="})"), R"("YQ==")");
    EXPECT_EQ(value(R"({"events":[],"checks":[{"stream":"a"}]})"), R"({"stream":"a"})");
    EXPECT_EQ(value(R"({"events":[],"checks":[{}]})"), "{}");
    EXPECT_EQ(value(R"({"specversion":"1.0","source":"/x"})", kCloud), "") << "no id was sent";
    EXPECT_EQ(value(R"({"events":[],"tracking":{"source":"s","consumer":"c"}})"), "");
}

TEST(ParsedAppend, TakesACloudEventInBinaryMode) {
    const std::vector<CloudAttribute> attributes = {
        {"specversion", "1.0"}, {"id", "1"}, {"source", "/x"}, {"type", "t"}, {"myext", "ü"}
    };
    ParsedAppend parsed = must(
        ParsedAppend::parse_binary("{\"a\":1}", "application/json", attributes, "s-1")
    );
    const model::NewEvent& event = parsed.request().events.front();
    EXPECT_EQ(event.stream, "s-1");
    EXPECT_EQ(event.data, "{\"a\":1}");
    EXPECT_EQ(event.content_type, "");
    ASSERT_EQ(event.dialect.size(), 3u);
    EXPECT_EQ(event.dialect[0].name, "ce.myext");
    const auto broken = ParsedAppend::parse_binary("{", "application/json", attributes, "s-1");
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().field("field"), "body");
    EXPECT_TRUE(ParsedAppend::parse_binary("{", "text/plain", attributes, "s-1"));
    const auto missing = ParsedAppend::parse_binary("{}", "", {{"specversion", "1.0"}}, "s-1");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().field("field"), "ce-id");
}

TEST(ParsedAppend, KeepsItsViewsWhileOthersAreRead) {
    // Texts with escapes are kept by the parser, which the next one of the thread takes over.
    const auto text_of = [](int number, std::size_t bytes) {
        return R"({"type":"\u00fc)" + std::to_string(number) + R"(","data":")" +
               std::string(bytes, 'x') + R"("})";
    };
    ParsedAppend first = must(ParsedAppend::parse(text_of(1, 10), kPlain, "order-1"));
    {
        ParsedAppend second = must(ParsedAppend::parse(text_of(2, 5'000), kPlain, "order-1"));
        EXPECT_EQ(second.request().events.front().type, "ü2");
        refused_append(R"({"type":"\u00fc3","data":1,"none":2})");
        EXPECT_EQ(second.request().events.front().type, "ü2");
    }
    for (const int number : {4, 5}) {
        for (const std::size_t bytes : {1u, 300'000u, 20u}) {
            ParsedAppend next = must(ParsedAppend::parse(text_of(number, bytes), kPlain, "o-1"));
            EXPECT_EQ(next.request().events.front().type, "ü" + std::to_string(number));
            EXPECT_EQ(next.request().events.front().data.size(), bytes + 2);
        }
    }
    EXPECT_EQ(first.request().events.front().type, "ü1");
}

TEST(ParsedAppend, KeepsTheViewsWhenItMoves) {
    ParsedAppend first = must(ParsedAppend::parse(R"({"type":"\u0061bc"})", kPlain, "s"));
    ParsedAppend second = std::move(first);
    EXPECT_EQ(second.request().events.front().type, "abc");
    EXPECT_EQ(second.request().stream, "s");
}

TEST(ParsedAppend, TakesNothingTwice) {
    EXPECT_EQ(refused_append(R"({"type":"t","type":"u"})"), "type");
    EXPECT_EQ(refused_append(R"({"type":"t","data":1,"data_base64":"AA=="})"), "data_base64");
    EXPECT_EQ(refused_append(R"({"type":"t","data_base64":"AA==","data":1})"), "data_base64");
    EXPECT_EQ(
        refused_append(R"({"type":"t","metadata":{},"metadata_base64":"AA=="})"), "metadata_base64"
    );
}

TEST(ParsedAppend, GoesToThePathsStreamAlone) {
    EXPECT_EQ(refused_append(R"({"type":"t","stream":"order-2"})"), "stream");
    EXPECT_EQ(refused_append(R"([{"type":"t"},{"type":"t","stream":"order-2"}])"), "[1].stream");
    EXPECT_EQ(
        refused_append(R"({"events":[{"type":"t","stream":"order-2"}]})"), "events[0].stream"
    );
    EXPECT_TRUE(
        ParsedAppend::parse(R"({"type":"t","stream":"order-1"})", kPlain, "order-1").has_value()
    );
}

TEST(ParsedAppend, TracksNothingWithoutAPosition) {
    EXPECT_EQ(
        refused_append(R"({"events":[{"type":"t"}],"tracking":{"source":"s","consumer":"c"}})"),
        "tracking.position"
    );
}

}  // namespace
}  // namespace annals::json_events
