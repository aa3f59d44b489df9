// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/archived_event.hpp"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace annals::json_events {
namespace {

model::RecordedEvent order_event(std::string_view data) {
    model::RecordedEvent event;
    event.stream = "order-1";
    event.type = "placed";
    event.id = *Uuid::parse("01900000-0000-7000-8000-000000000001");
    event.position = Position(7);
    event.revision = Revision(3);
    event.recorded_time = TimeNs(1'767'225'600'250'000'001);
    event.data = data;
    return event;
}

std::string written(const model::RecordedEvent& event, const model::AppendNote* note = nullptr) {
    std::string out;
    append_archived_event(out, event, note);
    return out;
}

TEST(ArchivedEvent, KeepsEveryByteOfJsonThatDoesNotLieInOneLine) {
    ArchivedEventParser parser;
    ArchivedEvent read;
    for (const std::string_view data :
         {"{\n  \"a\": 1\n}", " {}", "[1] ", "{}", "\"a\\nb\"", "1e400", "no json", "\xff\x01"}) {
        const std::string line = written(order_event(data));
        EXPECT_EQ(line.find('\n'), std::string::npos);
        ASSERT_TRUE(parser.parse(line, read)) << line;
        EXPECT_EQ(read.event.data, data);
        EXPECT_TRUE(read.has_stamp);
        EXPECT_EQ(read.event.recorded_time, TimeNs(1'767'225'600'250'000'001));
        EXPECT_EQ(written(read.event), line);
    }
}

RC_GTEST_PROP(
    ArchivedEvent, BytesComeBack, (const std::string& data, const std::string& metadata)
) {
    model::RecordedEvent event = order_event(data);
    event.metadata = metadata;
    event.content_type = data.size() % 2 == 0 ? "" : "text/plain";
    const std::string line = written(event);
    ArchivedEventParser parser;
    ArchivedEvent read;
    RC_ASSERT(parser.parse(line, read).has_value());
    RC_ASSERT(read.event.data == data);
    RC_ASSERT(read.event.metadata == metadata);
    RC_ASSERT(model::fingerprint(read.event) == model::fingerprint(event));
}

TEST(ArchivedEvent, HasTheNoteOfItsAppend) {
    model::AppendNote note;
    note.events = 3;
    note.principal = "ann";
    note.tracking = model::Tracking{"a", "b", "c", 9};
    note.tracking_fingerprint = 0xFFFF'FFFF'FFFF'FFFF;
    const std::string line = written(order_event("{}"), &note);
    ArchivedEventParser parser;
    ArchivedEvent read;
    ASSERT_TRUE(parser.parse(line, read));
    ASSERT_TRUE(read.append.has_value());
    EXPECT_EQ(read.append->events, 3u);
    EXPECT_EQ(read.append->principal, "ann");
    EXPECT_EQ(read.append->tracking->key, "c");
    EXPECT_EQ(read.append->tracking_fingerprint, 0xFFFF'FFFF'FFFF'FFFF);
    EXPECT_EQ(written(read.event, &*read.append), line);
    const model::AppendNote plain;
    EXPECT_EQ(written(order_event("{}"), &plain).find("append"), std::string::npos);
}

TEST(ArchivedEvent, TakesAnEventWithoutAStampAndRefusesHalfOfOne) {
    ArchivedEventParser parser;
    ArchivedEvent read;
    ASSERT_TRUE(parser.parse(R"({"stream":"a-1","type":"t"})", read));
    EXPECT_FALSE(read.has_stamp);
    EXPECT_TRUE(read.event.id.is_nil());
    const Status half = parser.parse(R"({"stream":"a-1","type":"t","position":3})", read);
    ASSERT_FALSE(half);
    EXPECT_EQ(half.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_FALSE(parser.parse(R"({"stream":"a-1","type":"t","append":{"events":0}})", read));
    EXPECT_FALSE(parser.parse("[]", read));
    EXPECT_FALSE(parser.parse("", read));
}

}  // namespace
}  // namespace annals::json_events
