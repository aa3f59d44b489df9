// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/event_json.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>

#include "annals/json_events/json_text.hpp"
#include "annals/json_events/parsed_append.hpp"
#include "annals/json_events/parsed_page.hpp"
#include "annals/json_events/time_text.hpp"

namespace annals::json_events {
namespace {

using nlohmann::json;

model::RecordedEvent event_of(std::string_view data, std::string_view content_type = "") {
    model::RecordedEvent event;
    event.stream = "order-1";
    event.type = "placed";
    event.id = *Uuid::parse("01900000-0000-7000-8000-000000000001");
    event.position = Position(7);
    event.revision = Revision(3);
    event.recorded_time = TimeNs(1'767'225'600'250'000'000);
    event.data = data;
    event.content_type = content_type;
    return event;
}

std::string plain(const model::RecordedEvent& event) {
    std::string out;
    append_event(out, event);
    return out;
}

json cloud(const model::RecordedEvent& event) {
    std::string out;
    append_cloud_event(out, event, "default");
    return json::parse(out);
}

TEST(EventJson, HasTheMembersThatHaveValuesInAFixedOrder) {
    EXPECT_EQ(
        plain(event_of(R"({"total": 1.50})")),
        R"({"stream":"order-1","revision":3,"position":7,)"
        R"("id":"01900000-0000-7000-8000-000000000001","type":"placed",)"
        R"("recorded_time":"2026-01-01T00:00:00.250Z","data":{"total": 1.50}})"
    );
}

TEST(EventJson, KeepsJsonOtherTextAndBytesApart) {
    EXPECT_EQ(json::parse(plain(event_of("\"text\"")))["data"], "text");
    EXPECT_EQ(json::parse(plain(event_of("{\n\"a\":\r\n1}")))["data"]["a"], 1);
    EXPECT_EQ(plain(event_of("{\n\"a\":1}")).find('\n'), std::string::npos);
    EXPECT_EQ(json::parse(plain(event_of("no json")))["data_base64"], "bm8ganNvbg==");
    EXPECT_EQ(json::parse(plain(event_of("no json", "text/plain")))["data"], "no json");
    EXPECT_EQ(json::parse(plain(event_of("\xFF", "text/plain")))["data_base64"], "/w==");
    EXPECT_FALSE(json::parse(plain(event_of(""))).contains("data"));
}

TEST(EventJson, KeepsNumbersThatNoMachineTypeHolds) {
    const std::string data = R"({"n":123456789012345678901234567890,"x":1e400})";
    EXPECT_NE(plain(event_of(data)).find(data), std::string::npos);
}

TEST(EventJson, WritesACloudEventWithOurExtensions) {
    model::RecordedEvent event = event_of("{}");
    event.valid_time = model::ValidTime{TimeNs(0), 120};
    event.tags = {"a:1", "b:x,y%"};
    event.correlation_id = "c";
    const json written = cloud(event);
    EXPECT_EQ(written["specversion"], "1.0");
    EXPECT_EQ(written["source"], "/annals/default/order-1");
    EXPECT_EQ(written["subject"], "order-1");
    EXPECT_EQ(written["time"], "1970-01-01T02:00:00+02:00");
    EXPECT_EQ(written["datacontenttype"], "application/json");
    EXPECT_EQ(written["sequence"], "00000000000000000007");
    EXPECT_EQ(written["recordedtime"], "2026-01-01T00:00:00.250Z");
    EXPECT_EQ(written["partitionkey"], "order-1");
    EXPECT_EQ(written["correlationid"], "c");
    EXPECT_EQ(written["tags"], "a:1,b:x%2Cy%25");
}

TEST(JsonText, EscapesAndReplaces) {
    std::string out;
    append_string(out, "a\"\\\n\x01ü");
    EXPECT_EQ(out, "\"a\\\"\\\\\\n\\u0001ü\"");
    out.clear();
    append_string(out, "a\xFF");
    EXPECT_EQ(out, "\"a\xEF\xBF\xBD\"");
}

TEST(JsonText, KnowsJson) {
    for (const char* good : {"1", "\"a\"", " [1,2] ", "null", "{\"a\":{}}", "1e999"}) {
        EXPECT_TRUE(is_json(good)) << good;
    }
    for (const char* bad :
         {"", " ", "tru", "{} {}", "{\"a\":}", "\"\xFF\"", "[1,]", "'a'", "NaN"}) {
        EXPECT_FALSE(is_json(bad)) << bad;
    }
    EXPECT_FALSE(is_json(std::string(5'000, '['))) << "too deep";
}

TEST(TimeText, WritesAndReadsRfc3339) {
    const auto back = [](std::string_view text) {
        const auto time = parse_time(text, "t");
        return time ? time_text(time->at, time->offset_minutes) : time.error().to_string();
    };
    for (const char* text :
         {"2026-03-01T12:00:00Z",
          "1969-12-31T23:59:59.999999999Z",
          "2026-03-01T12:00:00.250-03:30",
          "2026-03-01T12:00:00.001+00:01",
          "2026-03-01T02:03:04.000010Z",
          "2026-03-01T02:03:04.000000001+14:00",
          "1678-01-01T00:00:00Z",
          "2261-12-31T23:59:59Z"}) {
        EXPECT_EQ(back(text), text);
    }
    EXPECT_EQ(back("2026-03-01 12:00:00.2500Z"), "2026-03-01T12:00:00.250Z");
    for (const char* bad :
         {"",
          "2026-03-01",
          "2026-02-30T00:00:00Z",
          "2026-03-01T24:00:00Z",
          "2026-03-01T12:00:00",
          "2026-03-01T12:00:00.Z",
          "2026-03-01T12:00:00.1234567890Z",
          "2026-03-01T12:00:00+25:00",
          "1600-01-01T00:00:00Z",
          "2026-03-01T12:00:00Zx"}) {
        const auto time = parse_time(bad, "t");
        ASSERT_FALSE(time) << bad;
        EXPECT_EQ(time.error().field("field"), "t");
    }
}

std::string any_text() {
    return *rc::gen::container<std::string>(rc::gen::inRange<char>(' ', '~'));
}

/// Whatever is stored comes back the same through JSON.
RC_GTEST_PROP(EventJsonProperty, EveryEventComesBack, ()) {
    const std::string data = *rc::gen::oneOf(
        rc::gen::arbitrary<std::string>(), rc::gen::just<std::string>(R"({"a":[1,"ü",null]})")
    );
    const std::string metadata = *rc::gen::arbitrary<std::string>();
    const std::string type = any_text();
    const std::string actor = any_text();
    const std::string tag = any_text();
    const std::string value = *rc::gen::arbitrary<std::string>();
    model::RecordedEvent event = event_of(
        data, *rc::gen::element("", "text/plain", "application/cbor", "application/x+json")
    );
    event.type = type;
    event.actor = actor;
    event.metadata = metadata;
    event.tags = {tag, "b"};
    event.dialect = {{"x.y", value}};
    event.schema_id = *rc::gen::arbitrary<std::uint32_t>();
    event.valid_time = model::ValidTime{
        TimeNs(
            *rc::gen::inRange<std::int64_t>(-9'000'000'000'000'000'000, 9'000'000'000'000'000'000)
        ),
        *rc::gen::inRange(-1'439, 1'440)
    };
    const auto batch = parse_events("[" + plain(event) + "]");
    RC_ASSERT(batch.has_value());
    const auto back = batch->decode();
    RC_ASSERT(back->size() == 1u);
    const model::RecordedEvent& read = back->front();
    RC_ASSERT(read.type == event.type);
    RC_ASSERT(read.actor == event.actor);
    RC_ASSERT(read.metadata == event.metadata || is_json(metadata));
    RC_ASSERT(read.data == event.data || is_json(data));
    RC_ASSERT(read.tags == event.tags);
    RC_ASSERT(read.dialect == event.dialect);
    RC_ASSERT(read.schema_id == event.schema_id);
    RC_ASSERT(read.valid_time == event.valid_time);
    RC_ASSERT(read.position == event.position);
    RC_ASSERT(read.revision == event.revision);
    RC_ASSERT(read.recorded_time == event.recorded_time);
    RC_ASSERT(read.id == event.id);
}

}  // namespace
}  // namespace annals::json_events
